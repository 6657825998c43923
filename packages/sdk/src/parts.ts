/**
 * What programs stand on that make keys of their own, as the bridge does: for this repository's packages, without a
 * promise that it stays.
 */
import { b64 } from './protocol/encoding.ts'
import type { TransportOptions } from './transport/http.ts'
import { parseLink } from './protocol/link.ts'
import { random } from './provider.ts'
import { Link, REVEAL_ID_LENGTH } from './link/reveal.ts'

export { presentSecret, sealSecretWith, type SecretParts } from './create/create.ts'
export { b58, unb58, type Bytes } from './protocol/encoding.ts'
export { request, type Call, type Reply } from './transport/http.ts'
export { loadKem } from './request/kem.ts'
export { hkdf, stretchPassword, verifierOf, type WorkspaceKey } from './protocol/keys.ts'
export type { PlatformCryptoKey } from './platform.ts'
export { HANDLER } from './protocol/kms.ts'
export { deriveLink, formatLink } from './protocol/link.ts'
export { openMetaJson, parseWorkspaceKey, workspaceCheck } from './protocol/owner.ts'
export {
  readEvents,
  readPagination,
  readSecret,
  readSecrets,
  readWorkspace,
  type SecretRecord,
} from './workspace/records.ts'
export { certificateProblem, nodeFetch, proxyVariable } from './transport/node-fetch.ts'
export { isEmail, openMailer, type MailerOptions, type SendLink } from './create/send-to.ts'

/**
 * `openLink` without asking for the status: a reveal tells what it needs by failing, and saves the server a call. A
 * password must be given only if the secret has one.
 *
 * @throws HalfkeyError LINK_*
 */
export async function trustLink(shareUrl: string, transport: TransportOptions): Promise<Link> {
  const link = await parseLink(shareUrl)
  const unasked = { password: null, otp: null, captcha: false, note: undefined, expiration: new Date(NaN) }
  const status = { ...unasked, viewsLeft: null, attemptsLeft: 0, files: [] }
  return new Link({ link, transport, status, revealId: b64(await random(REVEAL_ID_LENGTH)) })
}
