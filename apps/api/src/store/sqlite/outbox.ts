/** Messages to owners and recipients: written with the event that they tell of, kept as long as its secret's record. */
import { and, count, desc, eq, gt, inArray, isNotNull, isNull, lte, sql } from 'drizzle-orm'
import type { KmsNotice, Message, NewMessage, OwnerNotice } from '../../notices/notice.ts'
import { newMessageId, ownerNotice } from '../../notices/notice.ts'
import type { Claim, DeliveryQuery, Settlement } from '../outbox.ts'
import type { Drizzle } from './database.ts'
import type { SecretRow } from './rows.ts'
import { outbox, secrets, vault, webhooks } from './schema.ts'

const placeholder = sql.placeholder

const byStatus = {
  pending: isNotNull(outbox.nextAt),
  delivered: and(isNull(outbox.nextAt), isNotNull(outbox.deliveredAt)),
  failed: and(isNull(outbox.nextAt), isNull(outbox.deliveredAt)),
}

export function openOutbox(db: Drizzle) {
  const selectWebhooks = db
    .select({ id: webhooks.id })
    .from(webhooks)
    .where(eq(webhooks.workspaceId, placeholder('workspaceId')))
    .prepare()
  const selectNotify = db
    .select({ sealedNotify: vault.sealedNotify })
    .from(vault)
    .where(eq(vault.id, placeholder('id')))
    .prepare()
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(lte(outbox.nextAt, placeholder('now')))
    .orderBy(outbox.attempts, outbox.nextAt)
    .limit(placeholder('limit'))
  const claim = db
    .update(outbox)
    .set({ attempts: sql`${outbox.attempts} + 1`, nextAt: sql`${placeholder('leaseUntil')}` })
    .where(inArray(outbox.id, due))
    .returning()
    .prepare()

  const add = (message: NewMessage): Message =>
    db
      .insert(outbox)
      .values({ ...message, nextAt: message.createdAt })
      .returning()
      .get()

  return {
    add,

    /** Tells whoever asked to be told. Call it before the secret's content is destroyed, and with it the address. */
    tell(row: SecretRow, type: OwnerNotice['type'], at: number, now: number): void {
      const { id: secretId, workspaceId } = row
      const receivers: Pick<Message, 'kind' | 'webhookId' | 'sealedTo'>[] = []
      const sealedTo = selectNotify.get({ id: secretId })?.sealedNotify
      if (sealedTo) receivers.push({ kind: 'email', webhookId: null, sealedTo })
      if (workspaceId !== null)
        for (const { id } of selectWebhooks.all({ workspaceId }))
          receivers.push({ kind: 'webhook', webhookId: id, sealedTo: null })
      for (const receiver of receivers)
        add({
          ...receiver,
          id: newMessageId(),
          workspaceId,
          secretId,
          notice: ownerNotice(type, row, at),
          createdAt: now,
        })
    },

    /** Tells the workspace's webhooks of a named secret. */
    tellKms(workspaceId: number, notice: KmsNotice, now: number): void {
      for (const { id: webhookId } of selectWebhooks.all({ workspaceId }))
        add({
          id: newMessageId(),
          workspaceId,
          secretId: null,
          kind: 'webhook',
          webhookId,
          sealedTo: null,
          notice,
          createdAt: now,
        })
    },

    addNotice(message: NewMessage & { secretId: number }, limit: number, now: number): Message | 'ended' | 'limit' {
      const { secretId, notice } = message
      const alive = and(eq(secrets.id, secretId), isNull(secrets.endedAt), gt(secrets.expiresAt, now))
      if (!db.select({ id: secrets.id }).from(secrets).where(alive).get()) return 'ended'
      const alike = and(eq(outbox.secretId, secretId), eq(sql`json_extract(${outbox.notice}, '$.type')`, notice.type))
      if ((db.select({ before: count() }).from(outbox).where(alike).get()?.before ?? 0) >= limit) return 'limit'
      return add(message)
    },

    /** Those tried least come first, so that a receiver that is down can't keep the others waiting. */
    claim: (now: number, leaseUntil: number, limit: number): Message[] => claim.all({ now, leaseUntil, limit }),

    /** true: an address was destroyed. */
    settle({ id, attempts }: Claim, settlement: Settlement): boolean {
      const settled =
        'deliveredAt' in settlement
          ? { deliveredAt: settlement.deliveredAt, nextAt: null, lastError: null }
          : { nextAt: settlement.nextAt, lastError: settlement.error }
      const mine = and(eq(outbox.id, id), eq(outbox.attempts, attempts))
      const [row] = db.update(outbox).set(settled).where(mine).returning().all()
      // Without a workspace nobody could ask for another try.
      if (!row?.sealedTo || row.nextAt !== null || (row.deliveredAt === null && row.workspaceId !== null)) return false
      db.update(outbox).set({ sealedTo: null }).where(eq(outbox.id, id)).run()
      return true
    },

    list({ workspaceId, status, page, perPage }: DeliveryQuery): { deliveries: Message[]; total: number } {
      const wanted = and(eq(outbox.workspaceId, workspaceId), status && byStatus[status])
      const deliveries = db
        .select()
        .from(outbox)
        .where(wanted)
        .orderBy(desc(outbox.createdAt), desc(sql`rowid`))
        .limit(perPage)
        .offset((page - 1) * perPage)
        .all()
      return { deliveries, total: db.select({ total: count() }).from(outbox).where(wanted).get()?.total ?? 0 }
    },

    redeliver(workspaceId: number, id: string, now: number): Message | 'unknown' | 'forgotten' {
      const mine = and(eq(outbox.workspaceId, workspaceId), eq(outbox.id, id))
      const row = db.select().from(outbox).where(mine).get()
      if (!row) return 'unknown'
      const receiver =
        row.webhookId === null ? row.sealedTo : db.select().from(webhooks).where(eq(webhooks.id, row.webhookId)).get()
      if (!receiver) return 'forgotten'
      const again = { nextAt: now, deliveredAt: null, lastError: null }
      return db.update(outbox).set(again).where(mine).returning().get()
    },

    /** The record of a secret goes: so do its messages, but for those still on their way, which then stand alone. */
    forget(secretId: number): void {
      db.delete(outbox)
        .where(and(eq(outbox.secretId, secretId), isNull(outbox.nextAt)))
        .run()
      db.update(outbox).set({ secretId: null }).where(eq(outbox.secretId, secretId)).run()
    },

    /** Removes messages that stand alone and are settled; whether there were any. */
    sweep: (purgeBefore: number): boolean =>
      db
        .delete(outbox)
        .where(and(isNull(outbox.secretId), isNull(outbox.nextAt), lte(outbox.createdAt, purgeBefore)))
        .run().changes > 0,
  }
}

export type Outbox = ReturnType<typeof openOutbox>
