/** Rows as the domain's values and back. */
import type { WireEnvelope } from '@halfkey/sdk'
import type { SQL, SQLWrapper } from 'drizzle-orm'
import { or, sql } from 'drizzle-orm'
import type { Content, Secret } from '../../domain/secrets/secret.ts'
import type { secrets, vault } from './schema.ts'

export type SecretRow = typeof secrets.$inferSelect
export type VaultRow = typeof vault.$inferSelect

export function toSecret(row: SecretRow): Secret {
  const { createDigest: _digest, destroyAt: _at, destroyFilesAt: _filesAt, ...secret } = row
  return secret
}

export const utf8 = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'utf8'))
export const fromUtf8 = (bytes: Buffer | null): string | null => bytes?.toString('utf8') ?? null

export const unb64 = (text: string): Buffer => Buffer.from(text, 'base64url')
export const b64 = (bytes: Buffer): string => bytes.toString('base64url')

export function toVaultRow(id: number, { envelope, note, ...content }: Content): VaultRow {
  return {
    ...content,
    id,
    salt: unb64(envelope.salt),
    iv: unb64(envelope.iv),
    commitment: unb64(envelope.commitment),
    ciphertext: unb64(envelope.ciphertext),
    note: utf8(note),
  }
}

/** What counts against a workspace's quota. */
export const storedBytes = ({ ciphertext, note }: VaultRow): number => (ciphertext?.length ?? 0) + (note?.length ?? 0)

/** A pattern of handlers has no special character but `*`, which GLOB understands as we do. */
export const matchesAny = (handler: SQLWrapper, patterns: readonly string[]): SQL | undefined =>
  or(...patterns.map((one) => sql`${handler} GLOB ${one}`))

/** Of any number of ids, in one parameter. */
export const isNotIn = (id: SQLWrapper, ids: ReadonlySet<number>): SQL | undefined =>
  ids.size === 0 ? undefined : sql`${id} NOT IN (SELECT value FROM json_each(${JSON.stringify([...ids])}))`

/** null: destroyed. */
export function toContent(row: VaultRow): Content | null {
  const { sealedKeyA, salt, iv, commitment, ciphertext, note, passwordVerifier, sealedOtp, sealedNotify } = row
  if (!sealedKeyA || !salt || !iv || !commitment || !ciphertext) return null
  const envelope: WireEnvelope = {
    v: 1,
    salt: b64(salt),
    iv: b64(iv),
    commitment: b64(commitment),
    ciphertext: b64(ciphertext),
  }
  return { sealedKeyA, envelope, note: fromUtf8(note), passwordVerifier, sealedOtp, sealedNotify }
}
