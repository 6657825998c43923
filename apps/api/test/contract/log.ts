/** The access log: its chains, what is read of it, and refusals that are recorded late. */
import { describe, expect, test } from 'vitest'
import type { OpenStore } from './fixture.ts'
import { bytes, caller, hour, never, newSecret, start, useStore } from './fixture.ts'

export function describeLog(open: OpenStore): void {
  const { store, given, givenOwner, reveal, interfere } = useStore(open)

  const record = (slug: string, at = start, reason = 'NOT_FOUND') =>
    store().recordDenials([{ type: 'denied', slug, reason, at, caller }], start)
  const reasonsOf = async (id: number) =>
    (await store().listEvents(id)).filter(({ type }) => type === 'denied').map(({ reason }) => reason)

  describe('chains', () => {
    const nothing = { handler: null, version: null, tokenId: null, token: null, purgeMark: null, purgedBy: null }

    test('a workspace’s entries are read oldest first with what they rest on, and the newest is the head', async () => {
      const { owned, workspaceId } = await givenOwner()
      expect(await store().readAuditHead(workspaceId)).toBeNull()
      const secret = await given({ ...owned, maximumViews: 2 })
      await given()
      await reveal(secret, bytes(16), start + 5)
      const entries = await store().readAudit({ workspaceId, after: 0, limit: 100 })
      expect(entries).toMatchObject([
        {
          ...nothing,
          ...caller,
          slug: secret.slug,
          type: 'created',
          at: start,
          basis: { expires_at: new Date(start + hour).toISOString(), maximum_views: 2 },
        },
        { ...nothing, ...caller, slug: secret.slug, type: 'opened', at: start + 5, basis: null },
      ])
      const { id, chain } = entries[1] ?? expect.unreachable()
      expect(await store().readAuditHead(workspaceId)).toEqual({ id, chain })
      const anonymous = await store().readAudit({ workspaceId: null, after: 0, limit: 100 })
      expect(anonymous).toMatchObject([{ type: 'created' }])
    })

    test('are read from an entry on, up to a limit, by time, type and slug', async () => {
      const [first, second] = [await given({ maximumViews: 9 }), await given({ createdAt: start + 10 })]
      for (const at of [20, 30]) await reveal(first, bytes(16), start + at)
      const read = async (query: Partial<Parameters<ReturnType<typeof store>['readAudit']>[0]>) =>
        (await store().readAudit({ workspaceId: null, after: 0, limit: 100, ...query })).map(({ at }) => at - start)
      expect(await read({})).toEqual([0, 10, 20, 30])
      expect(await read({ limit: 2 })).toEqual([0, 10])
      const [entry] = await store().readAudit({ workspaceId: null, after: 0, limit: 1 })
      expect(await read({ after: entry?.id ?? 0 })).toEqual([10, 20, 30])
      expect(await read({ since: start + 10, until: start + 30 })).toEqual([10, 20])
      expect(await read({ type: 'opened' })).toEqual([20, 30])
      expect(await read({ slug: second.slug })).toEqual([10])
      expect(await read({ handler: 'prod/db' })).toEqual([])
    })

    test('are one a workspace, and one of the secrets that were made without a token', async () => {
      expect(await store().listAuditChains()).toEqual([])
      const { owned, workspaceId } = await givenOwner()
      await given(owned)
      expect(await store().listAuditChains()).toEqual([workspaceId])
      await given()
      expect((await store().listAuditChains()).sort()).toEqual([workspaceId, null].sort())
    })

    test('a record that isn’t as its log has it is found by its first entry', async () => {
      const secrets = [await given(), await given(), await given()]
      const [first, , changed] = secrets
      const find = (secret: number, limit = 10) => store().findDisputed(null, { secret, named: 0, request: 0 }, limit)
      expect(await find(0)).toEqual({ entries: [], next: null })
      const log = await store().readAudit({ workspaceId: null, after: 0, limit: 100 })
      interfere().secret(changed?.id ?? 0, { expiresAt: start + 9 * hour })
      expect(await find(0)).toEqual({ entries: [log[2]?.id], next: null })
      const page = await find(0, 2)
      expect(page).toEqual({ entries: [], next: { secret: (first?.id ?? 0) + 1, named: 0, request: 0 } })
      expect(await find(page.next?.secret ?? 0, 2)).toEqual({ entries: [log[2]?.id], next: null })
      expect(await store().sweep(start + 10 * hour, never)).toMatchObject({ expired: 2, disputed: 1 })
    })
  })

  describe('denials', () => {
    test('are recorded with what they tell, at the time when they happened', async () => {
      const { id, slug } = await given()
      await record(slug, start + 5)
      expect((await store().listEvents(id)).at(-1)).toEqual({
        ...caller,
        type: 'denied',
        reason: 'NOT_FOUND',
        at: start + 5,
      })
    })

    test('of a slug that no secret has, or had by then, are passed over, and the others of their batch are not', async () => {
      const [known, later] = [await given(), await given({ createdAt: start + 10 })]
      const slugs = [newSecret().slug, later.slug, known.slug]
      await store().recordDenials(
        slugs.map((slug) => ({ type: 'denied', slug, reason: 'NOT_FOUND', at: start + 9, caller })),
        start,
      )
      expect(await reasonsOf(known.id)).toEqual(['NOT_FOUND'])
      expect(await reasonsOf(later.id)).toEqual([])
    })

    test('that are more than a list shows leave it with the newest 1000, and everything that isn’t a denial', async () => {
      const { id, slug } = await given()
      const denials = Array.from({ length: 1100 }, (_, n) => {
        return { type: 'denied' as const, slug, reason: String(n), at: start, caller }
      })
      await store().recordDenials(denials, start)
      await store().burn(id, start, caller)
      const events = await store().listEvents(id)
      expect(events.map(({ type }) => type).filter((type) => type !== 'denied')).toEqual(['created', 'burned'])
      expect(await reasonsOf(id)).toEqual(Array.from({ length: 1000 }, (_, n) => String(n + 100)))
    })
  })
}
