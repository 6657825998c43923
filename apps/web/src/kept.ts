/**
 * What a reload needs to go on: session storage, which goes with the tab. The reveal id is kept before it is sent,
 * so that it can never spend a second view (spec/protocol.md section 9).
 */
export type Kept = { shareUrl: string; revealId?: string | undefined } | 'acked'

const key = (): string => `halfkey:${location.pathname}`

/** Returns whether this browser lets the page keep it. */
export function keep(kept: Kept): boolean {
  try {
    sessionStorage.setItem(key(), JSON.stringify(kept))
    return true
  } catch {
    return false
  }
}

export function recall(): Kept | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(key()) ?? 'null') ?? undefined) as Kept | undefined
  } catch {
    return undefined
  }
}
