/** Collecting (spec/protocol.md section 10, step 5): the link, the request, and each answer up to its offer. */
import { openCollect, type Answer, type Collect, type RequestDetails } from '@halfkey/sdk'
import { readLink, reachedServer } from '../open/address.ts'
import { loadFileParts, type State as AnswerState } from '../open/conversation.ts'
import { workerKem } from '../kem/kem.ts'
import { keep, recall } from '../open/kept.ts'

/** The request and its answers, as of one look at the server. */
export interface Seen {
  details: RequestDetails
  answers: readonly Answer[]
}

export type State = { escaped: boolean } & (
  { at: 'start' } | { at: 'collecting'; collect: Collect; first: Seen } | { at: 'failure'; error: unknown }
)

export const STARTING: State = { at: 'start', escaped: false }

/** Reads the link in the address, or the one that the tab kept before a reload. Opens no answer. */
export async function begin(): Promise<State> {
  const link = readLink()
  return 'shareUrl' in link ? openLink(link.shareUrl) : STARTING
}

/** Takes the fragment of a link that opened out of the address bar, for the tab alone to keep. */
export async function openLink(collectUrl: string): Promise<State> {
  const escaped = reachedServer(collectUrl)
  try {
    const collect = await openCollect(collectUrl, { kem: workerKem })
    history.replaceState(history.state, '', collect.collectUrl.split('#', 1)[0])
    keep({ shareUrl: collect.collectUrl })
    return { at: 'collecting', escaped, collect, first: await look(collect) }
  } catch (error) {
    return { at: 'failure', escaped, error }
  }
}

export async function look(collect: Collect, signal?: AbortSignal): Promise<Seen> {
  // In this order: what was answered before the request ended is in the list.
  const details = await collect.details({ signal })
  return { details, answers: await collect.answers({ signal }) }
}

/** Answers that are still being uploaded: they count, and aren't in the list. */
export const uploading = ({ details, answers }: Seen): number => Math.max(0, details.answersCount - answers.length)

const itemOf = ({ slug }: Answer): string => `/${slug}`

/** Opens an answer's key, then asks the server what a reveal takes. Spends nothing. */
export async function offer(answer: Answer): Promise<AnswerState> {
  const item = itemOf(answer)
  const kept = recall(item)
  if (kept && 'finishedAt' in kept) {
    return { at: 'end', escaped: false, finishedAt: new Date(kept.finishedAt), isLast: kept.isLast }
  }
  try {
    const link = await answer.open({ revealId: kept?.revealId })
    // Ahead of time alone: the reveal waits for it.
    if (link.files.length > 0) loadFileParts().catch(() => undefined)
    const resumed = kept?.revealId !== undefined
    return { at: 'offer', escaped: false, link, kept: kept ?? {}, item, codeParts: undefined, resumed }
  } catch (error) {
    return { at: 'failure', escaped: false, error, resumed: false }
  }
}
