/** What a workspace uses, or may use. */
export interface Usage {
  /** Not ended, locked ones and uploads included. */
  activeSecrets: number
  /** Of ciphertext and notes that aren't destroyed, named secrets' versions and announced attachments included. */
  storedBytes: number
}

export const unlimited: Usage = { activeSecrets: Number.MAX_SAFE_INTEGER, storedBytes: Number.MAX_SAFE_INTEGER }
