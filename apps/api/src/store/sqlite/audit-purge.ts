/** Emptying entries of the access log, and reading what a purge rests on: domain/{secrets,requests,kms} decide. */
import type { SQL } from 'drizzle-orm'
import { and, desc, eq, inArray, isNotNull, isNull, lte, ne, not, sql } from 'drizzle-orm'
import type { Mac, PurgeBasis } from '../../domain/audit/entry.ts'
import { markPurged } from '../../domain/audit/entry.ts'
import type { History } from '../../domain/audit/records.ts'
import { readHistory } from '../../domain/audit/records.ts'
import type { LoggedEntry } from '../../domain/kms/decision.ts'
import type { LoggedRefusal, RefusalPurge } from '../../domain/kms/purge.ts'
import type { RequestHistory } from '../../domain/requests/history.ts'
import { readRequestHistory } from '../../domain/requests/history.ts'
import type { RequestRecord } from '../../domain/requests/request.ts'
import type { Caller, Secret } from '../../domain/secrets/secret.ts'
import type { Chain, EventRow, Owner } from './audit-chain.ts'
import type { Drizzle } from './database.ts'
import { isNotIn } from './rows.ts'
import { events } from './schema.ts'

type SecretOwner = Pick<Secret, 'id' | 'workspaceId' | 'slug'>
export type RequestOwner = Pick<RequestRecord, 'id' | 'workspaceId' | 'slug'>

/** A named secret, as far as its entries name it. */
export interface KmsOwner {
  id: number
  workspaceId: number
  handler: string
}

/** Entries that are known to be as they were recorded, and what their purge rests on. */
interface Purge {
  entries: readonly Pick<LoggedEntry, 'id' | 'type' | 'at' | 'chain'>[]
  workspaceId: number | null
  since: number
  /** Milliseconds; null: the owner asked for it. */
  retention: number | null
  at: number
}

const noNamedSecret = { kmsId: null, handler: null, version: null, tokenId: null, token: null }
const nobody: Caller = { ip: null, userAgent: null, country: null }

/** What a purge leaves of what an entry said. */
const nothing = {
  ...noNamedSecret,
  ...nobody,
  secretId: null,
  requestId: null,
  nonce: null,
  basis: null,
  reason: null,
}

const placeholder = sql.placeholder

const ownerOf = ({ workspaceId, slug }: Pick<Secret, 'workspaceId' | 'slug'>): Owner => ({
  workspaceId,
  slug,
  handler: null,
})

const ownerOfKms = ({ workspaceId, handler }: Pick<KmsOwner, 'workspaceId' | 'handler'>): Owner => ({
  workspaceId,
  handler,
  slug: null,
})

/** Anybody with a link, or who guesses slugs, can make more of these. */
const isAttempt = inArray(events.type, ['request.seen', 'request.refused'])

export function openAuditPurge(db: Drizzle, mac: Mac, { append, isGenuine }: Chain) {
  const selectStory = db
    .select()
    .from(events)
    .where(and(eq(events.secretId, placeholder('id')), ne(events.type, 'denied')))
    .orderBy(events.id)
    .prepare()
  const selectRefusals = db
    .select()
    .from(events)
    .where(and(eq(events.secretId, placeholder('id')), eq(events.type, 'denied')))
    .prepare()
  const selectFirst = db
    .select({ id: events.id })
    .from(events)
    .where(eq(events.secretId, placeholder('id')))
    .orderBy(events.id)
    .limit(1)
    .prepare()
  const selectFirstOfKms = db
    .select({ id: events.id })
    .from(events)
    .where(eq(events.kmsId, placeholder('id')))
    .orderBy(events.id)
    .limit(1)
    .prepare()
  const selectLifeOfKms = db
    .select()
    .from(events)
    .where(and(eq(events.kmsId, placeholder('id')), inArray(events.type, ['kms.put', 'kms.deleted'])))
    .orderBy(desc(events.id))
    .limit(1)
    .prepare()

  const entriesOfRequest = ({ id }: RequestOwner, which?: SQL): EventRow[] =>
    db
      .select()
      .from(events)
      .where(and(eq(events.requestId, id), which))
      .orderBy(events.id)
      .all()

  /**
   * Leaves id, type, time and hashes, with a mark that the server key made; the chain tells of it in an entry of its
   * own.
   */
  const empty = ({ entries, workspaceId, since, retention, at }: Purge): void => {
    const basis: PurgeBasis = {
      since: new Date(since).toISOString(),
      retention: retention === null ? null : Math.floor(retention / 1000),
      entries: entries.length,
    }
    const reason = retention === null ? 'request' : 'retention'
    const none = { ...noNamedSecret, secretId: null, requestId: null }
    const purgedBy = append({ ...none, workspaceId, type: 'purged', at, reason, basis }, nobody, null)
    for (const entry of entries)
      db.update(events)
        .set({ ...nothing, purgedBy, purgeMark: markPurged(mac, { ...entry, purgedBy }) })
        .where(eq(events.id, entry.id))
        .run()
  }

  return {
    /** What a secret's entries tell of it; null: one of them isn't as it was recorded, or they don't begin with it. */
    historyOf(secret: SecretOwner): History | null {
      const story = selectStory.all({ id: secret.id })
      return story.every((entry) => isGenuine(entry, ownerOf(secret))) ? readHistory(story) : null
    },

    /** What a request's entries tell of it; null: one of them isn't as it was recorded, or they don't begin with it. */
    historyOfRequest(request: RequestOwner): RequestHistory | null {
      const story = entriesOfRequest(request, not(isAttempt))
      return story.every((entry) => isGenuine(entry, ownerOf(request))) ? readRequestHistory(story) : null
    },

    /** When a named secret was deleted, null if it is there, as its newest genuine entry has it; undefined: none has. */
    deletionOf(named: KmsOwner): number | null | undefined {
      const newest = selectLifeOfKms.get({ id: named.id })
      if (!newest || !isGenuine(newest, ownerOfKms(named))) return undefined
      return newest.type === 'kms.deleted' ? newest.at : null
    },

    /** Whether the entries of refused attempts are as they were recorded. */
    refusalsAreGenuine: (secret: SecretOwner): boolean =>
      selectRefusals.all({ id: secret.id }).every((entry) => isGenuine(entry, ownerOf(secret))),

    /** Whether the entries of looks and refused attempts are as they were recorded. */
    refusalsOfRequestAreGenuine: (request: RequestOwner): boolean =>
      entriesOfRequest(request, isAttempt).every((entry) => isGenuine(entry, ownerOf(request))),

    /** 0: there is none. */
    firstOf: (secretId: number): number => selectFirst.get({ id: secretId })?.id ?? 0,
    firstOfRequest: (request: RequestOwner): number => entriesOfRequest(request)[0]?.id ?? 0,
    firstOfKms: (kmsId: number): number => selectFirstOfKms.get({ id: kmsId })?.id ?? 0,

    /** Up to `limit` entries of a deleted named secret, that of its deletion last. */
    entriesOfKms(named: KmsOwner, limit: number): LoggedEntry[] {
      const entries = db
        .select()
        .from(events)
        .where(eq(events.kmsId, named.id))
        .orderBy(sql`${events.type} = 'kms.deleted'`, events.id)
        .limit(limit)
        .all()
      return entries.map((entry) => ({ ...entry, isGenuine: isGenuine(entry, ownerOfKms(named)) }))
    },

    /** Up to `limit` refusals until `before` for handlers that there were none of, but for those in `except`. */
    refusalsOfUnknown(before: number, except: ReadonlySet<number>, limit: number): LoggedRefusal[] {
      const ofNone = and(isNotNull(events.handler), isNull(events.kmsId))
      const refusals = db
        .select()
        .from(events)
        .where(and(ofNone, lte(events.at, before), isNotIn(events.id, except)))
        .limit(limit)
        .all()
      return refusals.map((entry) => {
        const { workspaceId, handler } = entry
        return { ...entry, isGenuine: isGenuine(entry, { workspaceId, handler, slug: null }) }
      })
    },

    /** All entries of a secret, which are known to be genuine. */
    purge(secret: SecretOwner, basis: Omit<Purge, 'entries' | 'workspaceId'>): void {
      const entries = db.select().from(events).where(eq(events.secretId, secret.id)).all()
      empty({ ...basis, entries, workspaceId: secret.workspaceId })
    },

    /** All entries of a request, which are known to be genuine. */
    purgeRequest(request: RequestOwner, basis: Omit<Purge, 'entries' | 'workspaceId'>): void {
      empty({ ...basis, entries: entriesOfRequest(request), workspaceId: request.workspaceId })
    },

    /** Some entries of named secrets, which are known to be genuine. */
    purgeKms: (purge: Purge | RefusalPurge): void => empty(purge),
  }
}
