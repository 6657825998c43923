/** Named secrets: docs/kms.md. */
import { describe, expect, test } from 'vitest'
import type { KmsEvent } from '../../src/domain/kms/entry.ts'
import type { KmsPatch } from '../../src/domain/kms/patch.ts'
import type { KmsPut } from '../../src/domain/kms/put.ts'
import type { KmsReveal } from '../../src/domain/kms/reveal.ts'
import type { OpenStore } from './fixture.ts'
import { bytes, caller, hour, never, start, text, useStore } from './fixture.ts'

const handler = 'prod/db'
const actor = { token: { id: 'tok_1', name: 'backend' }, caller }
const quota = { storedBytes: 1_000_000 }
const day = 24 * hour

/** Of 272 bytes; each of its own bytes unless `digest` is given. */
export const newPut = (workspaceId: number, fields: Partial<KmsPut> = {}): KmsPut => ({
  ...actor,
  workspaceId,
  handler,
  version: 1,
  content: {
    sealedKeyA: bytes(60),
    envelope: { v: 1, salt: text(32), iv: text(12), commitment: text(32), ciphertext: text(272) },
  },
  digest: bytes(32),
  meta: undefined,
  whitelist: undefined,
  expiresAt: undefined,
  rotateAfter: undefined,
  sameValue: false,
  workspaceCheck: undefined,
  now: start,
  quota,
  ...fields,
})

export function describeKms(open: OpenStore): void {
  const { store, givenOwner } = useStore(open)

  const workspace = async () => (await givenOwner()).workspaceId
  const nameIn = (workspaceId: number, of = handler) => ({ workspaceId, handler: of })
  const givenVersions = async (workspaceId: number, count: number, fields: Partial<KmsPut> = {}) => {
    const puts = Array.from({ length: count }, (_, index) => newPut(workspaceId, { version: index + 1, ...fields }))
    for (const put of puts) expect(await store().putKms(put)).toEqual({ kind: 'put', createdAt: put.now })
    return puts
  }
  const reveal = (workspaceId: number, fields: Partial<KmsReveal> = {}) => {
    const command = { ...actor, ...nameIn(workspaceId), version: null, decide: () => null, now: start }
    return store().revealKms({ ...command, ...fields })
  }
  const patch = (workspaceId: number, fields: Partial<KmsPatch>) =>
    store().patchKms({
      ...actor,
      ...nameIn(workspaceId),
      meta: undefined,
      previousMeta: undefined,
      whitelist: undefined,
      expiresAt: undefined,
      rotateAfter: undefined,
      workspaceCheck: undefined,
      now: start,
      ...fields,
    })
  const find = (workspaceId: number) => store().findKms(nameIn(workspaceId))
  const eventsOf = async (workspaceId: number, query: { before?: number; limit?: number } = {}) =>
    store().listKmsEvents({ ...nameIn(workspaceId), before: query.before, limit: query.limit ?? 100 })
  const typesOf = async (workspaceId: number) => (await eventsOf(workspaceId))?.map(({ type }) => type)
  const usedBy = async (workspaceId: number) => (await store().findWorkspace(workspaceId))?.storedBytes
  const sweep = (now: number, purgeBefore = never) => store().sweep(now, purgeBefore)

  describe('putting', () => {
    test('the first version makes the named secret, with what it was put with', async () => {
      const workspaceId = await workspace()
      const fields = { meta: text(300), whitelist: ['192.0.2.0/24'], expiresAt: start + day, rotateAfter: hour }
      await givenVersions(workspaceId, 1, fields)
      expect(await find(workspaceId)).toEqual({
        id: expect.any(Number) as number,
        publicId: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
        workspaceId,
        handler,
        newest: 1,
        versions: 1,
        whitelist: fields.whitelist,
        createdAt: start,
        updatedAt: start,
        rotateAfter: hour,
        rotateFrom: start,
        deletedAt: null,
        meta: fields.meta,
        expiresAt: start + day,
        destroyedAt: null,
      })
      expect(await eventsOf(workspaceId)).toEqual([
        {
          ...caller,
          id: expect.any(Number) as number,
          type: 'kms.put',
          reason: null,
          at: start,
          version: 1,
          tokenId: actor.token.id,
          token: actor.token.name,
        },
      ])
    })

    test('takes the newest + 1 alone; the same bytes are a repetition with the first time, others a conflict', async () => {
      const workspaceId = await workspace()
      expect(await store().putKms(newPut(workspaceId, { version: 2 }))).toEqual({ kind: 'conflict', newest: 0 })
      const [first] = await givenVersions(workspaceId, 2)
      expect(await store().putKms({ ...(first as KmsPut), now: start + 5 })).toEqual({
        kind: 'repeated',
        createdAt: start,
      })
      for (const version of [1, 2, 4])
        expect(await store().putKms(newPut(workspaceId, { version }))).toEqual({ kind: 'conflict', newest: 2 })
      expect(await find(workspaceId)).toMatchObject({ newest: 2, versions: 2 })
      expect(await typesOf(workspaceId)).toEqual(['kms.put', 'kms.put'])
    })

    test('leaves what it doesn’t name as it was, but for the expiry, which is the version’s own', async () => {
      const workspaceId = await workspace()
      const fields = { meta: text(300), whitelist: ['192.0.2.0/24'], expiresAt: start + day, rotateAfter: hour }
      await givenVersions(workspaceId, 1, fields)
      await store().putKms(newPut(workspaceId, { version: 2, now: start + 5 }))
      const { meta, whitelist, rotateAfter } = fields
      const kept = { meta, whitelist, rotateAfter, rotateFrom: start + 5, expiresAt: null }
      expect(await find(workspaceId)).toMatchObject(kept)
      await store().putKms(newPut(workspaceId, { version: 3, meta: text(300), whitelist: null, rotateAfter: null }))
      expect(await find(workspaceId)).toMatchObject({ whitelist: null, rotateAfter: null })
      expect((await find(workspaceId))?.meta).not.toBe(meta)
    })

    test('of the same value, sealed anew, keeps its expiry and its time of rotation', async () => {
      const workspaceId = await workspace()
      await givenVersions(workspaceId, 1, { expiresAt: start + day, rotateAfter: hour })
      await store().putKms(newPut(workspaceId, { version: 2, sameValue: true, now: start + 5 }))
      expect(await find(workspaceId)).toMatchObject({ rotateFrom: start, expiresAt: start + day, updatedAt: start + 5 })
    })

    test('past the quota stores nothing and takes no number', async () => {
      const workspaceId = await workspace()
      const small = { storedBytes: 500 }
      await givenVersions(workspaceId, 1, { quota: small })
      const outcome = await store().putKms(newPut(workspaceId, { version: 2, quota: small }))
      expect(outcome).toEqual({ kind: 'exceeded', quota: 'storedBytes', maximum: 500, used: 272 })
      expect(await find(workspaceId)).toMatchObject({ newest: 1, versions: 1 })
      expect(await usedBy(workspaceId)).toBe(272)
    })

    test('and patching under another key than the workspace’s change nothing', async () => {
      const workspaceId = await workspace()
      await givenVersions(workspaceId, 1)
      await store().setWorkspaceCheck(workspaceId, 'mine')
      const rekeyed = { kind: 'rekeyed', workspaceCheck: 'mine' }
      for (const workspaceCheck of ['other', undefined])
        expect(await store().putKms(newPut(workspaceId, { version: 2, workspaceCheck }))).toEqual(rekeyed)
      expect(await patch(workspaceId, { meta: text(300), workspaceCheck: 'other' })).toEqual(rekeyed)
      expect(await find(workspaceId)).toMatchObject({ newest: 1, meta: null })
      expect(await typesOf(workspaceId)).toEqual(['kms.put'])
    })
  })

  describe('revealing', () => {
    test('gives the newest version, or the one that is named, and records it', async () => {
      const workspaceId = await workspace()
      const [first, second] = await givenVersions(workspaceId, 2)
      expect(await reveal(workspaceId)).toEqual({ kind: 'revealed', version: 2, content: second?.content })
      expect(await reveal(workspaceId, { version: 1 })).toEqual({
        kind: 'revealed',
        version: 1,
        content: first?.content,
      })
      const revealed = { ...caller, type: 'kms.revealed', tokenId: actor.token.id, at: start }
      expect(await eventsOf(workspaceId, { limit: 2 })).toMatchObject([
        { ...revealed, version: 1 },
        { ...revealed, version: 2 },
      ])
    })

    test('asks the policies of the rows as they are, and records why they refused', async () => {
      const workspaceId = await workspace()
      await givenVersions(workspaceId, 1, { whitelist: ['192.0.2.0/24'], expiresAt: start + hour })
      const seen: unknown[] = []
      const decide: KmsReveal['decide'] = (entry, version) => {
        seen.push([entry?.whitelist, version?.expiresAt])
        return 'whitelist'
      }
      expect(await reveal(workspaceId, { decide })).toEqual({ kind: 'refused', reason: 'whitelist' })
      expect(seen).toEqual([[['192.0.2.0/24'], start + hour]])
      expect((await eventsOf(workspaceId))?.[0]).toMatchObject({ type: 'kms.denied', reason: 'whitelist', version: 1 })
    })

    test('of a handler or version that there isn’t, or isn’t any more, has nothing to decide on, and is recorded', async () => {
      const workspaceId = await workspace()
      const seen: unknown[] = []
      const decide: KmsReveal['decide'] = (entry, version) => {
        seen.push([entry?.handler ?? null, version?.version ?? null])
        return entry ? 'unknown_version' : 'unknown_handler'
      }
      await reveal(workspaceId, { decide, version: 7 })
      await givenVersions(workspaceId, 1)
      await reveal(workspaceId, { decide, version: 7 })
      await store().deleteKms(nameIn(workspaceId), actor, start)
      await reveal(workspaceId, { decide })
      expect(seen).toEqual([
        [null, null],
        [handler, null],
        [null, 1],
      ])
      const log = await store().readAudit({ workspaceId, after: 0, limit: 100, type: 'kms.denied' })
      expect(log.map(({ handler, reason, version }) => [handler, reason, version])).toEqual([
        [handler, 'unknown_handler', 7],
        [handler, 'unknown_version', 7],
        [handler, 'unknown_handler', 1],
      ])
    })

    test('never gives a version that was destroyed, whatever the verdict', async () => {
      const workspaceId = await workspace()
      await givenVersions(workspaceId, 2)
      await store().destroyKmsVersion({ ...nameIn(workspaceId), version: 2 }, actor, start)
      for (const version of [null, 2, 3]) await expect(reveal(workspaceId, { version })).rejects.toThrow()
      expect(await typesOf(workspaceId)).toEqual(['kms.destroyed', 'kms.put', 'kms.put'])
    })
  })

  describe('patching', () => {
    test('changes what it names and records that; null lifts', async () => {
      const workspaceId = await workspace()
      await givenVersions(workspaceId, 2, { whitelist: ['192.0.2.0/24'], rotateAfter: hour })
      const meta = text(300)
      const patched = await patch(workspaceId, { meta, expiresAt: start + day, now: start + 5 })
      const expected = { meta, expiresAt: start + day, whitelist: ['192.0.2.0/24'], rotateAfter: hour }
      expect(patched).toMatchObject({ kind: 'patched', record: { ...expected, updatedAt: start + 5 } })
      expect(patched).toEqual({ kind: 'patched', record: await find(workspaceId) })
      const lifted = { whitelist: null, expiresAt: null, rotateAfter: null }
      expect(await patch(workspaceId, lifted)).toMatchObject({ record: { ...lifted, meta } })
      expect((await typesOf(workspaceId))?.slice(0, 3)).toEqual(['kms.updated', 'kms.updated', 'kms.put'])
      const { versions } = (await store().listKmsVersions({ ...nameIn(workspaceId), page: 1, perPage: 9 })) ?? {}
      expect(versions?.map(({ expiresAt }) => expiresAt)).toEqual([null, null])
    })

    test('replaces the metadata that it names alone', async () => {
      const workspaceId = await workspace()
      await givenVersions(workspaceId, 1)
      const metas = Array.from({ length: 5 }, () => text(300))
      const outcomes = await Promise.all(metas.map((meta) => patch(workspaceId, { meta, previousMeta: null })))
      expect(outcomes.filter(({ kind }) => kind === 'patched')).toHaveLength(1)
      expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(4)
      expect((await find(workspaceId))?.meta).toBe(metas[outcomes.findIndex(({ kind }) => kind === 'patched')])
    })

    test('of what there isn’t, or was deleted, is unknown', async () => {
      const workspaceId = await workspace()
      expect(await patch(workspaceId, { meta: text(300) })).toEqual({ kind: 'unknown' })
      await givenVersions(workspaceId, 1)
      await store().deleteKms(nameIn(workspaceId), actor, start)
      expect(await patch(workspaceId, { meta: text(300) })).toEqual({ kind: 'unknown' })
    })
  })

  describe('destroying a version', () => {
    test('takes its content and its bytes, once, and leaves the others', async () => {
      const workspaceId = await workspace()
      const [first] = await givenVersions(workspaceId, 2)
      const destroy = (version: number) =>
        store().destroyKmsVersion({ ...nameIn(workspaceId), version }, actor, start + 5)
      expect(await destroy(3)).toBe(false)
      for (let n = 0; n < 2; n++) expect(await destroy(2)).toBe(true)
      expect(await usedBy(workspaceId)).toBe(272)
      expect(await find(workspaceId)).toMatchObject({ newest: 2, versions: 1, destroyedAt: start + 5 })
      expect(await reveal(workspaceId, { version: 1 })).toMatchObject({ content: first?.content })
      const destroyed = (await eventsOf(workspaceId))?.filter(({ type }) => type === 'kms.destroyed')
      expect(destroyed).toMatchObject([{ version: 2, at: start + 5, token: actor.token.name }])
    })
  })

  describe('deleting', () => {
    test('takes every version and the metadata, once, and keeps the newest number', async () => {
      const workspaceId = await workspace()
      expect(await store().deleteKms(nameIn(workspaceId), actor, start)).toBe(false)
      const puts = await givenVersions(workspaceId, 2, { meta: text(300) })
      for (let n = 0; n < 2; n++) expect(await store().deleteKms(nameIn(workspaceId), actor, start)).toBe(true)
      expect(await find(workspaceId)).toBeUndefined()
      expect(await usedBy(workspaceId)).toBe(0)
      expect((await typesOf(workspaceId))?.filter((type) => type === 'kms.deleted')).toHaveLength(1)
      expect(await store().putKms(newPut(workspaceId))).toEqual({ kind: 'conflict', newest: 2 })
      expect(await store().putKms({ ...(puts[1] as KmsPut) })).toEqual({ kind: 'repeated', createdAt: start })
      await store().putKms(newPut(workspaceId, { version: 3 }))
      expect(await find(workspaceId)).toMatchObject({ newest: 3, versions: 1, meta: null, deletedAt: null })
    })
  })

  describe('listing', () => {
    test('is by handler, by prefix, by pattern and by page, without deleted ones and other workspaces’', async () => {
      const workspaceId = await workspace()
      for (const of of ['b', 'a/2', 'a/1', 'a-1', 'a', 'c']) await store().putKms(newPut(workspaceId, { handler: of }))
      await store().deleteKms(nameIn(workspaceId, 'c'), actor, start)
      const list = async (query: Partial<Parameters<ReturnType<typeof store>['listKms']>[0]> = {}) => {
        const everything = { workspaceId, prefix: '', patterns: null, page: 1, perPage: 100 }
        const { entries, total } = await store().listKms({ ...everything, ...query })
        return [entries.map(({ handler }) => handler).join(' '), total]
      }
      expect(await list()).toEqual(['a a-1 a/1 a/2 b', 5])
      expect(await list({ prefix: 'a/' })).toEqual(['a/1 a/2', 2])
      expect(await list({ patterns: ['a*1', 'b'] })).toEqual(['a-1 a/1 b', 3])
      expect(await list({ perPage: 2, page: 2 })).toEqual(['a/1 a/2', 5])
      expect(await list({ workspaceId: workspaceId + 1 })).toEqual(['', 0])
    })

    test('versions come newest first, those of a deleted one too, and of what never was there are none', async () => {
      const workspaceId = await workspace()
      const list = (page = 1) => store().listKmsVersions({ ...nameIn(workspaceId), page, perPage: 2 })
      expect(await list()).toBeUndefined()
      await givenVersions(workspaceId, 3)
      await store().deleteKms(nameIn(workspaceId), actor, start + 5)
      const version = { createdAt: start, creator: actor.token.name, expiresAt: null, destroyedAt: start + 5 }
      expect(await list()).toEqual({ versions: [3, 2].map((number) => ({ version: number, ...version })), total: 3 })
      expect(await list(2)).toEqual({ versions: [{ version: 1, ...version }], total: 3 })
    })

    test('events come newest first, a page at a time, and of what never was there are none', async () => {
      const workspaceId = await workspace()
      expect(await eventsOf(workspaceId)).toBeUndefined()
      await givenVersions(workspaceId, 3)
      const page = (await eventsOf(workspaceId, { limit: 2 })) as KmsEvent[]
      expect(page.map(({ version }) => version)).toEqual([3, 2])
      const rest = await eventsOf(workspaceId, { limit: 2, before: page.at(-1)?.id ?? 0 })
      expect(rest?.map(({ version }) => version)).toEqual([1])
    })
  })

  describe('sweeping', () => {
    const givenWebhook = (workspaceId: number) =>
      store().createWebhook(
        {
          id: 'wh_1',
          workspaceId,
          url: 'https://hooks.example/',
          sealedSecret: bytes(60),
          previousSealedSecret: null,
          previousUntil: null,
          createdAt: start,
        },
        10,
      )
    const noticesOf = async (workspaceId: number) =>
      (await store().listDeliveries({ workspaceId, page: 1, perPage: 100 })).deliveries.map(({ notice }) => notice)

    test('tells of an expiry and of a due rotation once a version, each at its moment', async () => {
      const workspaceId = await workspace()
      await givenWebhook(workspaceId)
      await givenVersions(workspaceId, 1, { expiresAt: start + hour, rotateAfter: hour })
      expect(await sweep(start + hour - 1)).toMatchObject({ reminded: 0 })
      expect(await sweep(start + hour)).toMatchObject({ reminded: 2 })
      expect(await sweep(start + day)).toMatchObject({ reminded: 0 })
      const told = (type: string) => ({
        type,
        timestamp: new Date(start + hour).toISOString(),
        data: { handler, version: 1, at: new Date(start + hour).toISOString() },
      })
      const notices = await noticesOf(workspaceId)
      expect(notices.sort((a, b) => (a.type < b.type ? -1 : 1))).toEqual([
        told('kms.expired'),
        told('kms.rotation_due'),
      ])
      const [expired] = (await eventsOf(workspaceId)) ?? []
      expect(expired).toMatchObject({ type: 'kms.expired', version: 1, at: start + hour, token: null, ip: null })
    })

    test('destroys what expired and wasn’t put off within the retention time', async () => {
      const workspaceId = await workspace()
      await givenVersions(workspaceId, 1, { expiresAt: start + hour })
      expect(await sweep(start + day, start + hour - 1)).toMatchObject({ destroyed: 0 })
      expect(await sweep(start + day, start + hour)).toMatchObject({ destroyed: 1 })
      expect(await find(workspaceId)).toMatchObject({ versions: 0, destroyedAt: start + day })
      expect(await usedBy(workspaceId)).toBe(0)
    })

    test('purges what the log says of a deleted one after the retention time, and never its number', async () => {
      const workspaceId = await workspace()
      await givenVersions(workspaceId, 2)
      await store().deleteKms(nameIn(workspaceId), actor, start + hour)
      expect(await sweep(start + day, start + hour - 1)).toMatchObject({ purged: 0 })
      expect(await sweep(start + day, start + hour)).toMatchObject({ purged: 3, disputed: 0 })
      const log = await store().readAudit({ workspaceId, after: 0, limit: 100 })
      expect(log.map(({ type, handler }) => [type, handler])).toEqual([
        ['kms.put', null],
        ['kms.put', null],
        ['kms.deleted', null],
        ['purged', null],
      ])
      expect(await store().listKmsVersions({ ...nameIn(workspaceId), page: 1, perPage: 9 })).toMatchObject({ total: 0 })
      expect(await store().putKms(newPut(workspaceId))).toEqual({ kind: 'conflict', newest: 2 })
    })
  })
}
