/** The workspace's API tokens. */
import {
  checkOptions,
  isIntegerIn,
  isListOf,
  listOf,
  matches,
  NETWORKS,
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

export interface Token {
  id: string
  name: string
  scopes: WireScope[]
  /** Patterns of the named secrets that it may name; empty: all. */
  handlers: string[]
  /** CIDR blocks that it may be used from; empty: from anywhere. */
  ips: string[]
  /** The token that made it; null: the operator did, or version 0.1. */
  parentId: string | null
  createdAt: Date
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
}

export interface NewToken extends Token {
  /** `hkt_<id>_<secret>`; the server shows it only this once, and console.log never. */
  token: string
}

export interface RevokedTokens {
  revoked: Token[]
  /** Tokens that it made, directly or not, and that are still valid. */
  validDescendants: Token[]
}

export interface RevokeOptions extends CallOptions {
  /** Revokes all tokens that it made, directly or not, too. */
  descendants?: boolean | undefined
}

/** What is left out is as with the token that asks. */
export interface TokenOptions extends CallOptions {
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
  descendants: [(value) => typeof value === 'boolean', 'must be true or false'],
  signal: SIGNAL,
}
const SCOPES: Rule = [
  isListOf(/^(secrets:(read|write)|kms:(read|write|reveal)|audit:read|tokens:admin)$/),
  'must be a list of: secrets:read, secrets:write, kms:read, kms:write, kms:reveal, audit:read, tokens:admin',
]
const tokenRules: Rules<TokenOptions> = {
  scopes: SCOPES,
  handlers: [
    isListOf(/^[a-z\d*][a-z\d._*/-]*$/),
    'must be a list of handlers, in which * may stand for any characters',
  ],
  ips: NETWORKS,
  expiresIn: [isIntegerIn(60, 316_224_000), 'must be a whole number of seconds from 60 to 316224000'],
  signal: SIGNAL,
}

/** `client.tokens`; every call needs a token with the scope `tokens:admin`. */
export class Tokens {
  readonly #owner: OwnerCalls

  constructor(owner: OwnerCalls) {
    this.#owner = owner
  }

  async list(options: CallOptions = {}): Promise<Token[]> {
    checkOptions(options, callRules)
    const { data } = await this.#owner.call('GET', '/tokens', options)
    return readTokens(data)
  }

  /** @throws HalfkeyError PERMISSION_DENIED for more than the asking token may itself. */
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

  /** At once and for good; again: nothing more. The tokens that it made stay valid unless `descendants` is true. */
  async revoke(id: string, options: RevokeOptions = {}): Promise<RevokedTokens> {
    checkOptions(options, revokeRules, {
      id: [id, [matches(/^[A-Za-z\d]{1,40}$/), 'must be a token’s id']],
    })
    const { descendants, signal } = options
    const query = descendants ? '?descendants=true' : ''
    const { data } = await this.#owner.call('DELETE', `/tokens/${id}${query}`, { signal })
    return readRevoked(data)
  }
}
