/** Rows as the domain's values and back. */
import type { WireEnvelope } from '@halfkey/sdk'
import type { SQL, SQLWrapper } from 'drizzle-orm'
import { getTableColumns, or, sql } from 'drizzle-orm'
import type { Content, Secret } from '../../domain/secrets/secret.ts'
import { secrets, vault } from './schema.ts'
import type { Row } from './statements.ts'

export type SecretRow = typeof secrets.$inferSelect
export type VaultRow = typeof vault.$inferSelect

/** Where each column of a table is in a row of all of them. */
function positions<Columns extends object>(columns: Columns): Record<keyof Columns, number> {
  return Object.fromEntries(Object.keys(columns).map((name, index) => [name, index])) as Record<keyof Columns, number>
}

const at = positions(getTableColumns(secrets))
const inVault = positions(getTableColumns(vault))

const parseList = (json: unknown): string[] | null =>
  json === null ? null : (JSON.parse(json as string) as string[] | null)

/** A row of every column of `secrets`, in their order. */
export const secretRow = (row: Row): SecretRow => ({
  id: row[at.id] as number,
  slug: row[at.slug] as string,
  workspaceId: row[at.workspaceId] as number | null,
  tokenId: row[at.tokenId] as string | null,
  creator: row[at.creator] as string,
  state: row[at.state] as SecretRow['state'],
  accessVerifier: row[at.accessVerifier] as Buffer,
  manageVerifier: row[at.manageVerifier] as Buffer,
  createDigest: row[at.createDigest] as Buffer,
  maximumViews: row[at.maximumViews] as number | null,
  views: row[at.views] as number,
  hasPassword: row[at.hasPassword] === 1,
  maxAttempts: row[at.maxAttempts] as number,
  failedAttempts: row[at.failedAttempts] as number,
  onLockout: row[at.onLockout] as SecretRow['onLockout'],
  ipWhitelist: parseList(row[at.ipWhitelist]),
  geolocation: parseList(row[at.geolocation]),
  captcha: row[at.captcha] === 1,
  otpType: row[at.otpType] as SecretRow['otpType'],
  otpLastStep: row[at.otpLastStep] as number | null,
  createdAt: row[at.createdAt] as number,
  updatedAt: row[at.updatedAt] as number,
  expiresAt: row[at.expiresAt] as number,
  cause: row[at.cause] as SecretRow['cause'],
  endedAt: row[at.endedAt] as number | null,
  destroyAt: row[at.destroyAt] as number | null,
  attachmentsCount: row[at.attachmentsCount] as number,
  destroyFilesAt: row[at.destroyFilesAt] as number | null,
})

/** A row of every column of `vault`, in their order. */
export const vaultRow = (row: Row): VaultRow => ({
  id: row[inVault.id] as number,
  sealedKeyA: row[inVault.sealedKeyA] as Buffer | null,
  salt: row[inVault.salt] as Buffer | null,
  iv: row[inVault.iv] as Buffer | null,
  commitment: row[inVault.commitment] as Buffer | null,
  ciphertext: row[inVault.ciphertext] as Buffer | null,
  note: row[inVault.note] as Buffer | null,
  passwordVerifier: row[inVault.passwordVerifier] as Buffer | null,
  sealedOtp: row[inVault.sealedOtp] as Buffer | null,
  sealedNotify: row[inVault.sealedNotify] as Buffer | null,
})

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
