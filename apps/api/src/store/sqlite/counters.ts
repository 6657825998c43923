/**
 * Counts that lists, statistics and quotas stand on, kept in the writing transaction. Of secrets made without a token, and
 * of answers to requests (request-counts.ts counts those), only what is stored is counted.
 */
import type { SQL } from 'drizzle-orm'
import { and, eq, gte, inArray, lt, lte, sql, sum } from 'drizzle-orm'
import type { Secret, State } from '../../domain/secrets/secret.ts'
import type { Stats, Usage } from '../store.ts'
import type { Drizzle } from './database.ts'
import { anonymous, attachments, counts, days, metas, secrets, vault, workspaces } from './schema.ts'
import { prepare } from './statements.ts'

const dayLength = 86_400_000
const dayOf = (time: number): number => Math.floor(time / dayLength)

type Owned = Pick<Secret, 'workspaceId' | 'tokenId' | 'requestId'>

const isAlive = (state: State): boolean => state === 'uploading' || state === 'active' || state === 'locked'

export function openCounters(db: Drizzle) {
  const addPresent = prepare(
    db,
    db
      .insert(counts)
      .values({
        workspaceId: sql.placeholder('workspaceId'),
        tokenId: sql.placeholder('tokenId'),
        state: sql.placeholder('state'),
        present: sql.placeholder('change'),
      })
      .onConflictDoUpdate({
        target: [counts.workspaceId, counts.tokenId, counts.state],
        set: { present: sql`${counts.present} + excluded.present` },
      }),
  )
  const addToDay = prepare(
    db,
    db
      .insert(days)
      .values({
        workspaceId: sql.placeholder('workspaceId'),
        day: sql.placeholder('day'),
        created: sql.placeholder('created'),
        withPassword: sql.placeholder('withPassword'),
        views: sql.placeholder('views'),
      })
      .onConflictDoUpdate({
        target: [days.workspaceId, days.day],
        set: {
          created: sql`${days.created} + excluded.created`,
          withPassword: sql`${days.withPassword} + excluded.with_password`,
          views: sql`${days.views} + excluded.views`,
        },
      }),
  )

  const bytes = sql.placeholder('bytes')
  const reserve = prepare(
    db,
    db
      .update(workspaces)
      .set({
        activeSecrets: sql`${workspaces.activeSecrets} + 1`,
        storedBytes: sql`${workspaces.storedBytes} + ${bytes}`,
      })
      .where(
        and(
          eq(workspaces.id, sql.placeholder('workspaceId')),
          lt(workspaces.activeSecrets, sql.placeholder('activeSecrets')),
          lte(sql`${workspaces.storedBytes} + ${bytes}`, sql.placeholder('storedBytes')),
        ),
      ),
  )
  const selectUsage = prepare(
    db,
    db
      .select({ activeSecrets: workspaces.activeSecrets, storedBytes: workspaces.storedBytes })
      .from(workspaces)
      .where(eq(workspaces.id, sql.placeholder('workspaceId'))),
  )
  const endOne = prepare(
    db,
    db
      .update(workspaces)
      .set({ activeSecrets: sql`${workspaces.activeSecrets} - 1` })
      .where(eq(workspaces.id, sql.placeholder('workspaceId'))),
  )
  const id = sql.placeholder('id')
  const ownerOf = sql`${workspaces.id} = (SELECT coalesce(${secrets.workspaceId}, ${anonymous}) FROM ${secrets} WHERE ${secrets.id} = ${id})`
  const free = (stored: SQL) =>
    db
      .update(workspaces)
      .set({ storedBytes: sql`${workspaces.storedBytes} - coalesce((${stored}), 0)` })
      .where(ownerOf)
      .prepare()
  const freeBytes = free(
    sql`SELECT length(${vault.ciphertext}) + coalesce(length(${vault.note}), 0) FROM ${vault} WHERE ${vault.id} = ${id}`,
  )
  const freeFiles = free(sql`SELECT sum(${attachments.size}) FROM ${attachments} WHERE ${attachments.secretId} = ${id}`)
  const freeMeta = free(sql`SELECT sum(length(${metas.meta})) FROM ${metas} WHERE ${metas.secretId} = ${id}`)
  const selectMetaBytes = db
    .select({ bytes: sql<number>`coalesce(sum(length(${metas.meta})), 0)` })
    .from(metas)
    .where(eq(metas.secretId, id))
    .prepare()

  const usageOf = (workspaceId: number): Usage => {
    const row = selectUsage.get({ workspaceId })
    if (!row) throw new Error(`there is no workspace ${workspaceId}`)
    return { activeSecrets: row[0] as number, storedBytes: row[1] as number }
  }

  const count = (owner: Owned, state: State, change: 1 | -1): void => {
    if (owner.workspaceId === null || owner.tokenId === null || owner.requestId !== null) return
    addPresent.run({ workspaceId: owner.workspaceId, tokenId: owner.tokenId, state, change })
  }

  return {
    usage: ({ workspaceId }: Pick<Secret, 'workspaceId'>): Usage => usageOf(workspaceId ?? anonymous),

    /** Takes one active secret of `bytes`; 0: the quota doesn't allow for it any more. */
    reserve: ({ workspaceId }: Pick<Secret, 'workspaceId'>, bytes: number, quota: Usage): number =>
      reserve.run({ workspaceId: workspaceId ?? anonymous, bytes, ...quota }),

    /** Takes bytes of a named secret's version, or says that the quota forbids it. */
    reserveBytes(workspaceId: number, bytes: number, quota: Pick<Usage, 'storedBytes'>) {
      const after = sql`${workspaces.storedBytes} + ${bytes}`
      const fits = and(eq(workspaces.id, workspaceId), lte(after, quota.storedBytes))
      if (db.update(workspaces).set({ storedBytes: after }).where(fits).run().changes > 0) return null
      return { quota: 'storedBytes', maximum: quota.storedBytes, used: usageOf(workspaceId).storedBytes } as const
    },

    freeBytes(workspaceId: number, bytes: number): void {
      db.update(workspaces)
        .set({ storedBytes: sql`${workspaces.storedBytes} - ${bytes}` })
        .where(eq(workspaces.id, workspaceId))
        .run()
    },

    /** Before a secret's content goes; again: nothing happens. */
    destroying(id: number): void {
      freeBytes.run({ id })
    },

    /** Before a secret's files go; again: nothing happens. */
    destroyingFiles(id: number): void {
      freeFiles.run({ id })
    },

    metaBytes: (id: number): number => selectMetaBytes.get({ id })?.bytes ?? 0,

    /** 0: the quota doesn't allow for the growth any more. */
    resizeMeta: ({ workspaceId }: Pick<Secret, 'workspaceId'>, growth: number, quota: Usage): number => {
      const after = sql`${workspaces.storedBytes} + ${growth}`
      const fits = growth > 0 ? lte(after, quota.storedBytes) : undefined
      const owner = eq(workspaces.id, workspaceId ?? anonymous)
      return db.update(workspaces).set({ storedBytes: after }).where(and(owner, fits)).run().changes
    },

    /** Before a secret's metadata goes; again: nothing happens. */
    destroyingMeta(id: number): void {
      freeMeta.run({ id })
    },

    created(owner: Owned & { hasPassword: boolean }, state: State, now: number): void {
      if (owner.workspaceId === null || owner.requestId !== null) return
      count(owner, state, 1)
      const withPassword = owner.hasPassword ? 1 : 0
      addToDay.run({ workspaceId: owner.workspaceId, day: dayOf(now), created: 1, withPassword, views: 0 })
    },

    viewed(owner: Owned, now: number): void {
      if (owner.workspaceId === null || owner.requestId !== null) return
      addToDay.run({ workspaceId: owner.workspaceId, day: dayOf(now), created: 0, withPassword: 0, views: 1 })
    },

    moved(owner: Owned, from: State, to: State): void {
      if (from === to) return
      count(owner, from, -1)
      count(owner, to, 1)
      if (isAlive(from) && !isAlive(to)) endOne.run({ workspaceId: owner.workspaceId ?? anonymous })
    },

    removed(owner: Owned, state: State): void {
      count(owner, state, -1)
    },

    present(
      workspaceId: number,
      filter: { states?: readonly State[] | undefined; tokenIds?: string[] | undefined },
    ): number {
      const row = db
        .select({ present: sum(counts.present).mapWith(Number) })
        .from(counts)
        .where(
          and(
            eq(counts.workspaceId, workspaceId),
            filter.states && inArray(counts.state, filter.states),
            filter.tokenIds && inArray(counts.tokenId, filter.tokenIds),
          ),
        )
        .get()
      return row?.present ?? 0
    },

    stats(workspaceId: number, now: number): Stats {
      const today = dayOf(now)
      const sinceMonday = (today + 3) % 7 // day 0 of the epoch was a Thursday
      const sinceFirst = new Date(now).getUTCDate() - 1
      const createdSince = (day: number): number =>
        db
          .select({ created: sum(days.created).mapWith(Number) })
          .from(days)
          .where(and(eq(days.workspaceId, workspaceId), gte(days.day, day)))
          .get()?.created ?? 0
      const all = db
        .select({ withPassword: sum(days.withPassword).mapWith(Number), views: sum(days.views).mapWith(Number) })
        .from(days)
        .where(eq(days.workspaceId, workspaceId))
        .get()
      const present: Record<State, number> = { uploading: 0, active: 0, locked: 0, viewed: 0, expired: 0, burned: 0 }
      for (const row of db.select().from(counts).where(eq(counts.workspaceId, workspaceId)).all())
        present[row.state] += row.present
      return {
        created: createdSince(0),
        createdToday: createdSince(today),
        createdThisWeek: createdSince(today - sinceMonday),
        createdThisMonth: createdSince(today - sinceFirst),
        withPassword: all?.withPassword ?? 0,
        views: all?.views ?? 0,
        present,
      }
    },
  }
}

export type Counters = ReturnType<typeof openCounters>
