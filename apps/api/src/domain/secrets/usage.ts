/** What a workspace uses, or may use. */
export interface Usage {
  /** Not ended, locked ones and uploads included. */
  activeSecrets: number
  /**
   * Of ciphertext, notes and announced attachments that aren't destroyed, of metadata whose record isn't purged, and of
   * named secrets' versions.
   */
  storedBytes: number
}

export const unlimited: Usage = { activeSecrets: Number.MAX_SAFE_INTEGER, storedBytes: Number.MAX_SAFE_INTEGER }

/** The quota doesn't allow for it. */
export interface Exceeded {
  kind: 'exceeded'
  quota: keyof Usage
  maximum: number
  used: number
}

/** The first quota that `usage` with `added` would exceed. */
export function exceeded(usage: Usage, added: Usage, quota: Usage): Exceeded | null {
  for (const name of ['activeSecrets', 'storedBytes'] as const)
    if (added[name] > 0 && usage[name] + added[name] > quota[name])
      return { kind: 'exceeded', quota: name, maximum: quota[name], used: usage[name] }
  return null
}
