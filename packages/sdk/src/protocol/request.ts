/** Requests (spec/protocol.md section 10): their keys and links, and how an answer's key is sealed to whoever asks. */
import { concat, fromUtf8, unb64, utf8, type Bytes } from './encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { openBox, sealBox, sealBoxWith } from './gcm.ts'
import { hkdf, KEY_LENGTH, sha256 } from './keys.ts'
import { deriveLink, deriveSlug, readLink, refused } from './link.ts'
import type { Kem } from './request-kem.ts'

/** Bytes of a request's public key: an ML-KEM-768 encapsulation key, then an X25519 public key. */
export const PUBLIC_KEY_LENGTH = 1184 + 32
/** Bytes of HPKE's `enc` and `ct` together. */
const SEALED_KEY_LENGTH = 1120 + KEY_LENGTH + 16
/** Bytes of each half of an ask key. */
const HALF = KEY_LENGTH / 2

/** Everything that the seed (32 bytes) gives, and with it whoever asks has. */
export interface RequestKeys {
  seed: Bytes
  /** 32 bytes: the KEM's private key, itself a seed. */
  privateKey: Bytes
  /** 1216 bytes. */
  publicKey: Bytes
  /** 32 bytes: goes into the ask link. */
  askKey: Bytes
  /** 32 bytes: shows the server that the caller may collect. */
  collect: Bytes
  /** 13 characters of base 58. */
  slug: string
  /** 32 bytes: SHA-256 of what answerers show the server. */
  accessVerifier: Bytes
}

export async function deriveRequest(kem: Kem, seed: Bytes): Promise<RequestKeys> {
  const derive = await hkdf(seed)
  const [privateKey, r, collect] = await Promise.all([
    derive('', 'halfkey/v1 request kem'),
    derive('', 'halfkey/v1 request r'),
    derive('', 'halfkey/v1 collect access'),
  ])
  const publicKey = await kem.publicKey(privateKey)
  const askKey = await bindPublicKey(r.subarray(0, HALF), publicKey)
  const { slug, accessVerifier } = await deriveAsk(askKey)
  return { seed, privateKey, publicKey, askKey, collect, slug, accessVerifier }
}

/** `r` (16 bytes), then 16 bytes of a hash of it and the public key: the server can put no other key under the link. */
async function bindPublicKey(r: Bytes, publicKey: Bytes): Promise<Bytes> {
  const hash = await sha256(concat([utf8('halfkey/v1 request\0'), r, publicKey]))
  return concat([r, hash.subarray(0, HALF)])
}

/** What the ask key (32 bytes) says about its request: `access` and `accessVerifier` 32 bytes each. */
export function deriveAsk(askKey: Bytes): ReturnType<typeof deriveLink> {
  return deriveSlug(askKey, 'halfkey/v1 request access')
}

/** An ask link's parts. */
export interface AskLink {
  /** Origin and path prefix of the server, without a trailing slash. */
  base: string
  slug: string
  /** 32 bytes. */
  askKey: Bytes
  /** 32 bytes: shows the server that the caller holds the link. */
  access: Bytes
}

/** @throws HalfkeyError LINK_*, before any request. */
export async function parseAskLink(text: string): Promise<AskLink> {
  const { base, slug, key: askKey } = readLink(text, 'ask')
  const derived = await deriveAsk(askKey)
  if (derived.slug !== slug) throw refused('LINK_MISTYPED', 'ask')
  return { base, slug, askKey, access: derived.access }
}

/** @throws HalfkeyError LINK_*, before any request. */
export async function parseCollectLink(kem: Kem, text: string): Promise<{ base: string; keys: RequestKeys }> {
  const { base, slug, key: seed } = readLink(text, 'collect')
  const keys = await deriveRequest(kem, seed)
  if (keys.slug !== slug) throw refused('LINK_MISTYPED', 'collect')
  return { base, keys }
}

/** Seals what the request is for, which holders of the ask link read. */
export async function sealRequestNote(askKey: Bytes, slug: string, text: string): Promise<string> {
  return sealBox(await noteKey(askKey, slug), noteAad(slug), utf8(text))
}

/** `sealRequestNote` with its random part given: for test vectors only. */
export async function sealRequestNoteWith(iv: Bytes, askKey: Bytes, slug: string, text: string): Promise<string> {
  return sealBoxWith(iv, await noteKey(askKey, slug), noteAad(slug), utf8(text))
}

/** @throws HalfkeyError MALFORMED; TAMPERED for an absent note too, because every request has one. */
export async function openRequestNote(askKey: Bytes, slug: string, note: string | null): Promise<string> {
  const text = note === null ? null : await openBox(await noteKey(askKey, slug), noteAad(slug), note)
  if (!text) throw new HalfkeyError('TAMPERED', "The request's text was changed or removed after it was sealed.")
  return fromUtf8(text)
}

async function noteKey(askKey: Bytes, slug: string): Promise<Bytes> {
  const derive = await hkdf(askKey)
  return derive(slug, 'halfkey/v1 request note')
}

function noteAad(slug: string): string {
  return `halfkey/v1 request note\0${slug}`
}

/**
 * The public key as it came from the server, if it is the one that the ask link binds.
 *
 * @param publicKey  b64
 * @throws HalfkeyError in this order: MALFORMED for a wrong length, TAMPERED for another key than the link's, MALFORMED
 *   if its ML-KEM part isn't reduced (FIPS 203 section 7.2), which the library doesn't check.
 */
export async function checkPublicKey(askKey: Bytes, publicKey: unknown): Promise<Bytes> {
  const bytes = unb64(publicKey, PUBLIC_KEY_LENGTH)
  const bound = await bindPublicKey(askKey.subarray(0, HALF), bytes)
  if (bound.some((byte, i) => byte !== askKey[i])) {
    throw new HalfkeyError(
      'TAMPERED',
      "The server's key isn't the one that belongs to this ask link. Nothing was sealed or sent.",
    )
  }
  if (!isReduced(bytes.subarray(0, 1152))) {
    throw new HalfkeyError('MALFORMED', "The request's public key is malformed. Nothing was sealed or sent.")
  }
  return bytes
}

/** Whether coefficients of 12 bits each, two in three bytes, are all below ML-KEM's modulus. */
function isReduced(encoded: Bytes): boolean {
  for (let i = 0; i < encoded.length; i += 3) {
    const [low = 0, middle = 0, high = 0] = encoded.subarray(i, i + 3)
    if ((low | ((middle & 15) << 8)) >= 3329 || ((middle >> 4) | (high << 4)) >= 3329) return false
  }
  return true
}

/** The `keyB` of the answer with this `x`, 32 bytes each. Nobody can make one without the ask key. */
export async function deriveAnswerKey(x: Bytes, askKey: Bytes): Promise<Bytes> {
  const derive = await hkdf(concat([x, askKey]))
  return derive('', 'halfkey/v1 answer key')
}

/** Seals `x` to whoever asks. `publicKey` is from `checkPublicKey`. 1168 bytes, different each time. */
export function sealAnswerKey(kem: Kem, publicKey: Bytes, slugs: AnswerSlugs, x: Bytes): Promise<Bytes> {
  return kem.seal(publicKey, answerInfo(slugs), x)
}

/** To which answer of which request a sealed key belongs. */
export interface AnswerSlugs {
  request: string
  answer: string
}

/**
 * The `keyB` of an answer, 32 bytes, if it was made for this request with its ask link, and under this slug.
 *
 * @param sealedKey  b64
 * @throws HalfkeyError MALFORMED for a wrong length, TAMPERED for all else.
 */
export async function openAnswerKey(
  kem: Kem,
  { privateKey, askKey, slug }: RequestKeys,
  answer: string,
  sealedKey: unknown,
): Promise<Bytes> {
  const sealed = unb64(sealedKey, SEALED_KEY_LENGTH)
  const x = await kem.open(privateKey, answerInfo({ request: slug, answer }), sealed)
  const keyB = x?.length === KEY_LENGTH ? await deriveAnswerKey(x, askKey) : null
  if (!keyB || (await deriveLink(keyB)).slug !== answer) {
    throw new HalfkeyError(
      'TAMPERED',
      "This isn't an answer to your request: it was changed, belongs to another one, or was made up.",
    )
  }
  return keyB
}

function answerInfo({ request, answer }: AnswerSlugs): Bytes {
  return utf8(`halfkey/v1 answer\0${request}\0${answer}`)
}
