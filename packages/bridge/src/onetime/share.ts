/** `/share` and `/generate`: encrypts a secret, mails its link, and returns its two keys. */
import { randomBytes } from 'node:crypto'
import { deriveLink, formatLink, isEmail, openMailer, type Bytes } from '@halfkey/sdk/parts'
import {
  deriveKeyB,
  deriveManageKey,
  formatMetadataKey,
  formatSecretKey,
  KEY_BYTES,
  passwordVerifier,
  SEED_BYTES,
} from '../keys.ts'
import type { Account, Settings } from '../settings.ts'
import type { Created, Upstream } from '../upstream.ts'
import {
  accountRequired,
  foreignDomain,
  nothingToShare,
  passphraseTooLong,
  passphraseTooShort,
  secretTooLong,
  undeliverable,
  unexpected,
  unknownDomain,
} from './errors.ts'
import { clampTtl, maxAttempts, maxBytes, passphraseCharacters } from './limits.ts'
import { maskEmail } from './mask.ts'
import { numberOf, textOf, textsOf, type Params } from './params.ts'
import { noteMeta, type Note, type Receipt } from './receipt.ts'

export interface ShareParts {
  settings: Settings
  upstream: Upstream
  /** Hosts of the bridge itself, as the caller and the settings know them. */
  ownHosts: (string | undefined)[]
  log: (problem: string) => void
}

interface ShareRequest {
  secret: string
  ttl: number
  passphrase: string
  /** The address that the link is mailed to. */
  recipient: string | undefined
  shareDomain: string
}

/** Checks in the same order as Onetime Secret. @throws Refusal */
export function readShareRequest(
  secret: string,
  params: Params,
  { settings, upstream, ownHosts }: ShareParts,
): ShareRequest {
  const { account } = upstream
  if (Buffer.byteLength(secret) > maxBytes) throw secretTooLong(maxBytes)
  const recipient = readRecipient(params, settings, account)
  const shareDomain = readShareDomain(params, settings, account, ownHosts)
  const passphrase = readPassphrase(params)
  if (secret === '') throw nothingToShare()
  const ttl = clampTtl(numberOf(params['ttl']), account !== null)
  return { secret, ttl, passphrase, recipient, shareDomain }
}

function readRecipient({ recipient }: Params, { mail }: Settings, account: Account | null): string | undefined {
  const recipients = textsOf(recipient)
  if (recipients.length === 0) return undefined
  if (!account) throw accountRequired()
  const wrong = recipients.find((address) => !mail || !isEmail(address))
  if (wrong !== undefined) throw undeliverable(wrong)
  return recipients[0]
}

function readShareDomain(
  { share_domain }: Params,
  { accounts }: Settings,
  account: Account | null,
  ownHosts: (string | undefined)[],
): string {
  const requested = textOf(share_domain).trim()
  const domain = requested.toLowerCase()
  if (!/^[a-z\d-]+(\.[a-z\d-]+)+$/.test(domain) || ownHosts.includes(domain)) return ''
  if (account?.shareDomains.includes(domain)) return domain
  throw accounts.some(({ shareDomains }) => shareDomains.includes(domain))
    ? foreignDomain(requested)
    : unknownDomain(requested)
}

function readPassphrase(params: Params): string {
  const passphrase = textOf(params['passphrase'])
  const characters = Array.from(passphrase).length
  const { min, max } = passphraseCharacters
  if (characters > 0 && characters < min) throw passphraseTooShort(min)
  if (characters > max) throw passphraseTooLong(max)
  return passphrase
}

const draw = (length: number): Bytes => new Uint8Array(randomBytes(length))

/** Encrypts, stores and mails a secret. @throws Refusal, HalfkeyError */
export async function share(shareRequest: ShareRequest, parts: ShareParts): Promise<Receipt> {
  const { secret, ttl, passphrase, recipient, shareDomain } = shareRequest
  const { upstream } = parts
  const secretKey = formatSecretKey(draw(KEY_BYTES))
  const keyB = (await deriveKeyB(secretKey)) as Bytes
  const { slug } = await deriveLink(keyB)
  const seed = draw(SEED_BYTES)
  const manageKey = await deriveManageKey(slug, seed)
  const note: Note = {
    secret_key: secretKey,
    seed: Buffer.from(seed).toString('base64url'),
    custid: upstream.account?.user ?? 'anon',
    ttl,
    recipient: recipient === undefined ? [] : [maskEmail(recipient)],
    share_domain: shareDomain,
    ...(passphrase !== '' && { password_verifier: await passwordVerifier(passphrase, keyB, slug) }),
  }
  const created = await upstream.create(
    secret,
    { hours: ttl / 3600, maxAttempts: maxAttempts, ...(passphrase !== '' && { password: passphrase }) },
    { keyB, manageKey, meta: noteMeta(note) },
  )
  const link = shareDomain === '' ? created.shareUrl : formatLink(`https://${shareDomain}`, slug, keyB)
  if (recipient !== undefined && !(await mailLink(recipient, { ...created, shareUrl: link }, parts))) {
    await upstream.burn(slug, manageKey)
    throw undeliverable(recipient)
  }
  const metadataKey = formatMetadataKey(slug, seed)
  return { metadataKey, slug, manageKey, state: 'new', record: { ...created, updatedAt: created.createdAt }, note }
}

/** Resolves to whether the mail server accepted it. */
async function mailLink(email: string, created: Created, { settings: { mail }, log }: ShareParts): Promise<boolean> {
  if (!mail) throw unexpected()
  const send = await openMailer(mail)
  const sent = await send({ email }, created)
  if (!sent.status) log(sent.reason)
  return sent.status
}
