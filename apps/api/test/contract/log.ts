/** Refusals that are recorded late, and what the owner's list shows of them. */
import { describe, expect, test } from 'vitest'
import type { OpenStore } from './fixture.ts'
import { caller, newSecret, start, useStore } from './fixture.ts'

export function describeLog(open: OpenStore): void {
  const { store, given } = useStore(open)

  const record = (slug: string, at = start, reason = 'NOT_FOUND') =>
    store().recordDenials([{ slug, reason, at, caller }], start)
  const reasonsOf = async (id: number) =>
    (await store().listEvents(id)).filter(({ type }) => type === 'denied').map(({ reason }) => reason)

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
        slugs.map((slug) => ({ slug, reason: 'NOT_FOUND', at: start + 9, caller })),
        start,
      )
      expect(await reasonsOf(known.id)).toEqual(['NOT_FOUND'])
      expect(await reasonsOf(later.id)).toEqual([])
    })

    test('that are more than a list shows leave it with the newest 1000, and everything that isn’t a denial', async () => {
      const { id, slug } = await given()
      const denials = Array.from({ length: 1100 }, (_, n) => ({ slug, reason: String(n), at: start, caller }))
      await store().recordDenials(denials, start)
      await store().burn(id, start, caller)
      const events = await store().listEvents(id)
      expect(events.map(({ type }) => type).filter((type) => type !== 'denied')).toEqual(['created', 'burned'])
      expect(await reasonsOf(id)).toEqual(Array.from({ length: 1000 }, (_, n) => String(n + 100)))
    })
  })
}
