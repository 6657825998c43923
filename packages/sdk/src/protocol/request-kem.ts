/**
 * HPKE (RFC 9180) in base mode with the KEM MLKEM768-X25519 (0x647a, X-Wing), HKDF-SHA256 and AES-256-GCM: the one part of
 * the protocol that isn't symmetric (spec/protocol.md section 10). It is 27 KiB gzipped, so only what makes, answers or
 * collects requests loads it.
 */
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256 } from 'hpke'
import { MLKEM768X25519 } from '@noble/post-quantum/hybrid.js'
import { KEM_MLKEM768_X25519 } from '@panva/hpke-noble'
import { concat, type Bytes } from './encoding.ts'

/** Bytes of HPKE's `enc`. */
const ENC_LENGTH = 1120

/**
 * The asymmetric part of requests, which may run elsewhere, such as in a worker: it takes and gives bytes alone.
 * `privateKey` is 32 bytes, `publicKey` 1216.
 */
export interface Kem {
  /** The public key of a private one. */
  publicKey: (privateKey: Bytes) => Promise<Bytes>
  /** HPKE's `enc ‖ ct`, without additional data. */
  seal: (publicKey: Bytes, info: Bytes, plaintext: Bytes) => Promise<Bytes>
  /** The plaintext; null if anything isn't what was sealed. */
  open: (privateKey: Bytes, info: Bytes, sealed: Bytes) => Promise<Bytes | null>
}

const suite = () => new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM)

export const kem: Kem = {
  // HPKE has no way from a private key to its public one but DeriveKeyPair, which gives another pair.
  publicKey: (privateKey) => Promise.resolve(new Uint8Array(MLKEM768X25519.keygen(privateKey).publicKey)),
  async seal(publicKey, info, plaintext) {
    const hpke = suite()
    const key = await hpke.DeserializePublicKey(publicKey)
    const { encapsulatedSecret, ciphertext } = await hpke.Seal(key, plaintext, { info })
    return concat([encapsulatedSecret, ciphertext])
  },
  async open(privateKey, info, sealed) {
    const hpke = suite()
    const key = await hpke.DeserializePrivateKey(privateKey, false)
    try {
      const [enc, ciphertext] = [sealed.slice(0, ENC_LENGTH), sealed.slice(ENC_LENGTH)]
      return new Uint8Array(await hpke.Open(key, enc, ciphertext, { info }))
    } catch {
      return null
    }
  },
}
