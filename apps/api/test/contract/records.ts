/** What the owner makes, changes and counts. */
import { describe, expect, test } from 'vitest'
import type { Secret } from '../../src/domain/secrets/secret.ts'
import type { OpenStore } from './fixture.ts'
import { bytes, caller, hour, newSecret, start, text, useStore } from './fixture.ts'

export function describeRecords(open: OpenStore): void {
  const { store, given, givenOwner, reveal } = useStore(open)

  describe('creating', () => {
    test('what was stored is read back, without verifiers, and of the content only the note', async () => {
      const secret = await given({ meta: text(300), maximumViews: null })
      const record = await store().readRecord(secret.id)
      const { content, createDigest: _digest, attachments: _attachments, ...sent } = secret.sent
      const { accessVerifier: _access, manageVerifier: _manage, ...fields } = sent
      expect(record).toEqual({
        ...fields,
        id: secret.id,
        note: content.note,
        state: 'active',
        views: 0,
        failedAttempts: 0,
        otpLastStep: null,
        sealedOtp: null,
        cause: null,
        endedAt: null,
      })
    })

    test('its verifiers are found by its slug; for a slug that there isn’t others of the same size, of another slug', async () => {
      const { slug, workspaceId, sent, ...secret } = await given({ captcha: true })
      const { accessVerifier, manageVerifier } = sent
      const { id, requestId, state, captcha, otpType, expiresAt, attachmentsCount } = secret
      const neededByCalls = { id, requestId, state, captcha, otpType, expiresAt, attachmentsCount }
      const found = await store().findVerifiers(slug)
      expect(found).toEqual({ slug, workspaceId, accessVerifier, manageVerifier, ...neededByCalls })
      const unknown = newSecret().slug
      const others = await store().findVerifiers(unknown)
      expect(others.slug).not.toBe(unknown)
      expect([others.accessVerifier.length, others.manageVerifier.length]).toEqual([32, 32])
    })

    test('the same bytes from the same owner are a repetition with the first time', async () => {
      const { sent } = await given()
      const outcome = await store().createSecret({ ...sent, createdAt: start + 5 }, caller)
      expect(outcome).toEqual({ kind: 'repeated', createdAt: start })
    })

    test('other bytes, or another owner, for a known slug are a conflict and change nothing', async () => {
      const { owned } = await givenOwner()
      const secret = await given()
      const before = await store().readRecord(secret.id)
      expect(await store().createSecret({ ...newSecret(), slug: secret.slug }, caller)).toEqual({ kind: 'conflict' })
      expect(await store().createSecret({ ...secret.sent, ...owned }, caller)).toEqual({ kind: 'conflict' })
      expect(await store().readRecord(secret.id)).toEqual(before)
      expect(await store().listEvents(secret.id)).toHaveLength(1)
    })

    test('a slug stays taken after its secret ended, and is free once the record is purged', async () => {
      const secret = await given()
      await store().burn(secret.id, start, caller)
      expect(await store().createSecret({ ...newSecret(), slug: secret.slug }, caller)).toEqual({ kind: 'conflict' })
      await store().purge(secret.id, start)
      expect(await store().createSecret({ ...newSecret(), slug: secret.slug }, caller)).toMatchObject({
        kind: 'created',
      })
    })
  })

  describe('patching', () => {
    test('expiry can be shortened and views lowered; nothing can be loosened, and then nothing is changed', async () => {
      const secret = await given({ maximumViews: 5 })
      await reveal(secret, bytes(16))
      const patch = { expiresAt: start + 60_000, maximumViews: 3, meta: text(300) }
      expect(await store().patch(secret.id, { fields: patch, now: start + 1, caller })).toEqual({ kind: 'patched' })
      const tightened = { ...patch, updatedAt: start + 1 }
      expect(await store().readRecord(secret.id)).toMatchObject(tightened)
      expect(
        await store().patch(secret.id, {
          fields: { expiresAt: start + hour, maximumViews: 4, meta: 'x' },
          now: start,
          caller,
        }),
      ).toEqual({
        kind: 'loosened',
        fields: ['expiresAt', 'maximumViews'],
      })
      expect(await store().patch(secret.id, { fields: { maximumViews: 1 }, now: start, caller })).toMatchObject({
        kind: 'loosened',
      })
      expect(await store().readRecord(secret.id)).toMatchObject(tightened)
    })

    test('unlocking clears the failures', async () => {
      const { content } = newSecret()
      const verifier = bytes(32)
      const secret = await given({ hasPassword: true, content: { ...content, passwordVerifier: verifier } })
      for (let n = 0; n < 3; n++) await reveal(secret, bytes(16), start, { proofVerifier: bytes(32) })
      await store().patch(secret.id, { fields: { unlock: true }, now: start, caller })
      expect(await store().readRecord(secret.id)).toMatchObject({ state: 'active', failedAttempts: 0 })
      expect(await reveal(secret, bytes(16), start, { proofVerifier: verifier })).toMatchObject({ kind: 'revealed' })
    })

    test('what ended, swept or not, can’t be patched', async () => {
      const [burned, due] = [await given(), await given()]
      await store().burn(burned.id, start, caller)
      expect(await store().patch(burned.id, { fields: { unlock: true }, now: start, caller })).toEqual({
        kind: 'ended',
      })
      expect(await store().patch(due.id, { fields: { expiresAt: start + 1 }, now: start + hour, caller })).toEqual({
        kind: 'ended',
      })
    })
  })

  describe('listing and counting', () => {
    test('a workspace’s secrets come newest first, by page, with totals, and nobody else’s', async () => {
      const { workspaceId, owned } = await givenOwner()
      await given()
      const made: Secret[] = []
      for (let n = 0; n < 5; n++) made.push(await given(owned))
      const listed = await store().listSecrets({ workspaceId, page: 2, perPage: 2 })
      expect(listed.total).toBe(5)
      expect(listed.secrets.map(({ id }) => id)).toEqual([made[2]?.id, made[1]?.id])
      expect(await store().listSecrets({ workspaceId: workspaceId + 1, page: 1, perPage: 9 })).toEqual({
        secrets: [],
        total: 0,
      })
    })

    test('state and creator filter, and the totals agree', async () => {
      const { workspaceId, owned } = await givenOwner()
      const [burned, kept] = [await given(owned), await given(owned)]
      await store().burn(burned.id, start, caller)
      const list = async (filter: object) => {
        const { secrets, total } = await store().listSecrets({ workspaceId, page: 1, perPage: 9, ...filter })
        expect(secrets).toHaveLength(total)
        return secrets.map(({ id }) => id)
      }
      expect(await list({ states: ['burned'] })).toEqual([burned.id])
      expect(await list({ states: ['active', 'locked'] })).toEqual([kept.id])
      expect(await list({ creator: 'laptop' })).toEqual([kept.id, burned.id])
      expect(await list({ creator: 'laptop', states: ['locked'] })).toEqual([])
      expect(await list({ states: ['viewed', 'active', 'burned'] })).toEqual([kept.id, burned.id])
      expect(await list({ creator: 'someone else' })).toEqual([])
    })

    test('statistics count what was ever created and viewed, and what is present by state', async () => {
      const { workspaceId, owned } = await givenOwner()
      const day = 86_400_000
      const wednesday = Date.UTC(2026, 6, 15)
      const at = (createdAt: number) => given({ ...owned, createdAt, expiresAt: wednesday + hour })
      const { content } = newSecret()
      const passwordVerifier = bytes(32)
      await given({
        ...owned,
        createdAt: wednesday - 20 * day,
        expiresAt: wednesday + hour,
        hasPassword: true,
        content: { ...content, passwordVerifier },
      })
      await at(wednesday - 5 * day)
      const monday = await at(wednesday - 2 * day)
      const today = await at(wednesday)
      await reveal(monday, bytes(16), wednesday)
      await store().burn(today.id, wednesday, caller)
      const stats = {
        created: 4,
        createdToday: 1,
        createdThisWeek: 2,
        createdThisMonth: 3,
        withPassword: 1,
        views: 1,
        present: { uploading: 0, active: 2, locked: 0, viewed: 1, expired: 0, burned: 1 },
      }
      expect(await store().readStats(workspaceId, wednesday)).toEqual(stats)
      await store().purge(today.id, wednesday)
      expect(await store().readStats(workspaceId, wednesday)).toEqual({
        ...stats,
        present: { ...stats.present, burned: 0 },
      })
    })
  })
}
