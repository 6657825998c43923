/** Which part of the page is shown: it stands in the address behind the #, and holds nothing secret. */
import { useEffect, useState } from 'preact/hooks'

export const PARTS = ['secrets', 'requests', 'named', 'stats', 'log', 'webhooks', 'tokens'] as const

export type PartName = (typeof PARTS)[number]

export interface Route {
  part: PartName
  /** A slug or a handler; undefined: the part's list. */
  item: string | undefined
}

export const hrefOf = (part: PartName, item?: string): string =>
  item === undefined ? `#${part}` : `#${part}/${encodeURIComponent(item)}`

function read(): Route {
  const [name, item] = location.hash.slice(1).split('/', 2)
  const part = PARTS.find((known) => known === name) ?? 'secrets'
  return { part, item: item === undefined || item === '' ? undefined : decode(item) }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

export function useRoute(): Route {
  const [route, setRoute] = useState(read)
  useEffect(() => {
    const follow = (): void => setRoute(read())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return route
}
