/** How owners are told: webhooks, and messages that wait to be delivered. */
import { describe, expect, test } from 'vitest'
import type { NewMessage } from '../../src/domain/notices/notice.ts'
import { newMessageId } from '../../src/domain/notices/notice.ts'
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

  const claim = (now: number, limit = 10, leaseUntil = now + lease) => store().claimMessages({ now, leaseUntil, limit })
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
      await claim(start, 1, start + 1)
      expect(await claim(start + 1, 1, start + lease)).toMatchObject([{ id: fresh.id }])
      expect(await claim(start + 1, 1, start + lease)).toMatchObject([{ id: old.id }])
    })

    test('a delivered message forgets its address, a failed one of a workspace keeps it for another try', async () => {
      const sealedTo = bytes(60)
      const mail = { kind: 'email', webhookId: null, secretId: (await given()).id, sealedTo } as const
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

    test('who was at work on a message that is given up meanwhile can’t put it off, but can say that it arrived', async () => {
      const { id, workspaceId } = await givenMessage()
      await givenWebhook(workspaceId ?? 0)
      const [claimed] = await claim(start)
      if (!claimed) throw new Error('nothing was claimed')
      await store().deleteWebhook('wh_1')
      await store().settleMessage(claimed, { error: 'refused', nextAt: start + hour })
      expect(await list(workspaceId ?? 0)).toMatchObject([{ id, nextAt: null, lastError: 'the webhook was deleted' }])
      await store().settleMessage(claimed, { deliveredAt: start })
      expect(await list(workspaceId ?? 0)).toMatchObject([{ id, deliveredAt: start, lastError: null }])
    })

    test('receivers that are passed over keep their messages, and leave room for others', async () => {
      const messages = await Promise.all(['wh_1', 'wh_2', null].map((webhookId) => givenMessage({ webhookId })))
      const ids = messages.map(({ id }) => id)
      const claimBut = async (...except: string[]) => {
        const claimed = await store().claimMessages({ now: start, leaseUntil: start, limit: 3, except })
        return claimed.map(({ id }) => ids.indexOf(id)).sort()
      }
      expect(await claimBut('wh_1')).toEqual([1, 2])
      expect(await claimBut('wh_2', 'email')).toEqual([0])
      expect(await claimBut()).toEqual([0, 1, 2])
    })

    test('another workspace’s message is unknown', async () => {
      const { id } = await givenMessage()
      expect(await store().redeliver(99, id, start)).toBe('unknown')
      expect(await list(99)).toEqual([])
    })
  })

  describe('with their secret', () => {
    const shared = {
      type: 'secret.shared',
      timestamp: 'now',
      data: { slug: 'x', sender: 'laptop', expires_at: 'then' },
    } as const
    const givenNotice = (secretId: number) =>
      givenMessage({ kind: 'email', webhookId: null, sealedTo: bytes(60), secretId, notice: shared })

    test('notices that it waits are added up to the limit, at once too, and none once it has ended', async () => {
      const { owned, workspaceId } = await givenOwner()
      const [alive, burned] = [await given(owned), await given(owned)]
      await store().burn(burned.id, start, caller)
      const addTo = (secretId: number, now = start) => {
        const mail = { kind: 'email', webhookId: null, sealedTo: bytes(60), notice: shared, createdAt: now } as const
        return store().addNotice({ ...mail, id: newMessageId(), workspaceId, secretId }, 3, now)
      }
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => addTo(alive.id)))
      expect(outcomes.filter((outcome) => outcome === 'limit')).toHaveLength(2)
      expect(outcomes[0]).toMatchObject({ secretId: alive.id, nextAt: start, attempts: 0 })
      expect(await list(workspaceId)).toHaveLength(3)
      expect(await addTo(burned.id)).toBe('ended')
      expect(await addTo((await given(owned)).id, start + hour), 'expired and not swept').toBe('ended')
    })

    test('end notices that it waits: they are given up, and forget their address', async () => {
      const { owned, workspaceId } = await givenOwner()
      const [burned, alive] = [await given(owned), await given(owned)]
      const withdrawn = await givenNotice(burned.id)
      const kept = await givenNotice(alive.id)
      const told = await givenMessage({ secretId: burned.id, kind: 'email', webhookId: null, sealedTo: bytes(60) })
      await store().burn(burned.id, start, caller)
      expect((await claim(start)).map(({ id }) => id).sort()).toEqual([kept.id, told.id].sort())
      expect(await list(workspaceId)).toContainEqual({
        ...withdrawn,
        sealedTo: null,
        nextAt: null,
        lastError: 'the secret has ended',
      })
      expect(await store().redeliver(workspaceId, withdrawn.id, start)).toBe('forgotten')
    })

    test('a purge ends them too, though a reveal is open', async () => {
      const { owned } = await givenOwner()
      const secret = await given(owned)
      await givenNotice(secret.id)
      await reveal(secret, bytes(16))
      await store().purge(secret.id, start)
      expect(await claim(start)).toEqual([])
    })

    test('its record takes along settled messages at once, those on their way once they are settled and old', async () => {
      const { owned, workspaceId } = await givenOwner()
      const sealedNotify = bytes(60)
      const secret = await given({ ...owned, content: { ...(await given()).sent.content, sealedNotify } })
      const done = await givenMessage({ secretId: secret.id })
      const [claimed] = await claim(start)
      if (!claimed) throw new Error('nothing was claimed')
      await store().settleMessage(claimed, { deliveredAt: start })
      await store().sweep(start + hour, never)
      await store().purge(secret.id, start)
      expect(await list(workspaceId)).toMatchObject([{ kind: 'email', secretId: null, sealedTo: sealedNotify }])
      expect(claimed.id).toBe(done.id)

      await store().sweep(start + hour, start + 9 * hour)
      const [waiting] = await claim(start + hour)
      if (!waiting) throw new Error('the message on its way was swept')
      await store().settleMessage(waiting, { error: 'refused', nextAt: null })
      expect(await list(workspaceId), 'given up').toMatchObject([{ sealedTo: null }])
      expect(await store().redeliver(workspaceId, waiting.id, start)).toBe('forgotten')
      await store().sweep(start + hour, start + hour)
      expect(await list(workspaceId)).toEqual([])
    })
  })
}
