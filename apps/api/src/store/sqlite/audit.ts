/** The access log: one chain of entries a workspace, extended in the transaction of what they tell of. */
import { randomUUID } from 'node:crypto'
import type { SQL } from 'drizzle-orm'
import { and, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, max, ne, or, sql } from 'drizzle-orm'
import type { AuditEntry, AuditHead, EntryContent, Mac } from '../../domain/audit/entry.ts'
import { chainStart, hashEntry, linkEntry, markPurged } from '../../domain/audit/entry.ts'
import type { KmsActor, KmsEvent, KmsEventType, KmsRefusal } from '../../domain/kms/entry.ts'
import type { Caller, EventType, Secret, SecretEvent } from '../../domain/secrets/secret.ts'
import type { AuditQuery } from '../store.ts'
import type { Drizzle } from './database.ts'
import { matchesAny } from './rows.ts'
import { events, secrets } from './schema.ts'

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

interface Appended extends Omit<EntryContent, 'id' | 'slug' | 'nonce' | keyof Caller> {
  workspaceId: number | null
  secretId: number | null
  kmsId: number | null
}

const noNamedSecret = { kmsId: null, handler: null, version: null, tokenId: null, token: null }

/** What a purge leaves of what an entry said. */
const nothing = {
  ...noNamedSecret,
  secretId: null,
  nonce: null,
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
  const insertEvent = db
    .insert(events)
    .values({
      id: placeholder('id'),
      workspaceId: placeholder('workspaceId'),
      secretId: placeholder('secretId'),
      kmsId: placeholder('kmsId'),
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
      entryHash: placeholder('entryHash'),
      chain: placeholder('chain'),
    })
    .prepare()

  const said = {
    type: events.type,
    reason: events.reason,
    at: events.at,
    ip: events.ip,
    userAgent: events.userAgent,
    country: events.country,
  }

  const append = (
    { workspaceId, secretId, kmsId, ...said }: Appended,
    { ip, userAgent, country }: Caller,
    slug: string | null,
  ): void => {
    const id = (newestId ??= selectNewestId.get()?.id ?? 0) + 1
    const previous = heads.get(workspaceId) ?? selectHead.get({ workspaceId })?.chain ?? chainStart(workspaceId)
    const entry = { ...said, id, ip: keepAddress(ip), userAgent, country, nonce: randomUUID() }
    const entryHash = hashEntry({ ...entry, slug })
    const chain = linkEntry(mac, previous, entryHash)
    insertEvent.run({ ...entry, workspaceId, secretId, kmsId, entryHash, chain })
    newestId = id
    heads.set(workspaceId, chain)
  }

  /** Leaves id, type, time and hashes, with a mark that the server key made. */
  const purge = (which: SQL | undefined, limit = -1): number => {
    const { id, type, at, chain } = events
    const entries = db.select({ id, type, at, chain }).from(events).where(which).limit(limit).all()
    for (const entry of entries)
      db.update(events)
        .set({ ...nothing, purgeMark: markPurged(mac, entry) })
        .where(eq(id, entry.id))
        .run()
    return entries.length
  }

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
    ): void {
      append({ ...noNamedSecret, workspaceId, secretId, type, at, reason }, caller, slug)
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
      append({ ...named, secretId: null, type, at, reason }, caller, null)
    },

    purge: (secretId: number): number => purge(eq(events.secretId, secretId)),

    /** Up to `limit` entries of a deleted named secret; how many that were. */
    purgeKms: (kmsId: number, limit: number): number => purge(eq(events.kmsId, kmsId), limit),

    /** Up to `limit` refusals, older than `before`, for handlers that there were none of; how many that were. */
    purgeUnknownHandlers: (before: number, limit: number): number =>
      purge(and(isNotNull(events.handler), isNull(events.kmsId), lte(events.at, before)), limit),

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
        .orderBy(events.id)
        .all()
      return rows as SecretEvent[]
    },

    read({ workspaceId, patterns, after, limit, since, until, type, slug, handler }: AuditQuery): AuditEntry[] {
      const { id, nonce, entryHash, chain, purgeMark, version, tokenId, token } = events
      const ofNamedSecret = { handler: events.handler, version, tokenId, token }
      return db
        .select({ ...said, ...ofNamedSecret, id, nonce, entryHash, chain, purgeMark, slug: secrets.slug })
        .from(events)
        .leftJoin(secrets, eq(secrets.id, events.secretId))
        .where(
          and(
            sql`${events.workspaceId} IS ${workspaceId}`,
            gt(id, after),
            patterns ? or(isNull(events.handler), matchesAny(events.handler, patterns)) : undefined,
            since === undefined ? undefined : gte(events.at, since),
            until === undefined ? undefined : lt(events.at, until),
            type && eq(events.type, type),
            slug === undefined ? undefined : eq(secrets.slug, slug),
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
