/** Solves captchas: ALTCHA's proof of work with SHA-256 (spec/captcha.md). */
import { post, type LinkAccess } from './conversation.ts'
import { utf8 } from '../protocol/encoding.ts'
import type { HalfkeyError } from '../errors.ts'
import { aborted, type TransportOptions } from '../transport/http.ts'
import {
  checkOptions,
  FUNCTION,
  SIGNAL,
  reportProgress,
  type CallOptions,
  type ProgressOptions,
  type Rules,
} from '../options.ts'
import { webcrypto } from '../provider.ts'
import { integer, malformedReply, nullable, object, record, string } from '../transport/read.ts'
import type { WireChallenge } from '../wire.ts'

/** Progress is in hashes. */
export interface SolveOptions extends CallOptions, ProgressOptions {}

const solveRules: Rules<SolveOptions> = { onProgress: FUNCTION, signal: SIGNAL }

const readChallenge = record({
  algorithm: string,
  challenge: string,
  maxnumber: integer,
  salt: string,
  signature: string,
})

/** Hashes that run at once, where WebCrypto is fastest, and between two checks of the signal. */
const BATCH = 256
/** A server that asks for more work than this isn't asking for a captcha. */
const MAX_NUMBER = 10_000_000
const MAX_SALT_CHARS = 1024

/**
 * Solves a captcha, by finding the number whose SHA-256, with the challenge's salt before it, is the challenge. `reveal` does
 * so by itself; call it where the work should happen elsewhere, such as in a worker.
 *
 * @param challenge  as `reveal`'s option `captcha` gets it; a solution is good for one reveal
 * @returns the `captcha` of a reveal: base64 (RFC 4648 §4) of ALTCHA's JSON
 * @throws HalfkeyError MALFORMED for what isn't such a challenge or has no solution; ABORTED.
 *
 * @example
 * ```ts
 * import { solveCaptcha } from '@halfkey/sdk'
 *
 * const { shareUrl } = await client.createSecret('secret', { captcha: true })
 * const link = await openLink(shareUrl)
 * const opened = await link.reveal({ captcha: (challenge, signal) => solveCaptcha(challenge, { signal }) })
 * console.log(opened.text)
 * ```
 */
export async function solveCaptcha(challenge: WireChallenge, options: SolveOptions = {}): Promise<string> {
  checkOptions(options, solveRules)
  const { maxnumber: total, ...known } = readChallenge(object(challenge))
  if (known.algorithm !== 'SHA-256' || total > MAX_NUMBER || known.salt.length > MAX_SALT_CHARS) throw malformedReply()
  const { subtle } = await webcrypto()
  const isSolution = async (number: number) =>
    hex(await subtle.digest('SHA-256', utf8(`${known.salt}${number}`))) === known.challenge

  for (let done = 0; done <= total; done += BATCH) {
    if (options.signal?.aborted) throw aborted(options.signal)
    void reportProgress(options, done, total)
    const matches = await Promise.all(Array.from({ length: BATCH }, (_, i) => isSolution(done + i)))
    const found = matches.indexOf(true)
    if (found >= 0) return btoa(JSON.stringify({ ...known, number: done + found }))
  }
  throw malformedReply()
}

const readStatus = record({ challenge: nullable(object) })

/**
 * A new challenge; null if the server refuses one. A recorded reveal needs none (claim C6), and any other fails with the
 * reason.
 */
export async function freshChallenge(
  link: LinkAccess,
  transport: TransportOptions,
  signal: AbortSignal | undefined,
): Promise<WireChallenge | null> {
  try {
    const { challenge } = readStatus(await post(link, transport, 'status', {}, signal))
    return challenge as WireChallenge | null
  } catch (error) {
    const { code } = error as Partial<HalfkeyError>
    if (code && /^(GONE|LOCKED|IP_DENIED|GEO_DENIED)$/.test(code)) return null
    throw error
  }
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
