/** The answerer's conversation (spec/protocol.md section 10, steps 2 and 3). */
import { openAsk, type Ask, type Receipt } from '@halfkey/sdk'
import { followProgress } from '../compose/upload.ts'
import { workerKem } from '../kem/kem.ts'

export interface Draft {
  text: string
  files: readonly File[]
}

export const EMPTY_DRAFT: Draft = { text: '', files: [] }

/** A request that was checked. */
export interface Asked {
  ask: Ask
  /** Given the same draft again, it sends the same bytes until a reply has come. @throws HalfkeyError as `ask.answer`. */
  send: (draft: Draft, show: (done: number, total: number) => void, signal: AbortSignal) => Promise<Receipt>
  /** Whether the server has taken the answer that was sent last, perhaps without all of its files. */
  isTaken: () => boolean
}

/** Checks the link in the address bar, where it stays: with it, anyone can answer, and nobody read. */
export async function open(): Promise<Asked> {
  let isTaken = false
  const { fetch, start } = followProgress()
  const watched: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (typeof input === 'string' && input.endsWith('/answers')) isTaken ||= response.ok
    return response
  }
  const ask = await openAsk(location.href, { kem: workerKem, fetch: watched })
  return {
    ask,
    isTaken: () => isTaken,
    send({ text, files }, show, signal) {
      isTaken = false
      return ask.answer(text, { attachments: [...files], onProgress: start(show), signal })
    },
  }
}
