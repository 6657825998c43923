/** What a workspace uses of its quota. */
import { expect, test } from 'vitest'
import { hasEnded } from '../../src/domain/secrets/secret.ts'
import { newSeed, seeded } from '../support/random.ts'
import type { GivenSecret, OpenStore } from './fixture.ts'
import { bytes, caller, file, graceMs, hour, never, newSecret, start, text, useStore } from './fixture.ts'

export function describeUsage(open: OpenStore): void {
  const { store, given, givenOwner, reveal, upload } = useStore(open)

  const usageOf = async (workspaceId: number) => {
    const { activeSecrets, storedBytes } = (await store().findWorkspace(workspaceId)) ?? expect.unreachable()
    return { activeSecrets, storedBytes }
  }

  test('parallel creates take exactly what the quota allows, and the refused ones leave no record', async () => {
    const { owned, workspaceId } = await givenOwner()
    const quota = { activeSecrets: 7, storedBytes: 1_000_000 }
    const sent = Array.from({ length: 40 }, () => newSecret(owned))
    const outcomes = await Promise.all(sent.map((secret) => store().createSecret(secret, caller, quota)))
    const refused = sent.filter((_, index) => outcomes[index]?.kind !== 'created')
    expect(refused).toHaveLength(33)
    expect(outcomes).toContainEqual({ kind: 'exceeded', quota: 'activeSecrets', maximum: 7, used: 7 })
    for (const { slug } of refused) expect(await store().findSecret(slug)).toBeUndefined()
    expect((await store().listSecrets({ workspaceId, page: 1, perPage: 100 })).total).toBe(7)
    expect(await usageOf(workspaceId)).toMatchObject({ activeSecrets: 7 })
  })

  test('parallel patches never let metadata exceed the quota', async () => {
    const { owned, workspaceId } = await givenOwner()
    const secrets = await Promise.all(Array.from({ length: 20 }, () => given({ ...owned, meta: null })))
    const before = (await usageOf(workspaceId)).storedBytes
    const growth = 100
    const quota = { activeSecrets: 100, storedBytes: before + 3 * growth + 99 }
    const patch = ({ id }: GivenSecret) =>
      store().patch(id, { fields: { meta: 'A'.repeat(growth) }, now: start, caller, quota })
    const outcomes = await Promise.all(secrets.map(patch))
    expect(outcomes.filter(({ kind }) => kind === 'patched')).toHaveLength(3)
    expect(outcomes).toContainEqual({
      kind: 'exceeded',
      quota: 'storedBytes',
      maximum: quota.storedBytes,
      used: before + 3 * growth,
    })
    expect(await usageOf(workspaceId)).toMatchObject({ storedBytes: before + 3 * growth })
  })

  test('a workspace’s quota is its own', async () => {
    const { owned } = await givenOwner()
    const quota = { activeSecrets: 1, storedBytes: 1_000_000 }
    await given(owned)
    expect(await store().createSecret(newSecret(), caller, quota)).toMatchObject({ kind: 'created' })
    expect(await store().createSecret(newSecret(owned), caller, quota)).toMatchObject({ kind: 'exceeded' })
  })

  test.each([
    ['with a token', newSeed()],
    ['with a token', newSeed()],
    ['without a token', newSeed()],
    ['without a token', newSeed()],
  ])('whatever happens to secrets made %s, usage is what is there (seed %i)', async (how, seed) => {
    const random = seeded(seed)
    const { owned, workspaceId } = how === 'with a token' ? await givenOwner() : { owned: {}, workspaceId: 0 }
    const proofVerifier = bytes(32)
    const content = { ...newSecret().content, passwordVerifier: proofVerifier }
    const size = Buffer.from(content.envelope.ciphertext, 'base64url').length + (content.note?.length ?? 0)
    const made: GivenSecret[] = []
    const revealIds = new Map<GivenSecret, Buffer>()
    let now = start

    /** The note goes with the rest of the content, so it tells whether that is there. */
    const recount = async () => {
      const records = await Promise.all(made.map(({ id }) => store().readRecord(id)))
      const stored = records.filter((record) => typeof record?.note === 'string')
      const active = records.filter((record) => record && !hasEnded(record))
      const files = (await Promise.all(made.map(({ id }) => store().listAttachments(id)))).flat()
      const fileBytes = files.reduce((sum, of) => sum + of.size, 0)
      const metaBytes = records.reduce((sum, record) => sum + (record?.meta?.length ?? 0), 0)
      return { activeSecrets: active.length, storedBytes: stored.length * size + fileBytes + metaBytes }
    }

    const withFiles = () => ({ attachments: [file(28), file(9_000_000)], attachmentsCount: 2 })

    const create = async (): Promise<void> => {
      const secret = await given({
        ...owned,
        content,
        hasPassword: true,
        maximumViews: 2,
        maxAttempts: 2,
        meta: random.pick([null, text(200)]),
        onLockout: random.pick(['lock', 'burn']),
        createdAt: now,
        expiresAt: now + random.pick([1, 2, 3]) * hour,
        ...random.pick([{}, withFiles(), withFiles()]),
      })
      made.push(secret)
      if (secret.attachmentsCount > 0 && random.chance(0.8)) await upload(secret, now)
    }
    const step = {
      create,
      open: async (secret: GivenSecret) => {
        const revealId = bytes(16)
        await reveal(secret, revealId, now, { proofVerifier })
        revealIds.set(secret, revealId)
      },
      fail: (secret: GivenSecret) => reveal(secret, bytes(16), now, { proofVerifier: bytes(32) }),
      ack: (secret: GivenSecret) => store().ackReveal(secret.id, revealIds.get(secret) ?? bytes(16), now, caller),
      patch: ({ id }: GivenSecret) =>
        store().patch(id, { fields: { unlock: true, meta: text(random.pick([100, 300])) }, now, caller }),
      burn: ({ id }: GivenSecret) => store().burn(id, now, caller),
      purge: ({ id }: GivenSecret) => store().purge(id, now),
      sweep: () => store().sweep((now += graceMs), never),
    }

    await create()
    for (let n = 0; n < 200; n++) {
      await step[random.weighted({ create: 3, open: 2, fail: 2, ack: 2, patch: 1, burn: 1, purge: 1, sweep: 1 })](
        random.pick(made),
      )
      expect(await usageOf(workspaceId)).toEqual(await recount())
    }
    now += 10 * hour
    await store().sweep(now, now)
    expect(await usageOf(workspaceId)).toEqual({ activeSecrets: 0, storedBytes: 0 })
  })
}
