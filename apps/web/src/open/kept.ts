/**
 * What a reload needs to go on: session storage, which goes with the tab. The reveal id is kept before it is sent,
 * so that it can never spend a second view (spec/protocol.md section 9).
 */
export interface Kept {
  shareUrl: string
  revealId?: string | undefined
  /** When that id was first sent; null: any number. */
  viewsLeft?: number | null | undefined
}

/** Of a secret that its reader let go: nothing that opens it. */
export interface Finished {
  /** ISO 8601. */
  finishedAt: string
  isLast: boolean
}

/** Of the secret, also where the address still holds its fragment as %23. */
const key = (): string => `halfkey:${location.pathname.split('%23', 1)[0] ?? ''}`

/** Returns whether this browser lets the page keep it. */
export function keep(kept: Kept | Finished): boolean {
  try {
    sessionStorage.setItem(key(), JSON.stringify(kept))
    return true
  } catch {
    return false
  }
}

export function recall(): Kept | Finished | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(key()) ?? 'null') ?? undefined) as Kept | Finished | undefined
  } catch {
    return undefined
  }
}
