/** How owners are told: webhooks, and messages that wait to be delivered. */
import { describe, expect, test } from 'vitest'
import type { NewMessage } from '../../src/notices/notice.ts'
import { newMessageId } from '../../src/notices/notice.ts'
import type { OpenStore } from './fixture.ts'
import { bytes, caller, hour, never, start, useStore } from './fixture.ts'

const lease = 60_000

export function describeOutbox(open: OpenStore): void {
  const { store, given, givenOwner, reveal } = useStore(open)

  const givenWebhook = async (workspaceId: number, id = 'wh_1', limit = 10) => {
    const webhook = { id, workspaceId, url: 'https://hooks.example/', sealedSecret: bytes(60), createdAt: start }
    const made = await store().createWebhook({ ...webhook, previousSealedSecret: null, previousUntil: null }, limit)
    return { ...webhook, made }
  }

  const givenMessage = async (fields: Partial<NewMessage> = {}) => {
    const { workspaceId } = await givenOwner()
    return store().addMessage({
      id: newMessageId(),
      workspaceId,
      secretId: null,
      kind: 'webhook',
      webhookId: 'wh_1',
      sealedTo: null,
      notice: { type: 'webhook.test', timestamp: 'now', data: { webhook_id: 'wh_1' } },
      createdAt: start,
      ...fields,
    })
  }

  const claim = (now: number) => store().claimMessages(now, now + lease, 10)
  const list = async (workspaceId: number) =>
    (await store().listDeliveries({ workspaceId, page: 1, perPage: 100 })).deliveries

  describe('webhooks', () => {
    test('a rotation makes the newest secret the previous one', async () => {
      const { workspaceId } = await givenOwner()
      const { sealedSecret: before } = await givenWebhook(workspaceId)
      const after = bytes(60)
      const rotated = await store().rotateWebhook('wh_1', after, start + hour)
      expect(rotated).toMatchObject({ sealedSecret: after, previousSealedSecret: before, previousUntil: start + hour })
      expect(await store().findWebhook('wh_1')).toEqual(rotated)
    })

    test('past the limit none is made', async () => {
      const { workspaceId } = await givenOwner()
      const made = await Promise.all(['a', 'b', 'c'].map((id) => givenWebhook(workspaceId, id, 2)))
      expect(made.filter((webhook) => webhook.made)).toHaveLength(2)
      expect(await store().listWebhooks(workspaceId)).toHaveLength(2)
    })

    test('with a webhook goes what waits for it', async () => {
      const { id, workspaceId } = await givenMessage()
      await givenWebhook(workspaceId ?? 0)
      await store().deleteWebhook('wh_1')
      expect(await claim(start)).toEqual([])
      expect(await list(workspaceId ?? 0)).toMatchObject([{ id, nextAt: null, deliveredAt: null }])
    })
  })

  describe('events', () => {
    test('an opening and its messages are one write: one an e-mail address and one a webhook', async () => {
      const { owned, workspaceId } = await givenOwner()
      await givenWebhook(workspaceId)
      const secret = await given(owned)
      const told = await given({ ...owned, content: { ...secret.sent.content, sealedNotify: bytes(60) } })
      await reveal(told, bytes(16))
      const messages = await list(workspaceId)
      expect(messages.map(({ kind }) => kind).sort()).toEqual(['email', 'webhook'])
      expect(new Set(messages.map(({ id }) => id)).size).toBe(2)
      for (const { notice, nextAt } of messages)
        expect({ notice, nextAt }).toMatchObject({ notice: { type: 'secret.opened' }, nextAt: start })
    })

    test('an expiry takes the address with it before the content is destroyed', async () => {
      const { owned } = await givenOwner()
      const sealedNotify = bytes(60)
      const secret = await given({ ...owned, content: { ...(await given()).sent.content, sealedNotify } })
      await store().sweep(start + hour, never)
      expect(await claim(start + hour)).toMatchObject([{ secretId: secret.id, sealedTo: sealedNotify }])
    })

    test('a burn tells nobody', async () => {
      const { owned, workspaceId } = await givenOwner()
      await givenWebhook(workspaceId)
      const secret = await given(owned)
      await store().burn(secret.id, start, caller)
      expect(await claim(start)).toEqual([])
    })
  })

  describe('claims', () => {
    test('a message is claimed by one of many, and by nobody else before the lease ends', async () => {
      const { id } = await givenMessage()
      const claims = await Promise.all(Array.from({ length: 20 }, () => claim(start)))
      expect(claims.flat()).toMatchObject([{ id, attempts: 1 }])
      expect(await claim(start + lease - 1)).toEqual([])
      expect(await claim(start + lease)).toMatchObject([{ id, attempts: 2 }])
    })

    test('who lost its lease settles nothing', async () => {
      const { workspaceId } = await givenMessage()
      const [lost] = await claim(start)
      const [mine] = await claim(start + lease)
      if (!lost || !mine) throw new Error('nothing was claimed')
      await store().settleMessage(lost, { error: 'late', nextAt: null })
      expect(await list(workspaceId ?? 0)).toMatchObject([{ lastError: null, nextAt: start + 2 * lease }])
      await store().settleMessage(mine, { deliveredAt: start + lease })
      expect(await list(workspaceId ?? 0)).toMatchObject([{ deliveredAt: start + lease, nextAt: null }])
    })

    test('those tried least come first', async () => {
      const [old, fresh] = [await givenMessage(), await givenMessage({ createdAt: start + 1 })]
      await store().claimMessages(start, start + 1, 1)
      expect(await store().claimMessages(start + 1, start + lease, 1)).toMatchObject([{ id: fresh.id }])
      expect(await store().claimMessages(start + 1, start + lease, 1)).toMatchObject([{ id: old.id }])
    })

    test('a delivered message forgets its address, a failed one of a workspace keeps it for another try', async () => {
      const sealedTo = bytes(60)
      const mail = { kind: 'email', webhookId: null, sealedTo } as const
      const [first, second] = [await givenMessage(mail), await givenMessage(mail)]
      const claimed = await claim(start)
      const settle = (id: string, settlement: Parameters<ReturnType<typeof store>['settleMessage']>[1]) =>
        store().settleMessage(claimed.find((message) => message.id === id) ?? first, settlement)
      await settle(first.id, { deliveredAt: start })
      await settle(second.id, { error: 'refused', nextAt: null })
      const workspaceId = first.workspaceId ?? 0
      expect(await store().redeliver(workspaceId, first.id, start)).toBe('forgotten')
      expect(await store().redeliver(workspaceId, second.id, start)).toMatchObject({ sealedTo, nextAt: start })
    })

    test('a failed message of nobody’s workspace forgets its address', async () => {
      const { id } = await givenMessage({ workspaceId: null, kind: 'email', webhookId: null, sealedTo: bytes(60) })
      const [claimed] = await claim(start)
      if (!claimed) throw new Error('nothing was claimed')
      await store().settleMessage(claimed, { error: 'refused', nextAt: start })
      expect(await claim(start)).toMatchObject([{ id, sealedTo: claimed.sealedTo }])
      await store().settleMessage({ id, attempts: 2 }, { error: 'refused', nextAt: null })
      await store().settleMessage({ id, attempts: 2 }, { error: 'refused', nextAt: start })
      expect(await claim(start)).toMatchObject([{ id, sealedTo: null }])
    })

    test('another workspace’s message is unknown', async () => {
      const { id } = await givenMessage()
      expect(await store().redeliver(99, id, start)).toBe('unknown')
      expect(await list(99)).toEqual([])
    })
  })

  describe('with the record of their secret', () => {
    test('settled messages go at once, those on their way once they are settled and old', async () => {
      const { owned, workspaceId } = await givenOwner()
      const sealedNotify = bytes(60)
      const secret = await given({ ...owned, content: { ...(await given()).sent.content, sealedNotify } })
      const done = await givenMessage({ secretId: secret.id })
      const [claimed] = await claim(start)
      if (!claimed) throw new Error('nothing was claimed')
      await store().settleMessage(claimed, { deliveredAt: start })
      await store().sweep(start + hour, never)
      await store().purge(secret.id)
      expect(await list(workspaceId)).toMatchObject([{ kind: 'email', secretId: null, sealedTo: sealedNotify }])
      expect(claimed.id).toBe(done.id)

      await store().sweep(start + hour, start + 9 * hour)
      const [waiting] = await claim(start + hour)
      if (!waiting) throw new Error('the message on its way was swept')
      await store().settleMessage(waiting, { deliveredAt: start + hour })
      await store().sweep(start + hour, start + hour)
      expect(await list(workspaceId)).toEqual([])
    })
  })
}
