/** The access log: one chain of entries a workspace, extended in the transaction of what they tell of. */
import { randomUUID } from 'node:crypto'
import { and, desc, eq, gt, gte, inArray, lt, max, ne, or, sql } from 'drizzle-orm'
import type { AuditEntry, AuditHead, Mac } from '../../audit/entry.ts'
import { chainStart, hashEntry, linkEntry, markPurged } from '../../audit/entry.ts'
import type { Caller, EventType, Secret, SecretEvent } from '../../secrets/secret.ts'
import type { AuditQuery } from '../store.ts'
import type { Drizzle } from './database.ts'
import { events, secrets } from './schema.ts'

export interface AuditSettings {
  mac: Mac
  /** What is kept of a caller's address. */
  keepAddress: (address: string | null) => string | null
}

/** Refusals of a secret that its owner's list shows: anybody who knows a slug can make more. */
const mostDenialsListed = 1000

const placeholder = sql.placeholder

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
      const id = (newestId ??= selectNewestId.get()?.id ?? 0) + 1
      const previous = heads.get(workspaceId) ?? selectHead.get({ workspaceId })?.chain ?? chainStart(workspaceId)
      const { userAgent, country } = caller
      const entry = { id, type, reason, at, ip: keepAddress(caller.ip), userAgent, country, nonce: randomUUID() }
      const entryHash = hashEntry({ ...entry, slug })
      const chain = linkEntry(mac, previous, entryHash)
      insertEvent.run({ ...entry, workspaceId, secretId, entryHash, chain })
      newestId = id
      heads.set(workspaceId, chain)
    },

    /** Leaves id, type, time and hashes, with a mark that the server key made. */
    purge(secretId: number): void {
      const { id, type, at, chain } = events
      for (const entry of db.select({ id, type, at, chain }).from(events).where(eq(events.secretId, secretId)).all())
        db.update(events)
          .set({
            purgeMark: markPurged(mac, entry),
            secretId: null,
            nonce: null,
            reason: null,
            ip: null,
            userAgent: null,
            country: null,
          })
          .where(eq(id, entry.id))
          .run()
    },

    ofSecret(secretId: number): SecretEvent[] {
      const newestDenials = db
        .select({ id: events.id })
        .from(events)
        .where(and(eq(events.secretId, secretId), eq(events.type, 'denied')))
        .orderBy(desc(events.id))
        .limit(mostDenialsListed)
      return db
        .select(said)
        .from(events)
        .where(and(eq(events.secretId, secretId), or(ne(events.type, 'denied'), inArray(events.id, newestDenials))))
        .orderBy(events.id)
        .all()
    },

    read({ workspaceId, after, limit, since, until, type, slug }: AuditQuery): AuditEntry[] {
      const { id, nonce, entryHash, chain, purgeMark } = events
      return db
        .select({ ...said, id, nonce, entryHash, chain, purgeMark, slug: secrets.slug })
        .from(events)
        .leftJoin(secrets, eq(secrets.id, events.secretId))
        .where(
          and(
            sql`${events.workspaceId} IS ${workspaceId}`,
            gt(id, after),
            since === undefined ? undefined : gte(events.at, since),
            until === undefined ? undefined : lt(events.at, until),
            type && eq(events.type, type),
            slug === undefined ? undefined : eq(secrets.slug, slug),
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
