/** The workspace's access log, as its owner asks for it. */
import { KEY } from '../protocol/keys.ts'
import type { PlatformByteStream } from '../platform.ts'
import { download, type Call, type Reply, type TransportOptions } from '../transport/http.ts'
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
import { eventFields, type SecretEvent } from './records.ts'
import type { WireAuditEntry, WireAuditProblem, WireEventType, WireKmsEventType } from '../wire.ts'

export interface AuditEntry extends Omit<SecretEvent, 'type'> {
  /** Rises with time; has gaps. */
  id: number
  type: WireEventType | WireKmsEventType
  /** null: of a named secret, or purged. */
  slug: string | null
  /** This and the following three are of named secrets alone. */
  handler: string | null
  version: number | null
  tokenId: string | null
  /** The token's name. */
  token: string | null
  /** What expiry and purge rest on, with the API's names: of `created`, `changed` and `purged`. */
  basis: WireAuditEntry['basis']
  purged: boolean
  /** The entry that tells of the purge; null: not purged, or by version 0.1. */
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
  id: number
  /** b64 of 32 bytes. */
  chain: string
}

export interface AuditPage {
  entries: AuditEntry[]
  /** Of the whole log; null: it is empty. */
  head: AuditHead | null
  /** The `after` of the next page; null: this is the last. */
  next: number | null
}

export interface AuditVerified {
  valid: boolean
  /** How many were walked. */
  entries: number
  head: AuditHead | null
  problems: WireAuditProblem[]
}

export interface AuditFilter extends CallOptions {
  /** The id before the first that is wanted. */
  after?: number | undefined
  since?: Date | undefined
  /** Itself left out. */
  until?: Date | undefined
  type?: WireEventType | WireKmsEventType | undefined
  slug?: string | undefined
  /** Of a named secret. */
  handler?: string | undefined
}

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
    matches(/^(created|changed|opened|denied|acked|burned|expired|purged|kms\.[a-z]+)$/),
    'must be the type of an event',
  ],
  handler: TEXT,
  slug: [matches(/^[1-9A-HJ-NP-Za-km-z]{13}$/), 'must be 13 letters and digits, not the whole link'],
  signal: SIGNAL,
}

const auditRules: Rules<AuditOptions> = {
  ...auditFilterRules,
  limit: [isIntegerIn(1, 1000), 'must be a whole number from 1 to 1000'],
}

const headRules: Rules<AuditHead> = { id: ID, chain: KEY }

const EXPORT_FORMAT: Rule = [matches(/^(jsonl|csv)$/), 'must be jsonl or csv']

function auditQuery({ signal: _signal, ...filter }: AuditOptions & { format?: string }): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) query.set(name, value instanceof Date ? value.toISOString() : String(value))
  }
  return `/audit?${query.toString()}`
}

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

type Ask = (method: 'GET' | 'POST', path: string, options: CallOptions & { body?: string }) => Promise<Reply>

/** For a reply that is a file. */
type Prepare = (path: string, options: CallOptions) => { call: Call; transport: TransportOptions }

/** `client.audit`. All of it needs a token with `audit:read`. */
export class Audit {
  readonly #ask: Ask
  readonly #prepare: Prepare

  constructor(ask: Ask, prepare: Prepare) {
    this.#ask = ask
    this.#prepare = prepare
  }

  /** One page, oldest first. */
  async list(options: AuditOptions = {}): Promise<AuditPage> {
    checkOptions(options, auditRules)
    const { data } = await this.#ask('GET', auditQuery(options), { signal: options.signal })
    return readAuditPage(data)
  }

  /** All entries, or what `options` ask for of them. */
  async *entries(options: AuditFilter = {}): AsyncGenerator<AuditEntry, void, undefined> {
    checkOptions(options, auditFilterRules)
    for (let after: number | null = options.after ?? 0; after !== null;) {
      const page: AuditPage = await this.list({ limit: 1000, ...options, after })
      yield* page.entries
      after = page.next
    }
  }

  /** As a file: JSON Lines, or CSV in which no cell is a formula. `head`: of what it holds. */
  async export(
    format: 'jsonl' | 'csv',
    options: AuditFilter = {},
  ): Promise<{ head: AuditHead | null; stream: PlatformByteStream }> {
    checkOptions(options, auditFilterRules, { format: [format, EXPORT_FORMAT] })
    const { call, transport } = this.#prepare(auditQuery({ ...options, format }), { signal: options.signal })
    const response = await download(call, transport)
    if ('error' in response) throw response.error
    const [id, chain] = response.headers.get('Halfkey-Audit-Head')?.split(':') ?? []
    const head = id !== undefined && chain !== undefined ? { id: Number(id), chain } : null
    return { head, stream: response.body ?? new Blob().stream() }
  }

  /** Has the server walk the log; with a head noted earlier it finds a cut end too. */
  async verify(head?: AuditHead, options: CallOptions = {}): Promise<AuditVerified> {
    if (head) checkOptions(head, headRules)
    checkOptions(options, { signal: SIGNAL })
    const { data } = await this.#ask('POST', '/audit/verify', { ...options, body: JSON.stringify({ head }) })
    return readAuditVerified(data)
  }
}
