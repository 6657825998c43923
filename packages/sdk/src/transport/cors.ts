/** Why a page of another origin got no reply: browsers don't tell a script (Fetch Standard, «CORS protocol»). */
import { HalfkeyError } from '../errors.ts'
import type { Call, TransportOptions } from './http.ts'

const TIMEOUT_MS = 5000

/**
 * Asks the server for something that every origin may read. A reply to that says that it is there and refuses this page.
 *
 * @returns undefined where that isn't the reason
 */
export async function refusedByCors(
  { url }: Call,
  base: string,
  { fetch = globalThis.fetch }: TransportOptions,
): Promise<HalfkeyError | undefined> {
  const { origin } = (globalThis as { location?: { origin?: string } }).location ?? {}
  if (origin === undefined || new URL(url).origin === origin) return undefined
  try {
    await fetch(`${base}/api/v1/links/`, { credentials: 'omit', signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch {
    return undefined
  }
  return new HalfkeyError(
    'NETWORK',
    `The server doesn't allow calls from pages of ${origin}. Its operator can add that origin to HALFKEY_CORS_ORIGINS.`,
  )
}
