/** What the page says of a request that can't be looked at. */
import { HalfkeyError } from '@halfkey/sdk'
import type { Page } from '../i18n/page.tsx'
import { explainEnd, explainPassing, type Saying } from '../open/explain.ts'
import { mayPass } from '../open/conversation.ts'
import type { CollectWords } from './page.ts'

export const isLinkError = (error: unknown): boolean => error instanceof HalfkeyError && error.code.startsWith('LINK_')

type Voice = Pick<Page<CollectWords>, 'words' | 'formats'>

export function explainRequest(error: unknown, page: Voice): Saying {
  const { words: w } = page
  const { code = '', details } = error instanceof HalfkeyError ? error : {}
  switch (code) {
    case 'LINK_WRONG_KIND':
      return { title: w.badLink, text: w.collect.wrongKind[kindOf(details?.['kind'])] }
    case 'NOT_FOUND':
      return { title: w.nothingHere, text: w.collect.NOT_FOUND }
    case 'TAMPERED':
      return { title: w.cantOpen, text: w.collect.TAMPERED }
    default:
      return mayPass(error) ? { title: w.failedTitle, text: explainPassing(error, w) } : explainEnd(error, page, false)
  }
}

/** Of a look at the server that failed while the answers are on the page. */
export function explainWatching(error: unknown, page: Voice): string {
  const { text } = explainRequest(error, page)
  return mayPass(error) ? `${text} ${page.words.collect.keepsTrying}` : text
}

type Kind = keyof CollectWords['collect']['wrongKind']

const kindOf = (kind: unknown): Kind => (kind === 'ask' || kind === 'status' ? kind : 'share')
