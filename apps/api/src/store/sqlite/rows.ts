/** Rows as the domain's values and back. */
import type { WireEnvelope } from '@halfkey/sdk'
import type { SQL, SQLWrapper } from 'drizzle-orm'
import { getTableColumns, or, sql } from 'drizzle-orm'
import type { Content, NewContent, Secret } from '../../domain/secrets/secret.ts'
import { secrets, vault } from './schema.ts'
import type { Row } from './statements.ts'

const { accessVerifier: _access, manageVerifier: _manage, createDigest: _digest, ...columns } = getTableColumns(secrets)

/** What is read of a secret's record: all but what callers prove themselves against. */
export const recordColumns = columns

export type SecretRow = Omit<typeof secrets.$inferSelect, 'accessVerifier' | 'manageVerifier' | 'createDigest'>

/** Where each column is in a row of all of them. */
export function positions<Columns extends object>(columns: Columns): Record<keyof Columns, number> {
  return Object.fromEntries(Object.keys(columns).map((name, index) => [name, index])) as Record<keyof Columns, number>
}

const at = positions(recordColumns)

const parseList = (json: unknown): string[] | null =>
  json === null ? null : (JSON.parse(json as string) as string[] | null)

/** A row of `recordColumns`. */
export const secretRow = (row: Row): SecretRow => ({
  id: row[at.id] as number,
  slug: row[at.slug] as string,
  requestId: row[at.requestId] as number | null,
  workspaceId: row[at.workspaceId] as number | null,
  tokenId: row[at.tokenId] as string | null,
  creator: row[at.creator] as string,
  state: row[at.state] as SecretRow['state'],
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

export function toSecret(row: SecretRow): Secret {
  const { destroyAt: _at, destroyFilesAt: _filesAt, ...secret } = row
  return secret
}

export const utf8 = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'utf8'))
export const fromUtf8 = (bytes: Buffer | null): string | null => bytes?.toString('utf8') ?? null

export const unb64 = (text: string): Buffer => Buffer.from(text, 'base64url')
export const b64 = (bytes: Buffer): string => bytes.toString('base64url')

export function toVaultRow(id: number, { envelope, note, ...content }: NewContent): typeof vault.$inferSelect {
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

/** spec/protocol.md section 5, in bytes; the rest of an envelope is ciphertext. */
const [saltLength, ivLength, commitmentLength] = [32, 12, 32]

/**
 * What is read of a secret's content. better-sqlite3 makes an object for every BLOB, which costs more than to read it: so
 * the envelope comes as one, which is NULL if any of its parts is.
 */
export const contentColumns = {
  sealedKeyA: vault.sealedKeyA,
  envelope: sql`CAST(${vault.salt} || ${vault.iv} || ${vault.commitment} || ${vault.ciphertext} AS BLOB)`,
  note: vault.note,
  passwordVerifier: vault.passwordVerifier,
  sealedOtp: vault.sealedOtp,
  sealedNotify: vault.sealedNotify,
}

function toEnvelope(bytes: Buffer): WireEnvelope {
  const [iv, commitment] = [saltLength, saltLength + ivLength]
  const ciphertext = commitment + commitmentLength
  return {
    v: 1,
    salt: bytes.toString('base64url', 0, iv),
    iv: bytes.toString('base64url', iv, commitment),
    commitment: bytes.toString('base64url', commitment, ciphertext),
    ciphertext: bytes.toString('base64url', ciphertext),
  }
}

/** A row of `contentColumns`; null: destroyed. */
export function toContent(row: Row): Content | null {
  const [sealedKeyA, envelope, note, passwordVerifier, sealedOtp, sealedNotify] = row as (Buffer | null)[]
  if (!sealedKeyA || !envelope) return null
  return {
    sealedKeyA,
    envelope: toEnvelope(envelope),
    note: fromUtf8(note ?? null),
    passwordVerifier: passwordVerifier ?? null,
    sealedOtp: sealedOtp ?? null,
    sealedNotify: sealedNotify ?? null,
  }
}
