/** The server that this page came from. */
import { Halfkey, HalfkeyError, type WireLimits } from '@halfkey/sdk'

/** With the path prefix that the page may stand under. */
export const baseUrl = new URL('.', location.origin + location.pathname).href

/**
 * What the server lets this sender ask for.
 *
 * @returns undefined if there is no telling: what it refuses then shows when the secret is made
 * @throws HalfkeyError AUTHENTICATION_ERROR, PERMISSION_DENIED if it doesn't take the token.
 */
export async function fetchLimits(token: string): Promise<WireLimits | undefined> {
  const headers: Record<string, string> = token === '' ? {} : { Authorization: `Bearer ${token}` }
  let response: Response
  try {
    response = await fetch(`${baseUrl}api/v1/limits`, { headers, credentials: 'omit' })
    if (response.ok) return ((await response.json()) as { data: WireLimits }).data
  } catch {
    return undefined
  }
  if (response.status === 401) throw new HalfkeyError('AUTHENTICATION_ERROR', 'The token isn’t one of this server.')
  if (response.status === 403) throw new HalfkeyError('PERMISSION_DENIED', 'The token lacks secrets:write.')
  return undefined
}

export interface Account {
  token: string
  workspaceKey: string
}

/** @throws HalfkeyError VALIDATION_ERROR for a token or workspace key that can't be one. */
export const createClient = ({ token, workspaceKey }: Account, send?: typeof fetch): Halfkey =>
  new Halfkey({
    baseUrl,
    ...(token !== '' && { token }),
    workspaceKey: workspaceKey === '' ? undefined : workspaceKey,
    fetch: send,
  })
