/** Secrets sealed as spec/protocol.md says, with node:crypto alone: fast enough to prepare a hundred thousand. */
import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { WireAnswerRequest, WireAskRequest, WireCreateRequest } from '../packages/sdk/src/wire.ts'

export interface SealedSecret {
  /** The body of a create, without password, note or metadata. */
  create: WireCreateRequest
  /** What the recipient's calls bear as `Halfkey-Access`: 32 bytes as b64. */
  access: string
}

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

export const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

const hkdf = (ikm: Uint8Array, salt: Uint8Array | string, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', ikm, salt, info, 32))

/** `b58(first 9 bytes, 13)`, section 3. */
function slugOf(accessVerifier: Buffer): string {
  let value = BigInt(`0x${accessVerifier.toString('hex', 0, 9)}`)
  let slug = ''
  for (let i = 0; i < 13; i++) {
    slug = alphabet.charAt(Number(value % 58n)) + slug
    value /= 58n
  }
  return slug
}

/** `pad`, section 2. */
function pad(bytes: Buffer): Buffer {
  const length = bytes.length + 1
  const exponent = Math.floor(Math.log2(length))
  const step = 2 ** (exponent - (Math.floor(Math.log2(exponent)) + 1))
  const padded = Buffer.alloc(length <= 256 ? 256 : Math.ceil(length / step) * step)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  return padded
}

/** A random text of `length` letters and digits, so that no two secrets hold the same. */
const randomText = (length: number): string => randomBytes(length).toString('base64url').slice(0, length)

/** @param maximumViews null: any number until expiry */
export function sealSecret(textLength: number, maximumViews: number | null = 1): SealedSecret {
  const [keyA, keyB, salt, iv] = [randomBytes(32), randomBytes(32), randomBytes(32), randomBytes(12)]
  const access = hkdf(keyB, '', 'halfkey/v1 access')
  const accessVerifier = sha256(access)
  const slug = slugOf(accessVerifier)
  const ikm = Buffer.concat([keyA, keyB])
  const cipher = createCipheriv('aes-256-gcm', hkdf(ikm, salt, 'halfkey/v1 content'), iv)
  cipher.setAAD(Buffer.from(`halfkey/v1 content\0${slug}`))
  const payload = pad(Buffer.from(JSON.stringify({ text: randomText(textLength) })))
  const ciphertext = Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag()])
  return {
    access: b64(access),
    create: {
      slug,
      envelope: {
        v: 1,
        salt: b64(salt),
        iv: b64(iv),
        commitment: b64(hkdf(ikm, salt, 'halfkey/v1 commitment')),
        ciphertext: b64(ciphertext),
      },
      key_a: b64(keyA),
      access_verifier: b64(accessVerifier),
      manage_verifier: b64(sha256(randomBytes(32))),
      maximum_views: maximumViews,
      expires_in: 86_400,
    },
  }
}

export const sealSecrets = (count: number, textLength = 1024, maximumViews: number | null = 1): SealedSecret[] =>
  Array.from({ length: count }, () => sealSecret(textLength, maximumViews))

export interface SealedAsk {
  ask: WireAskRequest
  /** What those who answer bear as `Halfkey-Access`. */
  access: string
}

/** A request (section 10) as the server sees one: it can't tell that key and note are random. */
export function sealAsk(maximumAnswers = 1): SealedAsk {
  const access = randomBytes(32)
  const accessVerifier = sha256(access)
  return {
    access: b64(access),
    ask: {
      slug: slugOf(accessVerifier),
      access_verifier: b64(accessVerifier),
      collect_verifier: b64(sha256(randomBytes(32))),
      public_key: b64(randomBytes(1216)),
      note: b64(randomBytes(284)),
      maximum_answers: maximumAnswers,
    },
  }
}

export const sealAsks = (count: number, maximumAnswers?: number): SealedAsk[] =>
  Array.from({ length: count }, () => sealAsk(maximumAnswers))

/** Answers with as much text as a secret. */
export const sealAnswers = (count: number, textLength = 1024): WireAnswerRequest[] =>
  sealSecrets(count, textLength).map(({ create }) => {
    const { slug, envelope, key_a, access_verifier, manage_verifier } = create
    return { slug, envelope, key_a, access_verifier, manage_verifier, sealed_key_b: b64(randomBytes(1168)) }
  })
