/** The chains of the access log, one a workspace: adding entries, and telling whether one is where it was added. */
import { randomUUID } from 'node:crypto'
import { and, desc, lt, max, sql } from 'drizzle-orm'
import type { AuditHead, EntryContent, Mac } from '../../domain/audit/entry.ts'
import { chainStart, hashEntry, isIntact, linkEntry } from '../../domain/audit/entry.ts'
import type { Caller } from '../../domain/secrets/secret.ts'
import type { Drizzle } from './database.ts'
import { events } from './schema.ts'
import { prepare } from './statements.ts'

export interface AuditSettings {
  mac: Mac
  /** What is kept of a caller's address. */
  keepAddress: (address: string | null) => string | null
}

export interface Appended extends Omit<EntryContent, 'id' | 'slug' | 'nonce' | keyof Caller> {
  workspaceId: number | null
  secretId: number | null
  kmsId: number | null
  requestId: number | null
}

export type EventRow = typeof events.$inferSelect

/** Whose entries, and by what name they tell of it. */
export interface Owner {
  workspaceId: number | null
  slug: string | null
  handler: string | null
}

const placeholder = sql.placeholder

export function openChain(db: Drizzle, { mac, keepAddress }: AuditSettings) {
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
  const selectPrevious = db
    .select({ chain: events.chain })
    .from(events)
    .where(and(ofWorkspace, lt(events.id, placeholder('id'))))
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

  const begun = (): void => {
    const version = dataVersion.get()
    if (version !== seenVersion) forget()
    seenVersion = version
  }

  /** The new entry's id. */
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

  /** Whether the server wrote an entry as it is, of this owner and after the entry that is before it. */
  const isGenuine = (entry: EventRow, { workspaceId, slug, handler }: Owner): boolean => {
    if (entry.workspaceId !== workspaceId || entry.handler !== handler || entry.purgeMark !== null) return false
    if (!isIntact(mac, { ...entry, slug })) return false
    const previous = selectPrevious.get({ workspaceId, id: entry.id })?.chain ?? chainStart(workspaceId)
    return linkEntry(mac, previous, entry.entryHash).equals(entry.chain)
  }

  const head = (workspaceId: number | null): AuditHead | null => selectHead.get({ workspaceId }) ?? null

  return { begun, rolledBack: forget, append, isGenuine, head }
}

export type Chain = ReturnType<typeof openChain>
