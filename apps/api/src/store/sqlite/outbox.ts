/** Messages to owners and recipients: written with the event that they tell of, kept as long as its secret's record. */
import type { SQL } from 'drizzle-orm'
import { and, count, desc, eq, getTableColumns, inArray, isNotNull, isNull, lte, sql } from 'drizzle-orm'
import type { KmsNotice, Message, NewMessage, Notice, OwnerNotice, RequestNotice } from '../../domain/notices/notice.ts'
import { admitNotice, newMessageId } from '../../domain/notices/notice.ts'
import type { Secret } from '../../domain/secrets/secret.ts'
import type { Claim, ClaimQuery, DeliveryQuery, Settlement } from '../outbox.ts'
import type { Drizzle } from './database.ts'
import { addressees, outbox, secrets, webhooks } from './schema.ts'
import type { Scrubber } from './scrubber.ts'

const placeholder = sql.placeholder

const byStatus = {
  pending: isNotNull(outbox.nextAt),
  delivered: and(isNull(outbox.nextAt), isNotNull(outbox.deliveredAt)),
  failed: and(isNull(outbox.nextAt), isNull(outbox.deliveredAt)),
}

const { addresseeId: _addresseeId, ...stored } = getTableColumns(outbox)
const columns = {
  ...stored,
  sealedTo: sql<Buffer | null>`(SELECT sealed_to FROM addressees WHERE addressees.id = outbox.addressee_id)`,
}

export function openOutbox(db: Drizzle, scrubber: Scrubber) {
  const selectWebhooks = db
    .select({ id: webhooks.id })
    .from(webhooks)
    .where(eq(webhooks.workspaceId, placeholder('workspaceId')))
    .prepare()
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(
        lte(outbox.nextAt, placeholder('now')),
        sql`coalesce(${outbox.webhookId}, 'email') NOT IN (SELECT value FROM json_each(${placeholder('except')}))`,
      ),
    )
    .orderBy(outbox.attempts, outbox.nextAt)
    .limit(placeholder('limit'))
  const claim = db
    .update(outbox)
    .set({ attempts: sql`${outbox.attempts} + 1`, nextAt: sql`${placeholder('leaseUntil')}` })
    .where(inArray(outbox.id, due))
    .returning(columns)
    .prepare()

  const add = ({ sealedTo, ...message }: NewMessage): Message => {
    const addressee = sealedTo && db.insert(addressees).values({ sealedTo }).returning({ id: addressees.id }).get()
    return db
      .insert(outbox)
      .values({ ...message, addresseeId: addressee?.id ?? null, nextAt: message.createdAt })
      .returning(columns)
      .get()
  }

  const queue = (
    message: Pick<NewMessage, 'workspaceId' | 'secretId' | 'notice' | 'createdAt'>,
    sealedTo: Buffer | null,
  ): void => {
    const { workspaceId } = message
    const receivers: Pick<Message, 'kind' | 'webhookId' | 'sealedTo'>[] = []
    if (sealedTo) receivers.push({ kind: 'email', webhookId: null, sealedTo })
    if (workspaceId !== null)
      for (const { id } of selectWebhooks.all({ workspaceId }))
        receivers.push({ kind: 'webhook', webhookId: id, sealedTo: null })
    for (const receiver of receivers) add({ ...message, ...receiver, id: newMessageId() })
  }

  /** Nulls in place the addresses of some messages. */
  const forgetAddresses = (of: SQL | undefined): void => {
    const ids = db.select({ id: outbox.addresseeId }).from(outbox).where(of)
    const held = and(inArray(addressees.id, ids), isNotNull(addressees.sealedTo))
    if (db.update(addressees).set({ sealedTo: null }).where(held).run().changes > 0) scrubber.overwritten()
  }

  const isOfType = (type: Notice['type']): SQL => eq(sql`json_extract(${outbox.notice}, '$.type')`, type)
  const selectShared = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.secretId, placeholder('secretId')), isOfType('secret.shared')))
    .limit(1)
    .prepare()

  return {
    add,

    /** Queues a notice to every webhook of the secret's workspace, and by mail to the address that is sealed here. */
    notify(
      secret: Pick<Secret, 'id' | 'workspaceId'>,
      notice: OwnerNotice,
      sealedTo: Buffer | null,
      now: number,
    ): void {
      queue({ workspaceId: secret.workspaceId, secretId: secret.id, notice, createdAt: now }, sealedTo)
    },

    /** The same of a request. Nothing is kept of a message that was delivered or given up. */
    notifyRequest(workspaceId: number | null, notice: RequestNotice, sealedTo: Buffer | null, now: number): void {
      queue({ workspaceId, secretId: null, notice, createdAt: now }, sealedTo)
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
      const secret = db
        .select({ endedAt: secrets.endedAt, expiresAt: secrets.expiresAt })
        .from(secrets)
        .where(eq(secrets.id, secretId))
        .get()
      const alike = and(eq(outbox.secretId, secretId), isOfType(notice.type))
      const sent = db.select({ before: count() }).from(outbox).where(alike).get()?.before ?? 0
      const outcome = admitNotice({ secret: secret ?? null, sent }, limit, now)
      return outcome === 'admitted' ? add(message) : outcome
    },

    /** Those tried least come first, so that a receiver that is down can't keep the others waiting. */
    claim: ({ now, leaseUntil, limit, except = [] }: ClaimQuery): Message[] =>
      claim.all({ now, leaseUntil, limit, except: JSON.stringify(except) }),

    settle({ id, attempts }: Claim, settlement: Settlement): void {
      const arrived = 'deliveredAt' in settlement
      const settled = arrived
        ? { deliveredAt: settlement.deliveredAt, nextAt: null, lastError: null }
        : { nextAt: settlement.nextAt, lastError: settlement.error }
      const stillWanted = arrived ? undefined : isNotNull(outbox.nextAt)
      const mine = and(eq(outbox.id, id), eq(outbox.attempts, attempts), stillWanted)
      const [row] = db.update(outbox).set(settled).where(mine).returning().all()
      if (!row || row.nextAt !== null) return
      const redeliverable = row.deliveredAt === null && row.workspaceId !== null && row.secretId !== null
      if (!redeliverable) forgetAddresses(eq(outbox.id, id))
    },

    list({ workspaceId, status, page, perPage }: DeliveryQuery): { deliveries: Message[]; total: number } {
      const wanted = and(eq(outbox.workspaceId, workspaceId), status && byStatus[status])
      const deliveries = db
        .select(columns)
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
      const row = db.select(columns).from(outbox).where(mine).get()
      if (!row) return 'unknown'
      const receiver =
        row.webhookId === null ? row.sealedTo : db.select().from(webhooks).where(eq(webhooks.id, row.webhookId)).get()
      if (!receiver) return 'forgotten'
      const again = { nextAt: now, deliveredAt: null, lastError: null }
      return db.update(outbox).set(again).where(mine).returning(columns).get()
    },

    /** A secret's content is destroyed: nobody needs to hear any more that it waits. */
    withdraw(secretId: number): void {
      if (!selectShared.get({ secretId })) return
      const notices = and(eq(outbox.secretId, secretId), isOfType('secret.shared'))
      db.update(outbox)
        .set({ nextAt: null, lastError: 'the secret has ended' })
        .where(and(notices, isNotNull(outbox.nextAt)))
        .run()
      forgetAddresses(notices)
    },

    /** The record of a secret goes: so do its messages, but for those still on their way, which then stand alone. */
    forget(secretId: number): void {
      const settled = and(eq(outbox.secretId, secretId), isNull(outbox.nextAt))
      forgetAddresses(settled)
      db.delete(outbox).where(settled).run()
      db.update(outbox).set({ secretId: null }).where(eq(outbox.secretId, secretId)).run()
    },

    /** Removes messages that stand alone and are settled; their addresses went when they were. */
    sweep(purgeBefore: number): void {
      db.delete(outbox)
        .where(and(isNull(outbox.secretId), isNull(outbox.nextAt), lte(outbox.createdAt, purgeBefore)))
        .run()
    },
  }
}

export type Outbox = ReturnType<typeof openOutbox>
