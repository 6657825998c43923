/** Whose key a write was sealed under, by the key's check value. */

/** The workspace has a check value, and the write was sealed for another or names none. */
export interface Rekeyed {
  kind: 'rekeyed'
  workspaceCheck: string
}

/** `sealedFor` undefined: the write doesn't say. `workspaceCheck` null: the workspace has none yet. */
export const rekeyed = (sealedFor: string | undefined, workspaceCheck: string | null): Rekeyed | null =>
  workspaceCheck === null || sealedFor === workspaceCheck ? null : { kind: 'rekeyed', workspaceCheck }
