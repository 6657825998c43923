import { useEffect, useState } from 'preact/hooks'

interface HistoryState {
  answer?: string
}

const read = (): string | undefined => (history.state as HistoryState | null)?.answer

/**
 * Which answer is looked at, by its slug; undefined: the list. It stands in the tab's history, so that the browser's own way
 * back leads to the list, and a reload to the same answer.
 */
export function useCurrent(): { current: string | undefined; go: (slug: string) => void; back: () => void } {
  const [current, setCurrent] = useState(read)
  useEffect(() => {
    const follow = (): void => setCurrent(read())
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [])
  const go = (answer: string): void => {
    history.pushState({ answer } satisfies HistoryState, '')
    setCurrent(answer)
  }
  return { current, go, back: () => history.back() }
}
