/** The server key as rules and operations use it; adapters/server-key.ts makes one. */
export interface ServerKey {
  /** `iv ‖ GCM(key, iv, slug, keyA)`, AES-256-GCM with 12 random iv bytes (NIST SP 800-38D). */
  seal(slug: string, keyA: Buffer): Buffer
  /** Throws if it was sealed under another key or for another slug. */
  unseal(slug: string, sealed: Buffer): Buffer
  /** `keyA`'s way of sealing for anything else; `purpose` is the aad, so that no box can stand in for another. */
  sealBox(purpose: string, plaintext: Buffer): Buffer
  unsealBox(purpose: string, sealed: Buffer): Buffer
  /** HMAC-SHA-256 under a key of its own for each label, 32 bytes. */
  readonly mac: (label: string, ...parts: (string | Buffer)[]) => Buffer
}
