/** The access log: one chain of entries a workspace, extended in the transaction of what they tell of. */
import { randomUUID } from 'node:crypto'
import type { SQL } from 'drizzle-orm'
import { and, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, max, ne, not, or, sql } from 'drizzle-orm'
import type { AuditEntry, AuditHead, Basis, EntryContent, Mac, PurgeBasis } from '../../domain/audit/entry.ts'
import { chainStart, hashEntry, isIntact, linkEntry, markPurged } from '../../domain/audit/entry.ts'
import type { History } from '../../domain/audit/records.ts'
import type { RequestHistory } from '../../domain/requests/history.ts'
import { readRequestHistory } from '../../domain/requests/history.ts'
import type { RequestEventType, RequestRecord } from '../../domain/requests/request.ts'
import { readHistory } from '../../domain/audit/records.ts'
import type { KmsActor, KmsEvent, KmsEventType, KmsRefusal } from '../../domain/kms/entry.ts'
import type { Caller, EventType, Secret, SecretEvent } from '../../domain/secrets/secret.ts'
import type { AuditQuery } from '../store.ts'
import type { Drizzle } from './database.ts'
import { requests } from './requests-schema.ts'
import { isNotIn, matchesAny } from './rows.ts'
import { events, secrets } from './schema.ts'
import { prepare } from './statements.ts'

export interface AuditSettings {
  mac: Mac
  /** What is kept of a caller's address. */
  keepAddress: (address: string | null) => string | null
}

/** Refusals of a secret that its owner's list shows: anybody who knows a slug can make more. */
const mostDenialsListed = 1000

const placeholder = sql.placeholder

/** A named secret that an entry is of, and the version if it is of one. */
export interface KmsSubject {
  id: number | null
  workspaceId: number
  handler: string
  version: number | null
}

/** A named secret, as far as its entries name it. */
type KmsOwner = Pick<KmsSubject, 'workspaceId' | 'handler'> & { id: number }

interface Appended extends Omit<EntryContent, 'id' | 'slug' | 'nonce' | keyof Caller> {
  workspaceId: number | null
  secretId: number | null
  kmsId: number | null
  requestId: number | null
}

type RequestOwner = Pick<RequestRecord, 'id' | 'workspaceId' | 'slug'>

const noNamedSecret = { kmsId: null, handler: null, version: null, tokenId: null, token: null }

const nobody: Caller = { ip: null, userAgent: null, country: null }

type EventRow = typeof events.$inferSelect

/** Whose entries, and by what name they tell of it. */
interface Owner {
  workspaceId: number | null
  slug: string | null
  handler: string | null
}

/** Entries to be emptied, which must all be as they were recorded. */
interface Purge {
  entries: EventRow[]
  owner: Owner
  since: number
  /** Milliseconds; null: the owner asked for it. */
  retention: number | null
  now: number
}

/** What a purge leaves of what an entry said. */
const nothing = {
  ...noNamedSecret,
  secretId: null,
  requestId: null,
  nonce: null,
  basis: null,
  reason: null,
  ip: null,
  userAgent: null,
  country: null,
}

export function openAudit(db: Drizzle, { mac, keepAddress }: AuditSettings) {
  /** The ends of the chains as the last transaction left them; forgotten when somebody else may have moved them. */
  const heads = new Map<number | null, Buffer>()
  let newestId: number | undefined
  const forget = (): void => {
    heads.clear()
    newestId = undefined
  }

  /** Changes when another connection has committed: https://www.sqlite.org/pragma.html#pragma_data_version */
  const dataVersion = db.$client.prepare('PRAGMA data_version').pluck()
  let seenVersion: unknown

  const selectNewestId = db
    .select({ id: max(events.id) })
    .from(events)
    .prepare()
  const ofWorkspace = sql`${events.workspaceId} IS ${placeholder('workspaceId')}`
  const selectHead = db
    .select({ id: events.id, chain: events.chain })
    .from(events)
    .where(ofWorkspace)
    .orderBy(desc(events.id))
    .limit(1)
    .prepare()
  const insertEvent = prepare(
    db,
    db.insert(events).values({
      id: placeholder('id'),
      workspaceId: placeholder('workspaceId'),
      secretId: placeholder('secretId'),
      kmsId: placeholder('kmsId'),
      requestId: placeholder('requestId'),
      handler: placeholder('handler'),
      version: placeholder('version'),
      tokenId: placeholder('tokenId'),
      token: placeholder('token'),
      type: placeholder('type'),
      reason: placeholder('reason'),
      at: placeholder('at'),
      ip: placeholder('ip'),
      userAgent: placeholder('userAgent'),
      country: placeholder('country'),
      nonce: placeholder('nonce'),
      basis: placeholder('basis'),
      entryHash: placeholder('entryHash'),
      chain: placeholder('chain'),
    }),
  )

  const said = {
    type: events.type,
    reason: events.reason,
    at: events.at,
    ip: events.ip,
    userAgent: events.userAgent,
    country: events.country,
  }

  const append = (
    { workspaceId, secretId, kmsId, requestId, ...said }: Appended,
    { ip, userAgent, country }: Caller,
    slug: string | null,
  ): number => {
    const id = (newestId ??= selectNewestId.get()?.id ?? 0) + 1
    const previous = heads.get(workspaceId) ?? selectHead.get({ workspaceId })?.chain ?? chainStart(workspaceId)
    const entry = { ...said, id, ip: keepAddress(ip), userAgent, country, nonce: randomUUID() }
    const entryHash = hashEntry({ ...entry, slug })
    const chain = linkEntry(mac, previous, entryHash)
    insertEvent.run({ ...entry, workspaceId, secretId, kmsId, requestId, entryHash, chain })
    newestId = id
    heads.set(workspaceId, chain)
    return id
  }

  const selectPrevious = db
    .select({ chain: events.chain })
    .from(events)
    .where(and(ofWorkspace, lt(events.id, placeholder('id'))))
    .orderBy(desc(events.id))
    .limit(1)
    .prepare()

  /** Whether the server wrote an entry as it is, of this owner and after the entry that is before it. */
  const isGenuine = (entry: EventRow, { workspaceId, slug, handler }: Owner): boolean => {
    if (entry.workspaceId !== workspaceId || entry.handler !== handler || entry.purgeMark !== null) return false
    if (!isIntact(mac, { ...entry, slug })) return false
    const previous = selectPrevious.get({ workspaceId, id: entry.id })?.chain ?? chainStart(workspaceId)
    return linkEntry(mac, previous, entry.entryHash).equals(entry.chain)
  }

  /** Empties entries; false, and nothing done: one of them isn't as it was recorded, or is somebody else's. */
  const purge = (purged: Purge): boolean => {
    const isEachGenuine = purged.entries.every((entry) => isGenuine(entry, purged.owner))
    if (isEachGenuine) empty(purged)
    return isEachGenuine
  }

  /**
   * Leaves id, type, time and hashes, with a mark that the server key made; the chain tells of it in an entry of its
   * own.
   */
  const empty = ({ entries, owner, since, retention, now }: Purge): void => {
    const basis: PurgeBasis = {
      since: new Date(since).toISOString(),
      retention: retention === null ? null : Math.floor(retention / 1000),
      entries: entries.length,
    }
    const reason = retention === null ? 'request' : 'retention'
    const { workspaceId } = owner
    const none = { ...noNamedSecret, secretId: null, requestId: null }
    const told = { ...none, workspaceId, type: 'purged' as const, at: now, reason, basis }
    const purgedBy = append(told, nobody, null)
    for (const entry of entries)
      db.update(events)
        .set({ ...nothing, purgedBy, purgeMark: markPurged(mac, { ...entry, purgedBy }) })
        .where(eq(events.id, entry.id))
        .run()
  }

  /** Refusals that couldn't be purged; forgotten with the process. */
  const disputedRefusals = new Set<number>()

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

  const ownerOf = ({ workspaceId, slug }: Pick<Secret, 'workspaceId' | 'slug'>): Owner => ({
    workspaceId,
    slug,
    handler: null,
  })

  /** When a named secret was deleted, null if it is there, as its newest genuine entry has it; undefined: none has. */
  const deletionOf = ({ id, workspaceId, handler }: KmsOwner): number | null | undefined => {
    const newest = selectLifeOfKms.get({ id })
    if (!newest || !isGenuine(newest, { workspaceId, handler, slug: null })) return undefined
    return newest.type === 'kms.deleted' ? newest.at : null
  }

  /** Anybody with a link, or who guesses slugs, can make more of these. */
  const isAttempt = inArray(events.type, ['request.seen', 'request.refused'])
  const entriesOfRequest = ({ id }: RequestOwner, which?: SQL): EventRow[] =>
    db
      .select()
      .from(events)
      .where(and(eq(events.requestId, id), which))
      .orderBy(events.id)
      .all()

  return {
    begun(): void {
      const version = dataVersion.get()
      if (version !== seenVersion) forget()
      seenVersion = version
    },

    rolledBack: forget,

    record(
      { id: secretId, slug, workspaceId }: Pick<Secret, 'id' | 'slug' | 'workspaceId'>,
      type: EventType,
      at: number,
      caller: Caller,
      reason: string | null = null,
      basis: Basis | null = null,
    ): void {
      append({ ...noNamedSecret, requestId: null, workspaceId, secretId, type, at, reason, basis }, caller, slug)
    },

    recordRequest(
      { id: requestId, slug, workspaceId }: RequestOwner,
      type: RequestEventType,
      at: number,
      caller: Caller,
      reason: string | null,
      basis: Basis | null,
    ): void {
      append({ ...noNamedSecret, secretId: null, workspaceId, requestId, type, at, reason, basis }, caller, slug)
    },

    /** `id` null: there is no such handler. */
    recordKms(
      { id: kmsId, ...subject }: KmsSubject,
      type: KmsEventType,
      at: number,
      { token, caller }: KmsActor | { token: null; caller: Caller },
      reason: KmsRefusal | null = null,
    ): void {
      const named = { ...subject, kmsId, tokenId: token?.id ?? null, token: token?.name ?? null }
      append({ ...named, secretId: null, requestId: null, type, at, reason, basis: null }, caller, null)
    },

    /** What a secret's entries tell of it; null: one of them isn't as it was recorded, or they don't begin with it. */
    historyOf(secret: Pick<Secret, 'id' | 'workspaceId' | 'slug'>): History | null {
      const story = selectStory.all({ id: secret.id })
      return story.every((entry) => isGenuine(entry, ownerOf(secret))) ? readHistory(story) : null
    },

    /** What a request's entries tell of it; null: one of them isn't as it was recorded, or they don't begin with it. */
    historyOfRequest(request: RequestOwner): RequestHistory | null {
      const story = entriesOfRequest(request, not(isAttempt))
      return story.every((entry) => isGenuine(entry, ownerOf(request))) ? readRequestHistory(story) : null
    },

    /** Whether the entries of looks and refused attempts are as they were recorded. */
    refusalsOfRequestAreGenuine: (request: RequestOwner): boolean =>
      entriesOfRequest(request, isAttempt).every((entry) => isGenuine(entry, ownerOf(request))),

    /** All entries of a request, which are known to be genuine. */
    purgeRequest(
      request: RequestOwner,
      { since, retention, at }: Pick<Purge, 'since' | 'retention'> & { at: number },
    ): void {
      empty({ entries: entriesOfRequest(request), owner: ownerOf(request), since, retention, now: at })
    },

    /** 0: there is none. */
    firstOf: (secretId: number): number => selectFirst.get({ id: secretId })?.id ?? 0,
    firstOfKms: (kmsId: number): number => selectFirstOfKms.get({ id: kmsId })?.id ?? 0,
    deletionOf,

    /** Whether the entries of refused attempts are as they were recorded. */
    refusalsAreGenuine: (secret: Pick<Secret, 'id' | 'workspaceId' | 'slug'>): boolean =>
      selectRefusals.all({ id: secret.id }).every((entry) => isGenuine(entry, ownerOf(secret))),

    /** All entries of a secret, which are known to be genuine. Its retention began at `since`. */
    purge(
      secret: Pick<Secret, 'id' | 'workspaceId' | 'slug'>,
      { since, retention, at }: Pick<Purge, 'since' | 'retention'> & { at: number },
    ): void {
      const entries = db.select().from(events).where(eq(events.secretId, secret.id)).all()
      empty({ entries, owner: ownerOf(secret), since, retention, now: at })
    },

    /**
     * Up to `limit` entries of a deleted named secret, that of its deletion last; how many that were. null: they aren't
     * as they were recorded, or don't tell that it was deleted then.
     */
    purgeKms(entry: KmsOwner & { deletedAt: number }, now: number, retention: number, limit: number): number | null {
      const isDeletion = sql`${events.type} = 'kms.deleted'`
      const entries = db
        .select()
        .from(events)
        .where(eq(events.kmsId, entry.id))
        .orderBy(isDeletion, events.id)
        .limit(limit)
        .all()
      if (entries.length === 0) return 0
      const { workspaceId, handler, deletedAt } = entry
      const isLater = ({ type, at }: EventRow): boolean => type !== 'kms.denied' && at > deletedAt
      if (deletionOf(entry) !== deletedAt || entries.some(isLater)) return null
      const owner = { workspaceId, handler, slug: null }
      return purge({ entries, owner, since: deletedAt, retention, now }) ? entries.length : null
    },

    /**
     * Up to `limit` refusals, older than `before`, for handlers that there were none of; how many that were. They rest
     * on their own time alone.
     */
    purgeUnknownHandlers(before: number, now: number, limit: number): number {
      const refusals = db
        .select()
        .from(events)
        .where(
          and(
            isNotNull(events.handler),
            isNull(events.kmsId),
            lte(events.at, before),
            isNotIn(events.id, disputedRefusals),
          ),
        )
        .limit(limit)
        .all()
      for (const refusal of refusals) {
        const { workspaceId, handler, at: since } = refusal
        const owner = { workspaceId, handler, slug: null }
        const done =
          refusal.type === 'kms.denied' && purge({ entries: [refusal], owner, since, retention: now - before, now })
        if (!done) disputedRefusals.add(refusal.id)
      }
      return refusals.length
    },

    ofKms(kmsId: number, before: number | undefined, limit: number): KmsEvent[] {
      const { id, version, tokenId, token } = events
      const rows = db
        .select({ ...said, id, version, tokenId, token })
        .from(events)
        .where(and(eq(events.kmsId, kmsId), before === undefined ? undefined : lt(id, before)))
        .orderBy(desc(id))
        .limit(limit)
        .all()
      return rows as KmsEvent[]
    },

    ofSecret(secretId: number): SecretEvent[] {
      const newestDenials = db
        .select({ id: events.id })
        .from(events)
        .where(and(eq(events.secretId, secretId), eq(events.type, 'denied')))
        .orderBy(desc(events.id))
        .limit(mostDenialsListed)
      const rows = db
        .select(said)
        .from(events)
        .where(and(eq(events.secretId, secretId), or(ne(events.type, 'denied'), inArray(events.id, newestDenials))))
        // By time: a refusal is recorded a moment after it, when later events may be there already.
        .orderBy(events.at, events.id)
        .all()
      return rows as SecretEvent[]
    },

    read({ workspaceId, patterns, after, limit, since, until, type, slug, handler }: AuditQuery): AuditEntry[] {
      const { id, nonce, basis, entryHash, chain, purgeMark, purgedBy, version, tokenId, token } = events
      const ofNamedSecret = { handler: events.handler, version, tokenId, token }
      return db
        .select({
          ...said,
          ...ofNamedSecret,
          id,
          nonce,
          basis,
          entryHash,
          chain,
          purgeMark,
          purgedBy,
          slug: sql<string | null>`coalesce(${secrets.slug}, ${requests.slug})`,
        })
        .from(events)
        .leftJoin(secrets, and(eq(secrets.id, events.secretId), sql`${secrets.workspaceId} IS ${events.workspaceId}`))
        .leftJoin(
          requests,
          and(eq(requests.id, events.requestId), sql`${requests.workspaceId} IS ${events.workspaceId}`),
        )
        .where(
          and(
            sql`${events.workspaceId} IS ${workspaceId}`,
            gt(id, after),
            patterns ? or(isNull(events.handler), matchesAny(events.handler, patterns)) : undefined,
            since === undefined ? undefined : gte(events.at, since),
            until === undefined ? undefined : lt(events.at, until),
            type && eq(events.type, type),
            slug === undefined ? undefined : or(eq(secrets.slug, slug), eq(requests.slug, slug)),
            handler === undefined ? undefined : eq(events.handler, handler),
          ),
        )
        .orderBy(id)
        .limit(limit)
        .all()
    },

    head: (workspaceId: number | null): AuditHead | null => selectHead.get({ workspaceId }) ?? null,

    chains: (): (number | null)[] =>
      db
        .selectDistinct({ workspaceId: events.workspaceId })
        .from(events)
        .all()
        .map(({ workspaceId }) => workspaceId),
  }
}

export type Audit = ReturnType<typeof openAudit>
