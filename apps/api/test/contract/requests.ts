/** Requests, and the secrets that answer them. */
import { describe, expect, test } from 'vitest'
import type { RequestPatch } from '../../src/domain/requests/patch.ts'
import type { NewRequest } from '../../src/domain/requests/request.ts'
import type { NewSecret } from '../../src/domain/secrets/secret.ts'
import type { FullRequest } from '../../src/store/requests.ts'
import type { OpenStore } from './fixture.ts'
import { bytes, caller, denied, file, hour, never, newRequest, newSecret, start, text, useStore } from './fixture.ts'

const day = 24 * hour

export function describeRequests(open: OpenStore): void {
  const { store, givenOwner, reveal, upload, interfere } = useStore(open)

  const read = async (id: number): Promise<FullRequest> =>
    (await store().readRequest(id)) ?? expect.unreachable('there is no such request')
  async function given(fields: Partial<NewRequest> = {}): Promise<FullRequest & { sent: NewRequest }> {
    const sent = newRequest(fields)
    expect(await store().createRequest({ request: sent, caller, quota: undefined })).toMatchObject({ kind: 'asked' })
    const { id } = await store().findRequestVerifiers(sent.slug)
    return { ...(await read(id)), sent }
  }
  const answerWith = (sent: NewSecret, quota?: { activeSecrets: number; storedBytes: number }) =>
    store().answerRequest({ secret: sent, caller, quota })
  async function answered({ id, workspaceId }: FullRequest, fields: Partial<NewSecret> = {}) {
    const content = { ...newSecret().content, sealedKeyB: bytes(1168) }
    const sent = newSecret({ requestId: id, workspaceId, content, ...fields })
    expect(await answerWith(sent)).toEqual({ kind: 'created', createdAt: sent.createdAt })
    const secret = await store().findSecret(sent.slug)
    return { ...(secret ?? expect.unreachable('there is no such answer')), sent }
  }
  const patched = ({ id }: FullRequest, fields: RequestPatch, now: number) =>
    store().patchRequest(id, { fields, now, caller })
  const typesOf = async (workspaceId: number | null) =>
    (await store().readAudit({ workspaceId, after: 0, limit: 1000 })).map(({ type }) => type)

  describe('creating', () => {
    test('a request comes back as it was made, with its content and metadata', async () => {
      const { owned } = await givenOwner()
      const { id, sent, ...request } = await given({ ...owned, maximumAnswers: 3, meta: text(300) })
      const { createDigest: _digest, content, ...fields } = sent
      const { publicKey, note } = content
      const made = { state: 'open', answers: 0, endedAt: null, workspaceName: 'default' }
      expect(request).toEqual({ ...fields, ...made, content: { publicKey, note } })
      expect(await read(id)).toMatchObject({ id })
    })

    test('its verifiers are found by its slug; for a slug that there isn’t others of the same size, of another slug', async () => {
      expect(await store().findRequestVerifiers(text(10))).toMatchObject({ slug: '' })
      const { id, slug, workspaceId, accessVerifier, collectVerifier } = await given()
      expect(await store().findRequestVerifiers(slug)).toEqual({
        id,
        slug,
        workspaceId,
        accessVerifier,
        collectVerifier,
      })
      const unknown = text(10)
      const others = await store().findRequestVerifiers(unknown)
      expect(others.slug).not.toBe(unknown)
      expect([others.accessVerifier.length, others.collectVerifier.length]).toEqual([32, 32])
    })

    test('the same bytes from the same owner are a repetition; others, or another owner’s, a conflict', async () => {
      const { owned } = await givenOwner()
      const { sent } = await given()
      const create = (request: NewRequest) => store().createRequest({ request, caller, quota: undefined })
      expect(await create({ ...sent, createdAt: start + 5 })).toEqual({ kind: 'repeated', createdAt: start })
      expect(await create({ ...sent, createDigest: bytes(32) })).toEqual({ kind: 'conflict' })
      expect(await create({ ...sent, ...owned })).toEqual({ kind: 'conflict' })
    })

    test('is refused past the quota, and then nothing is created', async () => {
      const request = newRequest()
      const size = 1216 + 400
      const create = (storedBytes: number) =>
        store().createRequest({ request, caller, quota: { activeSecrets: 0, storedBytes } })
      expect(await create(size - 1)).toEqual({ kind: 'exceeded', quota: 'storedBytes', maximum: size - 1, used: 0 })
      expect((await store().findRequestVerifiers(request.slug)).slug).not.toBe(request.slug)
      expect(await create(size)).toMatchObject({ kind: 'asked' })
    })
  })

  describe('answering', () => {
    test('takes a place and creates the secret, to the last place', async () => {
      const request = await given({ maximumAnswers: 2 })
      const first = await answered(request)
      expect(await read(request.id)).toMatchObject({ state: 'open', answers: 1, endedAt: null })
      const second = await answered(request, { createdAt: start + 5 })
      expect(await read(request.id)).toMatchObject({ state: 'answered', answers: 2, endedAt: start + 5 })
      expect(await answerWith(newSecret({ requestId: request.id }))).toMatchObject(denied('GONE'))
      expect(await store().listAnswers(request.id)).toEqual(
        [first, second].map(({ id, slug, createdAt, expiresAt, sent }) => ({
          id,
          slug,
          state: 'active',
          createdAt,
          expiresAt,
          endedAt: null,
          attachmentsCount: 0,
          sealedKeyB: sent.content.sealedKeyB,
          collectedAt: null,
          size: 272,
        })),
      )
    })

    test('again with the same bytes is a repetition, even of a request that ended; for another request a conflict', async () => {
      const [request, other] = [await given(), await given()]
      const { sent } = await answered(request)
      await store().withdrawRequest(request.id, start, caller)
      expect(await answerWith({ ...sent, createdAt: start + 5 })).toEqual({ kind: 'repeated', createdAt: start })
      expect(await answerWith({ ...sent, requestId: other.id })).toEqual({ kind: 'conflict' })
      expect(await read(other.id)).toMatchObject({ answers: 0 })
    })

    test('past a limit of the request or the quota takes no place', async () => {
      const request = await given({ limits: { maximumViews: 1, expiresIn: 60, maximumBytes: 300, maximumFiles: 1 } })
      const of = { requestId: request.id }
      expect(await answerWith(newSecret({ ...of, attachments: [file(), file()] }))).toMatchObject({ what: 'files' })
      expect(await answerWith(newSecret({ ...of, attachments: [file(29)] }))).toMatchObject({
        kind: 'too large',
        what: 'bytes',
        maximum: 300,
        actual: 301,
      })
      const none = { activeSecrets: 0, storedBytes: 1_000_000 }
      expect(await answerWith(newSecret(of), none)).toMatchObject({ kind: 'exceeded', quota: 'activeSecrets' })
      expect(await read(request.id)).toMatchObject({ answers: 0, state: 'open' })
    })

    test('an abandoned upload gives its place back; a completed one appears among the answers', async () => {
      const request = await given({ maximumAnswers: 2, expiresAt: start + 3 * day })
      const [left, kept] = [
        await answered(request, { attachments: [file()], expiresAt: start + 2 * day }),
        await answered(request, { attachments: [file()], expiresAt: start + 2 * day }),
      ]
      expect(await read(request.id)).toMatchObject({ state: 'answered' })
      expect(await store().listAnswers(request.id)).toEqual([])
      await upload(kept)
      await store().sweep(start + day, never)
      expect(await read(request.id)).toMatchObject({ state: 'open', answers: 1, endedAt: null, updatedAt: start + day })
      expect((await store().listAnswers(request.id)).map(({ slug }) => slug)).toEqual([kept.slug])
      expect(await store().findSecret(left.slug)).toMatchObject({ state: 'expired' })
    })
  })

  describe('awaiting', () => {
    test('tells the places taken and the answers listed; one destroyed during its upload is listed, one that goes on isn’t', async () => {
      const [request, empty] = [await given({ maximumAnswers: 3 }), await given()]
      await answered(request)
      const burned = await answered(request, { attachments: [file()] })
      await answered(request, { attachments: [file()] })
      await store().takeBackAnswer(burned.id, start, caller)
      expect(await store().readAwaited([request.id, empty.id, 999])).toEqual([
        { id: request.id, state: 'answered', expiresAt: request.expiresAt, answers: 3, listed: 2 },
        { id: empty.id, state: 'open', expiresAt: empty.expiresAt, answers: 0, listed: 0 },
      ])
      expect((await store().listAnswers(request.id)).map(({ state }) => state)).toEqual(['active', 'burned'])
    })
  })

  describe('collecting', () => {
    test('the first reveal is when it is collected, and counted once', async () => {
      const { owned, workspaceId } = await givenOwner()
      const request = await given(owned)
      const answer = await answered(request, { maximumViews: 2 })
      expect(await store().readCollectedAt(answer.id)).toBeNull()
      await reveal(answer, bytes(16), start + 5)
      await reveal(answer, bytes(16), start + 9)
      expect(await store().readCollectedAt(answer.id)).toBe(start + 5)
      expect(await store().readRequestStats(workspaceId)).toEqual({
        ever: { open: 0, answered: 1, expired: 0, withdrawn: 0 },
        answers: 1,
        collected: 1,
      })
    })

    test('sealed_key_b goes with the content', async () => {
      const request = await given()
      const answer = await answered(request)
      const revealId = bytes(16)
      await reveal(answer, revealId)
      expect(await store().listAnswers(request.id)).toMatchObject([
        { state: 'viewed', sealedKeyB: answer.sent.content.sealedKeyB },
      ])
      await store().ackReveal(answer.id, revealId, start, caller)
      expect(await store().listAnswers(request.id)).toMatchObject([{ sealedKeyB: null, collectedAt: start, size: 272 }])
    })

    test('an answer is taken back until it is opened', async () => {
      const request = await given({ maximumAnswers: 2 })
      const [burned, opened] = [await answered(request), await answered(request, { maximumViews: 2 })]
      expect(await store().takeBackAnswer(burned.id, start, caller)).toBe('burned')
      expect(await store().takeBackAnswer(burned.id, start, caller)).toBe('burned')
      await reveal(opened, bytes(16))
      expect(await store().takeBackAnswer(opened.id, start, caller)).toBe('collected')
      expect(await store().findSecret(opened.slug)).toMatchObject({ state: 'active' })
      expect(await read(request.id)).toMatchObject({ answers: 2 })
    })
  })

  describe('patching', () => {
    test('shortens and asks for fewer; loosens nothing; of an ended request the metadata alone', async () => {
      const request = await given({ maximumAnswers: 3 })
      await answered(request)
      const patch = { expiresAt: start + 60_000, maximumAnswers: 2, meta: text(300) }
      expect(await patched(request, patch, start + 1)).toEqual({ kind: 'patched' })
      expect(await read(request.id)).toMatchObject({ ...patch, updatedAt: start + 1, state: 'open' })
      const loose = { expiresAt: start + hour, maximumAnswers: 3 }
      expect(await patched(request, loose, start)).toEqual({
        kind: 'loosened',
        fields: ['expiresAt', 'maximumAnswers'],
      })
      await patched(request, { maximumAnswers: 1 }, start + 2)
      expect(await read(request.id)).toMatchObject({ state: 'answered', endedAt: start + 2 })
      expect(await patched(request, { expiresAt: start + 3 }, start + 3)).toEqual({
        kind: 'ended',
      })
      const meta = text(300)
      expect(await patched(request, { meta }, start + 3)).toEqual({ kind: 'patched' })
      expect(await read(request.id)).toMatchObject({ meta })
    })
  })

  test('metadata counts to the quota until the record is purged, and larger metadata that doesn’t fit is refused', async () => {
    const { owned, workspaceId } = await givenOwner()
    const request = await given({ ...owned, meta: text(300) })
    const used = async () => (await store().findWorkspace(workspaceId))?.storedBytes
    expect(await used()).toBe(1216 + 800)
    const quota = { activeSecrets: 0, storedBytes: 2016 }
    const replace = (length: number) =>
      store().patchRequest(request.id, { fields: { meta: text(length) }, now: start, caller, quota })
    expect(await replace(303)).toEqual({ kind: 'exceeded', quota: 'storedBytes', maximum: 2016, used: 2016 })
    expect(await replace(150)).toEqual({ kind: 'patched' })
    expect(await used()).toBe(1216 + 600)
    await store().withdrawRequest(request.id, start, caller)
    await store().sweep(start, never)
    expect(await used()).toBe(200)
    await store().purgeRequest(request.id, start)
    expect(await used()).toBe(0)
  })

  describe('endings', () => {
    test('a request that is due expires with the sweep, and its content goes', async () => {
      const { owned, workspaceId } = await givenOwner()
      const request = await given({ ...owned, content: { ...newRequest().content, sealedNotify: bytes(60) } })
      expect(await store().sweep(start + hour, never)).toMatchObject({ requestsExpired: 1 })
      expect(await read(request.id)).toMatchObject({ state: 'expired', endedAt: start + hour, content: null })
      expect(await typesOf(workspaceId)).toEqual(['request.asked', 'request.expired'])
      const told = await store().claimMessages({ now: start + hour, leaseUntil: start + 2 * hour, limit: 9 })
      expect(told).toMatchObject([{ kind: 'email', notice: { type: 'request.expired', data: { slug: request.slug } } }])
    })

    test('withdrawn, it takes no answers; its content goes with the sweep; again, or ended otherwise, nothing happens', async () => {
      const { owned, workspaceId } = await givenOwner()
      const request = await given({ ...owned, maximumAnswers: 2 })
      const answer = await answered(request)
      await store().withdrawRequest(request.id, start + 1, caller)
      await store().withdrawRequest(request.id, start + 2, caller, 'operator')
      await store().sweep(start + 2, never)
      expect(await read(request.id)).toMatchObject({ state: 'withdrawn', endedAt: start + 1, content: null })
      expect(await answerWith(newSecret({ requestId: request.id, workspaceId }))).toMatchObject(denied('GONE'))
      expect(await store().findSecret(answer.slug)).toMatchObject({ state: 'active' })
      expect((await typesOf(workspaceId)).filter((type) => type === 'request.withdrawn')).toHaveLength(1)
    })

    test('keeps the content while an upload may open it again', async () => {
      const request = await given({ expiresAt: start + 2 * day })
      await answered(request, { attachments: [file()], expiresAt: start + 2 * day })
      await store().sweep(start + day - 1, never)
      expect((await read(request.id)).content).not.toBeNull()
    })

    test('a record that isn’t as its log has it neither expires nor goes', async () => {
      const [due, ended] = [await given(), await given()]
      await store().withdrawRequest(ended.id, start, caller)
      interfere().request(due.id, { expiresAt: start })
      interfere().request(ended.id, { maximumAnswers: 9 })
      expect(await store().sweep(start + day, start + day)).toMatchObject({
        requestsExpired: 0,
        purged: 0,
        disputed: 2,
      })
      expect(await store().purgeRequest(ended.id, start + day)).toEqual({ kind: 'disputed' })
    })

    test('the record goes after its last answer has ended and been destroyed, with those of its answers', async () => {
      const { owned, workspaceId } = await givenOwner()
      const request = await given({ ...owned, maximumAnswers: 2, meta: text(300) })
      const [first, last] = [await answered(request), await answered(request, { expiresAt: start + 2 * hour })]
      await reveal(first, bytes(16))
      await store().withdrawRequest(request.id, start, caller)
      expect(await store().purgeRequest(request.id, start)).toEqual({ kind: 'living', answers: 1 })
      await store().sweep(start + 3 * hour, start + 2 * hour - 1)
      expect(await store().findSecret(first.slug)).toBeDefined()
      expect(await store().sweep(start + 3 * hour, start + 2 * hour)).toMatchObject({ purged: 1 })
      expect(await store().readRequest(request.id)).toBeUndefined()
      expect([await store().findSecret(first.slug), await store().findSecret(last.slug)]).toEqual([
        undefined,
        undefined,
      ])
      expect(await store().findWorkspace(workspaceId)).toMatchObject({ activeSecrets: 0, storedBytes: 0 })
      const left = await store().readAudit({ workspaceId, after: 0, limit: 100 })
      expect(left.filter(({ type, purgedBy }) => type !== 'purged' && purgedBy === null)).toEqual([])
    })
  })

  describe('listing', () => {
    test('a workspace’s requests come newest first, by state and page, with totals; all of them without one', async () => {
      const { owned, workspaceId } = await givenOwner()
      const anonymous = await given()
      const made = [await given(owned), await given(owned), await given(owned)]
      await store().withdrawRequest(made[1]?.id ?? 0, start, caller)
      const list = async (query: object) => {
        const { requests, total } = await store().listRequests({ workspaceId, page: 1, perPage: 9, ...query })
        return [requests.map(({ id }) => id), total]
      }
      const [a, b, c] = made.map(({ id }) => id)
      expect(await list({ page: 2, perPage: 2 })).toEqual([[a], 3])
      expect(await list({ state: 'open' })).toEqual([[c, a], 2])
      expect(await list({ state: 'withdrawn' })).toEqual([[b], 1])
      expect(await list({ workspaceId: null })).toEqual([[c, b, a, anonymous.id], 4])
    })
  })

  describe('late entries', () => {
    test('looks and refusals are recorded of the request that had the slug by then, and others are passed over', async () => {
      const request = await given()
      const late = (slug: string, at = start) => ({ type: 'request.seen' as const, slug, reason: null, at, caller })
      const refused = { ...late(request.slug), type: 'request.refused' as const, reason: 'GONE' }
      await store().recordDenials([late(request.slug), late(text(10)), late(request.slug, start - 1), refused], start)
      expect(await typesOf(null)).toEqual(['request.asked', 'request.seen', 'request.refused'])
      const bySlug = await store().readAudit({ workspaceId: null, after: 0, limit: 9, slug: request.slug })
      expect(bySlug).toMatchObject([{}, {}, { slug: request.slug, reason: 'GONE' }])
    })
  })
}
