/** What a reveal hands out for its files: bound to the secret and to that reveal, and worth nothing without `access`. */
import { timingSafeEqual } from 'node:crypto'
import type { ServerKey } from '../server-key.ts'

const revealIdLength = 16
/** `revealId ‖ HMAC-SHA-256`, 48 bytes as b64. */
const pattern = /^[A-Za-z0-9_-]{64}$/

const macOf = ({ mac }: Pick<ServerKey, 'mac'>, slug: string, revealId: Buffer): Buffer => mac('grant', slug, revealId)

/** The same for the same reveal, so that a repeated reply is the same bytes. */
export const makeGrant = (key: Pick<ServerKey, 'mac'>, slug: string, revealId: Buffer): string =>
  Buffer.concat([revealId, macOf(key, slug, revealId)]).toString('base64url')

/** The reveal that the grant belongs to; null: it isn't one of this secret's. */
export function readGrant(key: Pick<ServerKey, 'mac'>, slug: string, grant: string | undefined): Buffer | null {
  if (grant === undefined || !pattern.test(grant)) return null
  const bytes = Buffer.from(grant, 'base64url')
  const revealId = bytes.subarray(0, revealIdLength)
  return timingSafeEqual(bytes.subarray(revealIdLength), macOf(key, slug, revealId)) ? revealId : null
}
