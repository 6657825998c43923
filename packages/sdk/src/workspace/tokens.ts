/** The workspace's API tokens. */
import {
  BOOLEAN,
  checkOptions,
  isListOf,
  listOf,
  matches,
  NETWORKS,
  SECONDS,
  SIGNAL,
  TEXT,
  type CallOptions,
  type Rule,
  type Rules,
} from '../options.ts'
import { hideInLogs } from '../logs.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { date, list, nullable, record, string, type Reader } from '../transport/read.ts'
import type { WireScope, WireTokenRequest } from '../wire.ts'

/** An API token, without its secret half. */
export interface Token {
  /** Letters and digits; the part of the token after `hkt_`. */
  id: string
  /** As given at its creation. */
  name: string
  /** What it may do. */
  scopes: WireScope[]
  /** Patterns of the named secrets that it may name; empty: all. */
  handlers: string[]
  /** CIDR blocks that it may be used from; empty: from anywhere. */
  ips: string[]
  /** The token that made it; null: the operator did, or version 0.1. */
  parentId: string | null
  /** When it was created. */
  createdAt: Date
  /** null: never. */
  expiresAt: Date | null
  /** null: it isn't revoked. */
  revokedAt: Date | null
  /** null: never. */
  lastUsedAt: Date | null
}

/** A token as its creation gives it. */
export interface NewToken extends Token {
  /** `hkt_<id>_<secret>`; the server shows it only this once, and console.log never. */
  token: string
}

/** What a revocation did. */
export interface RevokedTokens {
  /** The token, and with `descendants` those that it created. */
  revoked: Token[]
  /** Tokens that it made, directly or not, and that are still valid. */
  validDescendants: Token[]
}

/** For `tokens.revoke`. */
export interface RevokeOptions extends CallOptions {
  /** Revokes all tokens that it made, directly or not, too. */
  descendants?: boolean | undefined
}

/** What a new token may do. What is left out is copied from the token that asks. */
export interface TokenOptions extends CallOptions {
  /** At least one. */
  scopes: WireScope[]
  /** Such as `aws-*`, where `*` stands for any characters. */
  handlers?: string[] | undefined
  /** Addresses and CIDR blocks, as a list or a string with commas between them. */
  ips?: string | readonly string[] | undefined
  /** Seconds, 60 … 316,224,000. */
  expiresIn?: number | undefined
}

const tokenFields = {
  id: string,
  name: string,
  scopes: list(string) as Reader<WireScope[]>,
  handlers: list(string),
  ips: list(string),
  parentId: nullable(string),
  createdAt: date,
  expiresAt: nullable(date),
  revokedAt: nullable(date),
  lastUsedAt: nullable(date),
}
const readTokens: Reader<Token[]> = list(record(tokenFields))
const readRevoked: Reader<RevokedTokens> = record({ revoked: readTokens, validDescendants: readTokens })
const readNewToken: Reader<NewToken> = record({ ...tokenFields, token: string })

const callRules: Rules<CallOptions> = { signal: SIGNAL }
const revokeRules: Rules<RevokeOptions> = {
  descendants: BOOLEAN,
  signal: SIGNAL,
}
const SCOPES: Rule = [
  isListOf(/^((secrets|requests):(read|write)|kms:(read|write|reveal)|audit:read|tokens:admin)$/),
  'must be a list of: secrets:read, secrets:write, kms:read, kms:write, kms:reveal, requests:read, requests:write, audit:read, tokens:admin',
]
const tokenRules: Rules<TokenOptions> = {
  scopes: SCOPES,
  handlers: [
    isListOf(/^[a-z\d*][a-z\d._*/-]*$/),
    'must be a list of handlers, in which * may stand for any characters',
  ],
  ips: NETWORKS,
  expiresIn: SECONDS,
  signal: SIGNAL,
}

/** `client.tokens`: the workspace's API tokens. Every call needs a token with the scope `tokens:admin`. */
export class Tokens {
  readonly #owner: OwnerCalls

  /** Made by the client. */
  constructor(owner: OwnerCalls) {
    this.#owner = owner
  }

  /**
   * All tokens, revoked and expired ones included.
   *
   * @throws HalfkeyError AUTHENTICATION_ERROR or PERMISSION_DENIED for the token that asks.
   *
   * @example
   * ```ts
   * for (const { name, scopes, lastUsedAt } of await client.tokens.list()) console.log(name, scopes, lastUsedAt)
   * ```
   */
  async list(options: CallOptions = {}): Promise<Token[]> {
    checkOptions(options, callRules)
    const { data } = await this.#owner.call('GET', '/tokens', options)
    return readTokens(data)
  }

  /**
   * Creates a token, which is shown only in this reply. It is never retried: a second call would create another.
   *
   * @throws HalfkeyError VALIDATION_ERROR for wrong options; PERMISSION_DENIED for more than the asking token may do itself.
   *
   * @example
   * ```ts
   * const { token } = await client.tokens.create('ci', { scopes: ['secrets:write'], expiresIn: 86_400 })
   * const ci = new Halfkey({ baseUrl, token })
   * await ci.createSecret('from CI')
   * ```
   */
  async create(name: string, options: TokenOptions): Promise<NewToken> {
    checkOptions(options, tokenRules, {
      name: [name, TEXT],
      scopes: [(options as TokenOptions | undefined)?.scopes, SCOPES],
    })
    const { scopes, handlers, ips, expiresIn, signal } = options
    const body: WireTokenRequest = {
      name,
      scopes,
      ...(handlers && { handlers }),
      ...(ips && { ips: listOf(ips) }),
      ...(expiresIn !== undefined && { expires_in: expiresIn }),
    }
    const { data } = await this.#owner.call('POST', '/tokens', { signal, body: JSON.stringify(body), once: true })
    return hideInLogs(readNewToken(data), 'token')
  }

  /**
   * Revokes a token at once and for good. Calling it again does nothing more. The tokens that it created stay valid unless
   * `descendants` is true.
   *
   * @throws HalfkeyError NOT_FOUND; PERMISSION_DENIED for the token that asks.
   *
   * @example
   * ```ts
   * const { id } = await client.tokens.create('short-lived', { scopes: ['secrets:read'] })
   * const { revoked } = await client.tokens.revoke(id, { descendants: true })
   * console.log(revoked.length)
   * ```
   */
  async revoke(id: string, options: RevokeOptions = {}): Promise<RevokedTokens> {
    checkOptions(options, revokeRules, {
      id: [id, [matches(/^[A-Za-z\d]{1,40}$/), "must be a token's id"]],
    })
    const { descendants, signal } = options
    const query = descendants ? '?descendants=true' : ''
    const { data } = await this.#owner.call('DELETE', `/tokens/${id}${query}`, { signal })
    return readRevoked(data)
  }
}
