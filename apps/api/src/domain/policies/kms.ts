/** Everything that stands before a named secret, in order: the log says which of them refused, the caller never learns. */
import type { WireKmsRefusal } from '@halfkey/sdk'
import { allowsHandler } from './handlers.ts'
import { isWithin } from '../addresses.ts'

export interface KmsFacts {
  /** Times are milliseconds since the epoch; null lists: no limit. */
  token: {
    scopes: readonly string[]
    handlers: readonly string[] | null
    ips: readonly string[] | null
    expiresAt: number | null
    revokedAt: number | null
  }
  handler: string
  /** null: there is none, or it was deleted. */
  entry: { whitelist: readonly string[] | null } | null
  /** The version asked for; null: there is none. */
  version: { expiresAt: number | null; destroyedAt: number | null } | null
  /** null: unknown, and then no list holds it. */
  ip: string | null
  now: number
}

const isOver = (at: number | null, now: number): boolean => at !== null && at <= now
const isOutside = (networks: readonly string[] | null | undefined, ip: string | null): boolean =>
  !!networks && !isWithin(networks, ip)

const rules: readonly [WireKmsRefusal, (facts: KmsFacts) => boolean][] = [
  ['token_revoked', ({ token }) => token.revokedAt !== null],
  ['token_expired', ({ token, now }) => isOver(token.expiresAt, now)],
  ['token_ip', ({ token, ip }) => isOutside(token.ips, ip)],
  ['scope', ({ token }) => !token.scopes.includes('kms:reveal')],
  ['handler', ({ token, handler }) => !allowsHandler(token.handlers, handler)],
  ['unknown_handler', ({ entry }) => entry === null],
  ['whitelist', ({ entry, ip }) => isOutside(entry?.whitelist, ip)],
  ['unknown_version', ({ version }) => version === null],
  ['destroyed', ({ version }) => version?.destroyedAt !== null],
  ['expired', ({ version, now }) => isOver(version?.expiresAt ?? null, now)],
]

export const firstKmsRefusal = (facts: KmsFacts): WireKmsRefusal | null =>
  rules.find(([, refuses]) => refuses(facts))?.[0] ?? null
