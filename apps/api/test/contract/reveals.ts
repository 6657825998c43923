/** The atomic step and what comes after it: spec/protocol.md section 9, steps 3 and 4. */
import { describe, expect, test } from 'vitest'
import type { Secret } from '../../src/domain/secrets/secret.ts'
import type { OpenStore } from './fixture.ts'
import { bytes, caller, denied, graceMs, hour, never, newSecret, revealed, start, useStore } from './fixture.ts'

export function describeReveals(open: OpenStore): void {
  const { store, given, reveal } = useStore(open)

  describe('revealing', () => {
    test('it gives the content, spends one view and records the event', async () => {
      const secret = await given({ maximumViews: 2 })
      expect(await reveal(secret, bytes(16))).toEqual(revealed(secret.sent))
      expect(await store().readRecord(secret.id)).toMatchObject({ views: 1, state: 'active' })
      expect(await store().listEvents(secret.id)).toMatchObject([{ type: 'created' }, { type: 'opened', ...caller }])
    })

    test('a recorded id never spends again: the same content until its grace time ends, then gone', async () => {
      const secret = await given({ maximumViews: 3 })
      const id = bytes(16)
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => reveal(secret, id)))
      for (const outcome of outcomes) expect(outcome).toEqual(revealed(secret.sent))
      expect(await reveal(secret, id, start + graceMs - 1)).toEqual(outcomes[0])
      expect(await reveal(secret, id, start + graceMs)).toEqual(denied('GONE'))
      expect(await store().readRecord(secret.id)).toMatchObject({ views: 1, state: 'active' })
    })

    test('a recorded id is repeated past expiry, swept or not', async () => {
      const secret = await given({ maximumViews: 2, expiresAt: start + 1000 })
      const id = bytes(16)
      const first = await reveal(secret, id)
      expect(await reveal(secret, id, start + 2000)).toEqual(first)
      await store().sweep(start + 2000, never)
      expect(await reveal(secret, id, start + 3000)).toEqual(first)
      expect(await reveal(secret, bytes(16), start + 3000)).toEqual(denied('GONE'))
    })

    test('reveals at once never spend more than there are views', async () => {
      const secret = await given({ maximumViews: 3 })
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => reveal(secret, bytes(16))))
      expect(outcomes.filter(({ kind }) => kind === 'revealed')).toHaveLength(3)
      expect(await store().readRecord(secret.id)).toMatchObject({ views: 3, state: 'viewed', cause: 'viewed' })
    })

    test('an unlimited secret is revealed until it expires', async () => {
      const secret = await given({ maximumViews: null })
      for (let n = 0; n < 5; n++) expect(await reveal(secret, bytes(16))).toMatchObject({ kind: 'revealed' })
      expect(await reveal(secret, bytes(16), start + hour)).toEqual(denied('GONE'))
      expect(await store().readRecord(secret.id)).toMatchObject({ views: 5 })
    })

    test('an unknown secret is denied', async () => {
      const secret = await given()
      expect(await reveal({ ...secret, id: secret.id + 1 }, bytes(16))).toEqual(denied('NOT_FOUND'))
    })
  })

  describe('passwords', () => {
    const verifier = bytes(32)
    const guarded = (onLockout: 'lock' | 'burn' = 'lock', maximumViews = 1) => {
      const { content } = newSecret()
      return given({ hasPassword: true, onLockout, maximumViews, content: { ...content, passwordVerifier: verifier } })
    }
    const guess = (secret: Secret, proofVerifier: Buffer | null, id = bytes(16)) =>
      reveal(secret, id, start, { proofVerifier })
    const wrong = (left: number) => ({
      kind: 'denied',
      denial: { code: 'PASSWORD_WRONG', details: { attempts_left: left } },
    })

    test('no proof is asked for and not counted; a right one reveals', async () => {
      const secret = await guarded()
      expect(await guess(secret, null)).toEqual(denied('PASSWORD_REQUIRED'))
      expect(await store().readRecord(secret.id)).toMatchObject({ failedAttempts: 0, views: 0 })
      expect(await guess(secret, verifier)).toMatchObject({ kind: 'revealed' })
    })

    test('wrong proofs at once are counted one by one and lock at the limit, the right one too late included', async () => {
      const secret = await guarded()
      const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => guess(secret, bytes(32))))
      expect(outcomes.slice(0, 3)).toEqual([wrong(2), wrong(1), wrong(0)])
      expect(outcomes.slice(3)).toEqual([denied('LOCKED'), denied('LOCKED')])
      expect(await guess(secret, verifier)).toEqual(denied('LOCKED'))
      expect(await store().readRecord(secret.id)).toMatchObject({ state: 'locked', failedAttempts: 3, views: 0 })
    })

    test('where the sender chose so, the lock-out burns', async () => {
      const secret = await guarded('burn')
      for (let n = 0; n < 3; n++) await guess(secret, bytes(32))
      expect(await guess(secret, verifier)).toMatchObject({
        denial: { code: 'GONE', details: { cause: 'locked_out' } },
      })
      expect(await store().readRecord(secret.id)).toMatchObject({ state: 'burned', cause: 'locked_out', note: null })
    })

    test('a recorded id needs the proof again, with a limit that others’ failures don’t touch', async () => {
      const secret = await guarded()
      const id = bytes(16)
      const first = await guess(secret, verifier, id)
      expect(await guess(secret, null, id)).toEqual(denied('PASSWORD_REQUIRED'))
      expect(await guess(secret, bytes(32), id)).toEqual(wrong(2))
      expect(await guess(secret, verifier, id)).toEqual(first)
      await guess(secret, bytes(32), id)
      await guess(secret, bytes(32), id)
      expect(await guess(secret, verifier, id)).toEqual(denied('LOCKED'))
    })

    test('wrong proofs with a recorded id count against the secret too, for whoever has one, and lock it', async () => {
      const secret = await guarded('lock', 2)
      const id = bytes(16)
      const first = await guess(secret, verifier, id)
      for (let n = 0; n < 2; n++) await guess(secret, bytes(32), id)
      expect(await store().readRecord(secret.id)).toMatchObject({ failedAttempts: 2, state: 'active' })
      expect(await guess(secret, bytes(32))).toEqual(wrong(0))
      expect(await guess(secret, verifier)).toEqual(denied('LOCKED'))
      expect(await guess(secret, verifier, id)).toEqual(first)
    })

    test('wrong proofs at once with a recorded id are counted one by one, and no more than the limit are tried', async () => {
      const secret = await guarded()
      const id = bytes(16)
      await guess(secret, verifier, id)
      const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => guess(secret, bytes(32), id)))
      expect(outcomes.slice(0, 3)).toEqual([wrong(2), wrong(1), wrong(0)])
      expect(outcomes.slice(3)).toEqual([denied('LOCKED'), denied('LOCKED')])
    })
  })

  describe('acking', () => {
    const noteOf = async (secret: Secret) => (await store().readRecord(secret.id))?.note

    test('the last ack destroys the content, and acking again is a success', async () => {
      const secret = await given()
      const id = bytes(16)
      await reveal(secret, id)
      expect(await noteOf(secret)).toBe(secret.sent.content.note)
      expect(await store().ackReveal(secret.id, id, start, caller)).toBe('acked')
      expect(await noteOf(secret)).toBeNull()
      expect(await store().ackReveal(secret.id, id, start, caller)).toBe('acked')
      expect(await reveal(secret, id)).toEqual(denied('GONE'))
      expect((await store().listEvents(secret.id)).filter(({ type }) => type === 'acked')).toHaveLength(1)
    })

    test('one reader’s ack never takes what another is still reading', async () => {
      const secret = await given({ maximumViews: 2 })
      const [mine, theirs] = [bytes(16), bytes(16)]
      await reveal(secret, mine)
      const first = await reveal(secret, theirs)
      await store().ackReveal(secret.id, mine, start, caller)
      expect(await reveal(secret, theirs)).toEqual(first)
      await store().ackReveal(secret.id, theirs, start, caller)
      expect(await noteOf(secret)).toBeNull()
    })

    test('with views left, an ack destroys nothing', async () => {
      const secret = await given({ maximumViews: 2 })
      const id = bytes(16)
      await reveal(secret, id)
      await store().ackReveal(secret.id, id, start, caller)
      expect(await reveal(secret, bytes(16))).toMatchObject({ kind: 'revealed' })
    })

    test('an id that no reveal recorded is unknown', async () => {
      const secret = await given()
      const other = await given()
      const id = bytes(16)
      await reveal(other, id)
      expect(await store().ackReveal(secret.id, id, start, caller)).toBe('unknown')
    })
  })
}
