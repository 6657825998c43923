/** The recipient's conversation (spec/protocol.md section 9), as what the page is at: one `State` after another. */
import { HalfkeyError, openLink, type Link, type Opened, type SolveCaptcha } from '@halfkey/sdk/open'
import { leaveAddress, reachedServer, readLink } from './address.ts'
import { keep, type KeptReveal } from './kept.ts'
import type { ReadableFile } from './save.ts'

/** Parts of the page that few secrets need, loaded for those. @throws HalfkeyError NETWORK */
const loadCodeParts = () => import('./code.tsx').catch(notLoaded)
export const loadFileParts = () => import('./files.tsx').catch(notLoaded)
const loadCaptcha = () => import('./captcha.ts').catch(notLoaded)

function notLoaded(): never {
  throw new HalfkeyError('NETWORK', 'A part of this page could not be loaded.')
}

const solveInWorker: SolveCaptcha = async (...args) => (await loadCaptcha()).solveInWorker(...args)

type CodeParts = Awaited<ReturnType<typeof loadCodeParts>>
type FileParts = Awaited<ReturnType<typeof loadFileParts>>

export interface Offer {
  escaped: boolean
  link: Link
  kept: KeptReveal
  /** Which of several that the address shows; undefined: it shows one. */
  item?: string
  /** undefined: no one-time code is asked for. */
  codeParts: CodeParts | undefined
  /** The tab has sent this reveal before. */
  resumed: boolean
}

export interface Revealed {
  opened: Opened
  /** As the offer's. */
  item?: string | undefined
  /** What its reader saves: content that isn't text, and attachments. */
  files: readonly ReadableFile[]
  /** undefined: there are no files. */
  fileParts: FileParts | undefined
  /** Not to be shown until asked for. */
  covered: boolean
  /** No view is left. */
  isLast: boolean
  /** A reload gets it again. */
  isKept: boolean
}

export type State = { escaped: boolean } & (
  | { at: 'start' }
  | ({ at: 'offer'; refusal?: unknown } & Offer)
  | ({ at: 'secret' } & Revealed)
  | { at: 'end'; finishedAt: Date; isLast: boolean }
  | { at: 'failure'; error: unknown; resumed: boolean }
)

export const STARTING: State = { at: 'start', escaped: false }

export interface Proofs {
  password: string | undefined
  otp: string | undefined
}

/** Reads the link, then asks the server what a reveal takes. Spends nothing. */
export async function begin(): Promise<State> {
  let escaped = false
  try {
    const kept = readLink()
    if ('finishedAt' in kept) {
      return { at: 'end', escaped, finishedAt: new Date(kept.finishedAt), isLast: kept.isLast }
    }
    escaped = reachedServer(kept.shareUrl)
    const { shareUrl, revealId } = kept
    // Both check the link first: nothing is sent of one that is wrong.
    const [link] = await Promise.all([openLink(shareUrl, { revealId }), leaveAddress(kept)])
    // Ahead of time alone: the reveal waits for it.
    if (link.files.length > 0) loadFileParts().catch(() => undefined)
    const codeParts = link.needs.otp ? await loadCodeParts() : undefined
    return { at: 'offer', escaped, link, kept, codeParts, resumed: revealId !== undefined }
  } catch (error) {
    return { at: 'failure', escaped, error, resumed: false }
  }
}

/** Spends a view, unless this tab's reveal was recorded before. */
export async function reveal(offer: Offer, proofs: Proofs, covered: boolean): Promise<State> {
  const { link, kept, item, resumed, escaped } = offer
  // Of the first time: a repeated reveal finds the count that it has itself lowered.
  const { viewsLeft = link.viewsLeft } = kept
  const sent = { ...kept, revealId: link.revealId, viewsLeft }
  const isKept = keep(sent, item)
  try {
    // Loaded before a view is spent, which would be lost on a page that can't save what it opened.
    if (link.files.length > 0) await loadFileParts()
    const opened = await link.reveal({ ...proofs, captcha: solveInWorker })
    const files = filesOf(opened)
    const fileParts = files.length > 0 ? await loadFileParts() : undefined
    return { at: 'secret', escaped, opened, item, files, fileParts, covered, isLast: viewsLeft === 1, isKept }
  } catch (error) {
    if (!mayPass(error)) return { at: 'failure', escaped, error, resumed }
    const codeParts = concerns(error, 'OTP') ? await loadCodeParts() : offer.codeParts
    return { ...offer, at: 'offer', kept: sent, codeParts, resumed: resumed || isUncertain(error), refusal: error }
  }
}

function filesOf(opened: Opened): ReadableFile[] {
  const bytes = opened.text === undefined && opened.bytes()
  const attachments = opened.files as unknown as ReadableFile[]
  if (!bytes) return attachments
  const stream = () => new Blob([bytes]).stream()
  return [{ name: 'secret.bin', size: bytes.length, stream }, ...attachments]
}

/** Acks, which lets the server destroy what no other reader still needs, and makes the tab forget the key. */
export async function finish({ opened, item, isLast }: Revealed): Promise<State> {
  await opened.done()
  const finishedAt = new Date()
  keep({ finishedAt: finishedAt.toISOString(), isLast }, item)
  return { at: 'end', escaped: false, finishedAt, isLast }
}

/** Whether the server may have recorded the reveal although its reply didn't come. */
const isUncertain = (error: unknown): boolean =>
  error instanceof HalfkeyError && ['NETWORK', 'TIMEOUT', 'SERVER_ERROR', 'UNAVAILABLE'].includes(error.code)

const PASSING =
  /^(PASSWORD_|OTP_|CAPTCHA_|VALIDATION_ERROR$|NETWORK$|TIMEOUT$|RATE_LIMITED$|SERVER_ERROR$|UNAVAILABLE$)/

/** Whether a failure has to do with one of the proofs, by the first word of its code. */
export const concerns = (error: unknown, proof: string): boolean =>
  error instanceof HalfkeyError && error.code.startsWith(proof)

/** Whether the same click may succeed later. */
export const mayPass = (error: unknown): boolean =>
  error instanceof HalfkeyError && PASSING.test(error.code) && attemptsLeft(error) !== 0

export function attemptsLeft(error: HalfkeyError): number | undefined {
  const left = error.details?.['attempts_left']
  return typeof left === 'number' ? left : undefined
}
