/**
 * What a reload needs to go on: session storage, which goes with the tab. The reveal id is kept before it is sent,
 * so that it can never spend a second view (spec/protocol.md section 9).
 */
export interface KeptReveal {
  revealId?: string | undefined
  /** When that id was first sent; null: any number. */
  viewsLeft?: number | null | undefined
}

export interface Kept extends KeptReveal {
  /** Of whatever kind. */
  shareUrl: string
}

/** Of a secret that its reader let go: nothing that opens it. */
export interface Finished {
  /** ISO 8601. */
  finishedAt: string
  isLast: boolean
}

/** Of the secret, also where the address still holds its fragment as %23. `item`: one of several that the address shows. */
const key = (item = ''): string => `halfkey:${location.pathname.split('%23', 1)[0] ?? ''}${item}`

/** Returns whether this browser lets the page keep it. */
export function keep(kept: Kept | KeptReveal | Finished, item?: string): boolean {
  try {
    sessionStorage.setItem(key(item), JSON.stringify(kept))
    return true
  } catch {
    return false
  }
}

export function recall(): Kept | Finished | undefined
export function recall(item: string): KeptReveal | Finished | undefined
export function recall(item?: string): Kept | KeptReveal | Finished | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(key(item)) ?? 'null') ?? undefined) as Kept | Finished | undefined
  } catch {
    return undefined
  }
}
