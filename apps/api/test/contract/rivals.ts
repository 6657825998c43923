/**
 * What writers that meet can't do to each other. A verdict that lets everything through stands for one on a row that has
 * changed since. On SQLite, where one write runs at a time, the verdict holds and the statement is the second guard; on a
 * database whose transactions overlap the statement is the only one.
 */
import { describe, expect, test } from 'vitest'
import type { Secret } from '../../src/domain/secrets/secret.ts'
import type { RevealOutcome, Store } from '../../src/store/store.ts'
import type { OpenStore } from './fixture.ts'
import { bytes, caller, hour, newRequest, newSecret, start, useStore } from './fixture.ts'
import { newPut } from './kms.ts'

const everything = (): null => null

export function describeRivals(open: OpenStore): void {
  const { store, rival, interfere, given, givenOwner, reveal } = useStore(open)

  const typesOf = async ({ id }: Secret) => (await store().listEvents(id)).map(({ type }) => type)
  const settled = async (reveals: Promise<RevealOutcome>[]) =>
    (await Promise.allSettled(reveals)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))

  describe('a view', () => {
    test.each<[string, Partial<Pick<Secret, 'state' | 'views' | 'maximumViews' | 'expiresAt'>>]>([
      ['locked', { state: 'locked' }],
      ['burned', { state: 'burned' }],
      ['expired', { expiresAt: start }],
      ['opened for the last time', { views: 2 }],
      ['given fewer views', { maximumViews: 1 }],
    ])('isn’t spent of a secret that was %s since the verdict', async (_, fields) => {
      const secret = await given({ maximumViews: 2 })
      const decide = () => {
        interfere().secret(secret.id, fields)
        return null
      }
      await expect(reveal(secret, bytes(16), start, { decide })).rejects.toThrow()
      expect(await typesOf(secret)).not.toContain('opened')
    })

    test('isn’t spent after the expiry, whatever the verdict', async () => {
      const secret = await given()
      await expect(reveal(secret, bytes(16), start + hour, { decide: everything })).rejects.toThrow()
      expect(await typesOf(secret)).toEqual(['created'])
    })

    test('is spent once, by two servers too', async () => {
      const secret = await given({ maximumViews: 3 })
      const spend = (on: Store) => reveal(secret, bytes(16), start, { decide: everything }, on)
      const outcomes = await settled([store(), rival()].flatMap((on) => Array.from({ length: 10 }, () => spend(on))))
      expect(outcomes.filter(({ kind }) => kind === 'revealed')).toHaveLength(3)
      expect(await store().readRecord(secret.id)).toMatchObject({ views: 3, state: 'viewed' })
      expect(await rival().readRecord(secret.id)).toEqual(await store().readRecord(secret.id))
    })
  })

  test('a wrong password is counted up to the limit, by two servers too', async () => {
    const content = { ...newSecret().content, passwordVerifier: bytes(32) }
    const secret = await given({ hasPassword: true, maxAttempts: 5, content })
    const guess = (on: Store) => reveal(secret, bytes(16), start, { proofVerifier: bytes(32) }, on)
    const outcomes = await Promise.all([store(), rival()].flatMap((on) => Array.from({ length: 10 }, () => guess(on))))
    const codes = outcomes.map((outcome) => (outcome.kind === 'denied' ? outcome.denial.code : 'revealed'))
    expect(codes.filter((code) => code === 'PASSWORD_WRONG')).toHaveLength(5)
    expect(codes.filter((code) => code === 'LOCKED')).toHaveLength(15)
    expect(await store().readRecord(secret.id)).toMatchObject({ failedAttempts: 5, state: 'locked' })
  })

  describe('a place of a request', () => {
    const givenRequest = async (maximumAnswers: number) => {
      const request = newRequest({ maximumAnswers })
      await store().createRequest({ request, caller, quota: undefined })
      const { id } = await store().findRequestVerifiers(request.slug)
      return id
    }

    test.each<[string, Parameters<ReturnType<typeof interfere>['request']>[1]]>([
      ['withdrawn', { state: 'withdrawn' }],
      ['expired', { expiresAt: start }],
      ['answered by another', { answers: 1 }],
      ['lowered to fewer answers', { maximumAnswers: 1 }],
    ])('isn’t taken if the request was %s since it was read', async (_, fields) => {
      const id = await givenRequest(2)
      const secret = newSecret({ requestId: id })
      const command = {
        secret,
        caller,
        // Asked for after the request is read, and before the place is taken.
        get quota() {
          interfere().request(id, fields)
          return undefined
        },
      }
      await expect(store().answerRequest(command)).rejects.toThrow('take place')
      expect(await store().findSecret(secret.slug)).toBeUndefined()
      expect(await store().readRequest(id)).toMatchObject({ state: 'open', answers: 0, maximumAnswers: 2 })
    })

    test('is taken once, by two servers too', async () => {
      const id = await givenRequest(3)
      const answer = (on: Store) => on.answerRequest({ secret: newSecret({ requestId: id }), caller, quota: undefined })
      const outcomes = await Promise.all(
        [store(), rival()].flatMap((on) => Array.from({ length: 20 }, () => answer(on))),
      )
      expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(3)
      expect(outcomes.filter(({ kind }) => kind === 'denied')).toHaveLength(37)
      expect(await rival().listAnswers(id)).toHaveLength(3)
      expect(await store().readRequest(id)).toMatchObject({ state: 'answered', answers: 3 })
    })

    test('an answer that is opened isn’t taken back, whichever of two servers is first', async () => {
      const id = await givenRequest(1)
      const sent = newSecret({ requestId: id, maximumViews: 2 })
      await store().answerRequest({ secret: sent, caller, quota: undefined })
      const secret = await store().findSecret(sent.slug)
      if (!secret) throw new Error('an answer is not found')
      const [revealed, taken] = await Promise.all([
        reveal(secret, bytes(16), start, {}, rival()),
        store().takeBackAnswer(secret.id, start, caller),
      ])
      expect([
        ['revealed', 'collected'],
        ['denied', 'burned'],
      ]).toContainEqual([revealed.kind, taken])
    })
  })

  describe('the number of a version', () => {
    test('isn’t taken if it was since the newest was read', async () => {
      const { workspaceId } = await givenOwner()
      await store().putKms(newPut(workspaceId))
      const name = { workspaceId, handler: 'prod/db' }
      const put = {
        ...newPut(workspaceId, { version: 2 }),
        // Asked for after the newest is read, and before the number is taken.
        get quota() {
          interfere().kms(name, { newest: 2 })
          return { storedBytes: 1_000_000 }
        },
      }
      await expect(store().putKms(put)).rejects.toThrow()
      expect(await store().listKmsVersions({ ...name, page: 1, perPage: 9 })).toMatchObject({ total: 1 })
    })

    test('is one’s, by two servers too, and the others are told the newest', async () => {
      const { workspaceId } = await givenOwner()
      const puts = [store(), rival()].flatMap((on) =>
        Array.from({ length: 10 }, () => on.putKms(newPut(workspaceId, { digest: bytes(32) }))),
      )
      const outcomes = await Promise.all(puts)
      expect(outcomes.filter(({ kind }) => kind === 'put')).toHaveLength(1)
      expect(outcomes.filter(({ kind }) => kind !== 'put')).toEqual(Array(19).fill({ kind: 'conflict', newest: 1 }))
    })
  })
}
