/** API tokens: `hkt_<id>_<secret>`, of which the server keeps SHA-256 of the secret. */
import type { WireScope } from '@halfkey/sdk'
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export const scopes = [
  'secrets:read',
  'secrets:write',
  'kms:read',
  'kms:write',
  'kms:reveal',
  'requests:read',
  'requests:write',
  'audit:read',
  'tokens:admin',
] as const satisfies WireScope[]

export type Scope = (typeof scopes)[number]

/** Times are milliseconds since the epoch. */
export interface Token {
  id: string
  workspaceId: number
  name: string
  /** SHA-256 of the 32 secret bytes. */
  secretHash: Buffer
  scopes: Scope[]
  /** Patterns of the handlers that it may name; null: every handler. */
  handlers: string[] | null
  /** CIDR blocks that it may be used from; null: from anywhere. */
  ips: string[] | null
  createdAt: number
  /** The token that made it; null: the operator did, or version 0.1. */
  parentId: string | null
  expiresAt: number | null
  revokedAt: number | null
  /** Of its last accepted call, as far as it was written yet. */
  lastUsedAt: number | null
}

export interface NewToken {
  token: Token
  /** Shown once. */
  text: string
}

const idAlphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const pattern = /^hkt_([A-Za-z0-9]{1,40})_([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/

/** 16 letters and digits of 5 random bits each. */
const newId = (): string => Array.from(randomBytes(16), (byte) => idAlphabet.charAt(byte & 31)).join('')

const hash = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest()

type Optional = 'handlers' | 'ips' | 'parentId'
type TokenFields = Omit<Token, 'id' | 'secretHash' | 'revokedAt' | 'lastUsedAt' | Optional> &
  Partial<Pick<Token, Optional>>

export function newToken(fields: TokenFields): NewToken {
  const secret = randomBytes(32)
  const unset = { handlers: null, ips: null, parentId: null, revokedAt: null, lastUsedAt: null }
  const token: Token = { ...unset, ...fields, id: newId(), secretHash: hash(secret) }
  return { token, text: `hkt_${token.id}_${secret.toString('base64url')}` }
}

/** The parts of an `Authorization: Bearer` header's token, or undefined if it isn't one. */
export function parseToken(text: string): { id: string; secret: Buffer } | undefined {
  const [, id, secret] = pattern.exec(text) ?? []
  return id !== undefined && secret !== undefined ? { id, secret: Buffer.from(secret, 'base64url') } : undefined
}

export const isTokenSecret = ({ secretHash }: Token, secret: Buffer): boolean =>
  timingSafeEqual(secretHash, hash(secret))

export const tokenIsAlive = ({ revokedAt, expiresAt }: Token, now: number): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now)

/** The ids of the tokens that a token made, that those made, and so on. */
export function descendantsOf(id: string, tokens: readonly Pick<Token, 'id' | 'parentId'>[]): string[] {
  const found = new Set([id])
  // A token is older than those that it made, but a list need not be in that order.
  for (let size = 0; size < found.size;) {
    size = found.size
    for (const token of tokens) if (token.parentId !== null && found.has(token.parentId)) found.add(token.id)
  }
  found.delete(id)
  return [...found]
}
