/** Solves captchas: ALTCHA's proof of work with SHA-256 (spec/captcha.md). */
import { post } from './conversation.ts'
import { utf8 } from '../protocol/encoding.ts'
import type { HalfkeyError } from '../errors.ts'
import { aborted, type TransportOptions } from '../transport/http.ts'
import type { ParsedLink } from '../protocol/link.ts'
import {
  checkOptions,
  FUNCTION,
  SIGNAL,
  tellProgress,
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

/** Hashes under way at once, which is what WebCrypto is fast at, and between two looks at the signal. */
const BATCH = 256
/** A server that asks for more wants something else than a captcha. */
const LARGEST = 10_000_000
const LONGEST_SALT = 1024

/**
 * Finds the number whose SHA-256, with the challenge's salt before it, is the challenge.
 *
 * @param challenge  a status's `challenge`; a solution is good for one reveal
 * @returns the `captcha` of a reveal: base64 (RFC 4648 §4) of ALTCHA's JSON
 * @throws HalfkeyError MALFORMED for what isn't such a challenge or has no solution, ABORTED.
 */
export async function solveCaptcha(challenge: WireChallenge, options: SolveOptions = {}): Promise<string> {
  checkOptions(options, solveRules)
  const { maxnumber: total, ...known } = readChallenge(object(challenge))
  if (known.algorithm !== 'SHA-256' || total > LARGEST || known.salt.length > LONGEST_SALT) throw malformedReply()
  const { subtle } = await webcrypto()
  const isSolution = async (number: number) =>
    hex(await subtle.digest('SHA-256', utf8(`${known.salt}${number}`))) === known.challenge

  for (let done = 0; done <= total; done += BATCH) {
    if (options.signal?.aborted) throw aborted(options.signal)
    void tellProgress(options, done, total)
    const matches = await Promise.all(Array.from({ length: BATCH }, (_, i) => isSolution(done + i)))
    const found = matches.indexOf(true)
    if (found >= 0) return btoa(JSON.stringify({ ...known, number: done + found }))
  }
  throw malformedReply()
}

const readStatus = record({ challenge: nullable(object) })

/**
 * A challenge that nobody has solved yet. None if the server refuses: a recorded reveal needs none (claim C6), and of
 * any other the reveal itself says why.
 */
export async function freshChallenge(
  link: ParsedLink,
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
