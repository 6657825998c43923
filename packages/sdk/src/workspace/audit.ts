/** The workspace's access log, as its owner asks for it. */
import { KEY } from '../protocol/keys.ts'
import type { PlatformByteStream } from '../platform.ts'
import { download } from '../transport/http.ts'
import { queryOf } from '../transport/pages.ts'
import {
  checkOptions,
  isIntegerIn,
  matches,
  SIGNAL,
  TEXT,
  type CallOptions,
  type Rule,
  type Rules,
} from '../options.ts'
import { boolean, integer, list, nullable, object, record, string, type Reader } from '../transport/read.ts'
import { SLUG } from '../client-options.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { eventFields, type SecretEvent } from './records.ts'
import type {
  WireAuditEntry,
  WireAuditProblem,
  WireEventType,
  WireKmsEventType,
  WireRequestEventType,
} from '../wire.ts'

/** An entry of the access log (docs/access-log.md). */
export interface AuditEntry extends Omit<SecretEvent, 'type'> {
  /** Rises with time; has gaps. */
  id: number
  /** What happened. */
  type: WireEventType | WireKmsEventType | WireRequestEventType
  /** null: of a named secret, or purged. */
  slug: string | null
  /** This and the following three are of named secrets alone. */
  handler: string | null
  /** Of the named secret. */
  version: number | null
  /** Of the token that made the call. */
  tokenId: string | null
  /** The token's name. */
  token: string | null
  /** What expiry and purge rest on, with the API's names: of `created`, `changed` and `purged`. */
  basis: WireAuditEntry['basis']
  /** Emptied: only id, type, time and hashes are left. */
  purged: boolean
  /** Id of the `purged` entry that records it; null: not purged, or by version 0.1. */
  purgedBy: number | null
  /** Random, part of what is hashed; null: purged. */
  nonce: string | null
  /**
   * b64 of SHA-256 of the JSON of `[id,nonce,slug,type,reason,at,ip,user_agent,country]`, of a named secret's entry with
   * `handler,version,token_id,token` after those, then `basis` unless it is null.
   */
  entryHash: string
  /** b64 of an HMAC under the server key of the chain before this entry and `entryHash`. */
  chain: string
}

/** The newest entry: kept elsewhere, it shows later whether the log still holds everything up to it. */
export interface AuditHead {
  /** Of the entry. */
  id: number
  /** b64 of 32 bytes. */
  chain: string
}

/** One page of the access log. */
export interface AuditPage {
  /** Oldest first. */
  entries: AuditEntry[]
  /** Of the whole log; null: it is empty. */
  head: AuditHead | null
  /** The `after` of the next page; null: this is the last. */
  next: number | null
}

/** What walking the log found. */
export interface AuditVerified {
  /** Whether nothing is wrong. */
  valid: boolean
  /** How many were walked. */
  entries: number
  /** Of the whole log; null: it is empty. */
  head: AuditHead | null
  /** What is wrong, and where. */
  problems: WireAuditProblem[]
}

/** Which entries are wanted. */
export interface AuditFilter extends CallOptions {
  /** The id before the first that is wanted. */
  after?: number | undefined
  /** The earliest time that is wanted. */
  since?: Date | undefined
  /** The time before which they must be. */
  until?: Date | undefined
  /** Entries of this type alone. */
  type?: WireEventType | WireKmsEventType | WireRequestEventType | undefined
  /** Entries about this secret alone. */
  slug?: string | undefined
  /** Entries about this named secret alone. */
  handler?: string | undefined
}

/** For `audit.list`. */
export interface AuditOptions extends AuditFilter {
  /** Entries a page, 1 … 1000. Default 100. */
  limit?: number | undefined
}

const DATE: Rule = [(value) => value instanceof Date && !Number.isNaN(value.getTime()), 'must be a valid Date']
const ID: Rule = [isIntegerIn(0, 1e15 - 1), 'must be the id of an entry, or 0']

const auditFilterRules: Rules<AuditFilter> = {
  after: ID,
  since: DATE,
  until: DATE,
  type: [
    matches(/^(created|changed|opened|denied|acked|burned|expired|purged|(kms|request)\.[a-z]+)$/),
    'must be the type of an event',
  ],
  handler: TEXT,
  slug: SLUG,
  signal: SIGNAL,
}

const auditRules: Rules<AuditOptions> = {
  ...auditFilterRules,
  limit: [isIntegerIn(1, 1000), 'must be a whole number from 1 to 1000'],
}

const headRules: Rules<AuditHead> = { id: ID, chain: KEY }

const EXPORT_FORMAT: Rule = [matches(/^(jsonl|csv)$/), 'must be jsonl or csv']

const pathOf = ({ signal: _signal, ...filter }: AuditOptions & { format?: string }): string =>
  `/audit?${queryOf(filter)}`

const readHead = nullable(record({ id: integer, chain: string }))

const readAuditPage: Reader<AuditPage> = record({
  entries: list(
    record({
      ...eventFields,
      type: string as Reader<AuditEntry['type']>,
      id: integer,
      slug: nullable(string),
      handler: nullable(string),
      version: nullable(integer),
      tokenId: nullable(string),
      token: nullable(string),
      basis: nullable(object) as Reader<AuditEntry['basis']>,
      purged: boolean,
      purgedBy: nullable(integer),
      nonce: nullable(string),
      entryHash: string,
      chain: string,
    }),
  ),
  head: readHead,
  next: nullable(integer),
})

const readAuditVerified: Reader<AuditVerified> = record({
  valid: boolean,
  entries: integer,
  head: readHead,
  problems: list(record({ id: integer, problem: string as Reader<WireAuditProblem['problem']> })),
})

/** `client.audit`: the workspace's access log. Every call needs a token with the scope `audit:read`. */
export class Audit {
  readonly #owner: OwnerCalls

  /** Made by the client. */
  constructor(owner: OwnerCalls) {
    this.#owner = owner
  }

  /**
   * One page, oldest first.
   *
   * @throws HalfkeyError VALIDATION_ERROR for wrong options; AUTHENTICATION_ERROR or PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * const { entries, head } = await client.audit.list({ type: 'created', limit: 20 })
   * for (const { at, slug, ip } of entries) console.log(at, slug, ip)
   * console.log(head?.id)
   * ```
   */
  async list(options: AuditOptions = {}): Promise<AuditPage> {
    checkOptions(options, auditRules)
    const { data } = await this.#owner.call('GET', pathOf(options), { signal: options.signal })
    return readAuditPage(data)
  }

  /**
   * All pages of `list`, entry by entry.
   *
   * @throws HalfkeyError as `list`.
   *
   * @example
   * ```ts
   * for await (const { at, type } of client.audit.entries({ since: new Date(Date.now() - 86_400_000) })) console.log(at, type)
   * ```
   */
  async *entries(options: AuditFilter = {}): AsyncGenerator<AuditEntry, void, undefined> {
    checkOptions(options, auditFilterRules)
    for (let after: number | null = options.after ?? 0; after !== null;) {
      const page: AuditPage = await this.list({ limit: 1000, ...options, after })
      yield* page.entries
      after = page.next
    }
  }

  /**
   * The log as a file: JSON Lines, or CSV in which no cell is a formula.
   *
   * @returns `head` is the newest entry that the file holds; null: it is empty, or the server doesn't say
   * @throws HalfkeyError VALIDATION_ERROR for another format or wrong options; PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * const { stream } = await client.audit.export('csv')
   * console.log(await new Response(stream).text())
   * ```
   */
  async export(
    format: 'jsonl' | 'csv',
    options: AuditFilter = {},
  ): Promise<{ head: AuditHead | null; stream: PlatformByteStream }> {
    checkOptions(options, auditFilterRules, { format: [format, EXPORT_FORMAT] })
    const { call, transport } = this.#owner.prepare(pathOf({ ...options, format }), { signal: options.signal })
    const response = await download(call, transport)
    if ('error' in response) throw response.error
    const [id, chain] = response.headers.get('Halfkey-Audit-Head')?.split(':') ?? []
    const head = id !== undefined && chain !== undefined ? { id: Number(id), chain } : null
    return { head, stream: response.body ?? new Blob().stream() }
  }

  /**
   * Has the server check the whole log. Given a head that was noted earlier, it also finds a log whose end was cut off.
   *
   * @throws HalfkeyError VALIDATION_ERROR for what isn't a head; PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * const { head } = await client.audit.list()
   * const { valid, problems } = await client.audit.verify(head ?? undefined)
   * console.log(valid, problems)
   * ```
   */
  async verify(head?: AuditHead, options: CallOptions = {}): Promise<AuditVerified> {
    if (head) checkOptions(head, headRules)
    checkOptions(options, { signal: SIGNAL })
    const { data } = await this.#owner.call('POST', '/audit/verify', { ...options, body: JSON.stringify({ head }) })
    return readAuditVerified(data)
  }
}
