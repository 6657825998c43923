/** How secrets end: burned, expired, purged. */
import { describe, expect, test } from 'vitest'
import type { OpenStore } from './fixture.ts'
import { bytes, caller, denied, graceMs, hour, never, revealed, start, useStore } from './fixture.ts'

export function describeEndings(open: OpenStore): void {
  const { store, given, reveal, stateOf } = useStore(open)

  describe('burning and purging', () => {
    test('a burn destroys at once, whatever reveals are open', async () => {
      const secret = await given({ maximumViews: 2 })
      const id = bytes(16)
      await reveal(secret, id)
      await store().burn(secret.id, start + 5, caller)
      expect(await reveal(secret, id)).toEqual(denied('GONE'))
      const burned = { state: 'burned', cause: 'burned', endedAt: start + 5, note: null }
      expect(await store().readRecord(secret.id)).toMatchObject(burned)
    })

    test('a burn of what ended leaves its cause and time, and takes the content from open reveals', async () => {
      const secret = await given()
      const id = bytes(16)
      await reveal(secret, id)
      await store().burn(secret.id, start + 5, caller)
      expect(await store().readRecord(secret.id)).toMatchObject({ cause: 'viewed', endedAt: start, note: null })
      expect(await reveal(secret, id)).toEqual(denied('GONE'))
    })

    test('what expired stays expired, even if it is burned before the sweeper comes', async () => {
      const secret = await given()
      await store().burn(secret.id, start + 2 * hour, caller)
      const expired = { state: 'expired', cause: 'expired', endedAt: start + hour, note: null }
      expect(await store().readRecord(secret.id)).toMatchObject(expired)
    })

    test('only an ended secret is purged, and with it its events', async () => {
      const secret = await given()
      await store().purge(secret.id, start)
      expect(await stateOf(secret)).toBe('active')
      await store().burn(secret.id, start, caller)
      await store().purge(secret.id, start)
      expect(await store().readRecord(secret.id)).toBeUndefined()
      expect(await store().findSecret(secret.slug)).toBeUndefined()
      expect(await store().listEvents(secret.id)).toEqual([])
    })
  })

  test('taking back the space of what was destroyed leaves everything else as it was', async () => {
    const [burned, kept] = [await given(), await given({ meta: 'sealed' })]
    await store().burn(burned.id, start, caller)
    const before = [await store().readRecord(burned.id), await store().readRecord(kept.id)]
    await store().compact()
    expect([await store().readRecord(burned.id), await store().readRecord(kept.id)]).toEqual(before)
    expect(await reveal(kept, bytes(16))).toEqual(revealed(kept.sent))
  })

  describe('sweeping', () => {
    test('what is due ends at its expiry, with its event, and is destroyed unless a reveal is open', async () => {
      const [idle, read, later] = [
        await given(),
        await given({ maximumViews: 2 }),
        await given({ expiresAt: start + 9 * hour }),
      ]
      await reveal(read, bytes(16), start + hour - 1)
      const now = start + hour
      expect(await store().sweep(now, never)).toMatchObject({ expired: 2, destroyed: 0, purged: 0 })
      expect(await store().readRecord(idle.id)).toMatchObject({ cause: 'expired', endedAt: now, note: null })
      expect((await store().listEvents(idle.id)).at(-1)).toMatchObject({ type: 'expired', at: now, ip: null })
      expect(await store().readRecord(read.id)).toMatchObject({ cause: 'expired', note: read.sent.content.note })
      expect(await stateOf(later)).toBe('active')

      expect(await store().sweep(now - 1 + graceMs, never)).toMatchObject({ expired: 0, destroyed: 1, purged: 0 })
      expect(await store().readRecord(read.id)).toMatchObject({ note: null })
    })

    test('records go once their retention ended, never while a reveal may be repeated', async () => {
      const secret = await given()
      const id = bytes(16)
      const first = await reveal(secret, id)
      expect(await store().sweep(start + 1, start + 1)).toMatchObject({ expired: 0, destroyed: 0, purged: 0 })
      expect(await reveal(secret, id, start + 1)).toEqual(first)
      const after = start + graceMs
      expect(await store().sweep(after, after)).toMatchObject({ destroyed: 1, purged: 1 })
      expect(await store().readRecord(secret.id)).toBeUndefined()
    })

    test('one sweep does all that is due, however many', async () => {
      await Promise.all(Array.from({ length: 500 }, () => given()))
      expect(await store().sweep(start + hour, never)).toMatchObject({ expired: 500, destroyed: 0, purged: 0 })
      await store().scrub()
      expect(await store().sweep(start + hour, start + hour)).toMatchObject({ expired: 0, destroyed: 0, purged: 500 })
    })
  })
}
