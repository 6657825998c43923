import { b64, isObject, unb64, type Bytes } from './encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { decrypt, encrypt, IV_LENGTH } from './gcm.ts'
import { deriveContentKeys, KEY_LENGTH } from './keys.ts'
import { pad, unpad } from './padding.ts'
import type { WireEnvelope } from '../wire.ts'

export interface EnvelopeParts {
  /** From `contentIkm`. */
  ikm: Bytes
  aad: Bytes
  plaintext: Uint8Array
  /** 32 fresh random bytes. */
  salt: Bytes
  /** 12 fresh random bytes. */
  iv: Bytes
}

/** The envelope of spec/protocol.md sections 5 and 8, from all its parts. */
export async function sealEnvelopeWith({ ikm, aad, plaintext, salt, iv }: EnvelopeParts): Promise<WireEnvelope> {
  const { contentKey, commitment } = await deriveContentKeys(ikm, salt)
  const ciphertext = await encrypt(contentKey, iv, aad, pad(plaintext))
  return { v: 1, salt: b64(salt), iv: b64(iv), commitment: b64(commitment), ciphertext: b64(ciphertext) }
}

/**
 * Opens an envelope as it came from the server. The commitment is compared first: AES-GCM alone doesn't commit to its
 * key (Albertini et al., USENIX Security 2022).
 *
 * @param wrongKey  message for a commitment that isn't this key's
 * @throws HalfkeyError NEWER_VERSION, MALFORMED, WRONG_KEY or TAMPERED.
 */
export async function openEnvelope(ikm: Bytes, aad: Bytes, envelope: unknown, wrongKey: string): Promise<Bytes> {
  const { salt, iv, commitment, ciphertext } = readEnvelope(envelope)
  const keys = await deriveContentKeys(ikm, salt)
  if (!equal(keys.commitment, commitment)) throw new HalfkeyError('WRONG_KEY', wrongKey)
  const padded = await decrypt(keys.contentKey, iv, aad, ciphertext)
  if (!padded) throw new HalfkeyError('TAMPERED', 'The content was changed after it was sealed.')
  return unpad(padded)
}

function readEnvelope(envelope: unknown): Record<'salt' | 'iv' | 'commitment' | 'ciphertext', Bytes> {
  const { v, salt, iv, commitment, ciphertext } = (isObject(envelope) ? envelope : {}) as Record<
    keyof WireEnvelope,
    unknown
  >
  if (typeof v !== 'number') throw new HalfkeyError('MALFORMED', 'The envelope is malformed.')
  if (v !== 1)
    throw new HalfkeyError(
      'NEWER_VERSION',
      'The content was sealed by a newer version of Halfkey. Update this program.',
    )
  return {
    salt: unb64(salt, KEY_LENGTH),
    iv: unb64(iv, IV_LENGTH),
    commitment: unb64(commitment, KEY_LENGTH),
    ciphertext: unb64(ciphertext),
  }
}

/** In a time that depends on the lengths alone. */
function equal(a: Bytes, b: Bytes): boolean {
  return a.reduce((difference, byte, i) => difference | (byte ^ (b[i] ?? 0)), a.length ^ b.length) === 0
}
