/** Where workspaces are told of events. */
import { and, count, eq, isNotNull } from 'drizzle-orm'
import type { Webhook } from '../../domain/notices/webhook.ts'
import type { Drizzle } from './database.ts'
import { outbox, webhooks } from './schema.ts'

export function openWebhooks(db: Drizzle) {
  return {
    create(webhook: Webhook, limit: number): boolean {
      const inWorkspace = eq(webhooks.workspaceId, webhook.workspaceId)
      const present = db.select({ present: count() }).from(webhooks).where(inWorkspace).get()?.present ?? 0
      if (present >= limit) return false
      db.insert(webhooks).values(webhook).run()
      return true
    },

    list: (workspaceId: number): Webhook[] =>
      db
        .select()
        .from(webhooks)
        .where(eq(webhooks.workspaceId, workspaceId))
        .orderBy(webhooks.createdAt, webhooks.id)
        .all(),

    find: (id: string): Webhook | undefined => db.select().from(webhooks).where(eq(webhooks.id, id)).get(),

    rotate: (id: string, sealedSecret: Buffer, previousUntil: number): Webhook | undefined =>
      db
        .update(webhooks)
        .set({ previousSealedSecret: webhooks.sealedSecret, previousUntil, sealedSecret })
        .where(eq(webhooks.id, id))
        .returning()
        .all()[0],

    delete(id: string): void {
      db.delete(webhooks).where(eq(webhooks.id, id)).run()
      db.update(outbox)
        .set({ nextAt: null, lastError: 'the webhook was deleted' })
        .where(and(eq(outbox.webhookId, id), isNotNull(outbox.nextAt)))
        .run()
    },
  }
}
