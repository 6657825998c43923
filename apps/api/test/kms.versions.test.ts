import type { WireKmsPutRequest, WireKmsVersion } from '@halfkey/sdk'
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { kmsCalls, newestOf, revealed, sealVersion } from './support/named.ts'
import { newSeed, seeded } from './support/random.ts'
import { iso, refused, useApp } from './support/running-app.ts'
import { b64 } from './support/sender.ts'
import { addWorkspace } from './support/strangers.ts'

const { app, call, bearer, now, later } = useApp()
const { put, get, remove, versions, destroy, reveal, list } = kmsCalls((...request) => call(...request), bearer)

const stored = (handler: string, version: number) => ({
  status: 201,
  body: { success: true, data: { handler, version, created_at: iso(now()) } },
})
const conflict = (newest: number) => refused(409, 'CONFLICT', { newest })

async function given(handler: string, ...more: Partial<WireKmsPutRequest>[]): Promise<WireKmsPutRequest[]> {
  const all = [{}, ...more].map((fields, index) => sealVersion(index + 1, fields))
  for (const one of all) expect(await put(handler, one)).toMatchObject(stored(handler, one.version))
  return all
}

describe('a put', () => {
  test('is taken as the newest + 1 alone, and a refusal names the newest', async () => {
    expect(await put('prod/db', sealVersion(2))).toMatchObject(conflict(0))
    const [first] = await given('prod/db')
    for (const version of [1, 3, 4, Number.MAX_SAFE_INTEGER])
      expect(await put('prod/db', sealVersion(version))).toMatchObject(conflict(1))
    expect(await reveal('prod/db')).toMatchObject(revealed(first as WireKmsPutRequest))
    expect((await get('prod/db')).body.data).toMatchObject({ version: 1, versions: 1 })
  })

  test('whose reply was lost is a success with the same reply when it is sent again, however late', async () => {
    const [first, second] = [sealVersion(1), sealVersion(2)]
    const reply = await put('prod/db', first)
    later(1000)
    expect((await put('prod/db', first)).text).toBe(reply.text)
    await put('prod/db', second)
    expect((await put('prod/db', first)).text).toBe(reply.text)
    expect(await reveal('prod/db')).toMatchObject(revealed(second))
    expect((await get('prod/db')).body.data).toMatchObject({ version: 2, versions: 2 })
  })

  test('of one number by twenty at once is one’s, and the others change nothing', async () => {
    await given('prod/db')
    const puts = Array.from({ length: 20 }, () => sealVersion(2))
    const replies = await Promise.all(puts.map((one) => put('prod/db', one)))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const reply of replies.filter(({ status }) => status !== 201)) expect(reply).toMatchObject(conflict(2))
    const winner = puts[replies.findIndex(({ status }) => status === 201)]
    expect(await reveal('prod/db')).toMatchObject(revealed(winner as WireKmsPutRequest))
  })

  test('by 500 at once, each tried again after its 409, gives the versions 1 … 500 without a gap or a loss', async () => {
    const won = new Map<number, WireKmsPutRequest>()
    // Who lost tries the number it was told at once; who lost that too waits, the longer the more others are waiting.
    const writer = async (): Promise<void> => {
      for (let version = 1, lost = 0; ; lost++) {
        const one = sealVersion(version, {}, 272)
        const reply = await put('prod/db', one)
        if (reply.status === 201) return void won.set(version, one)
        const newest = newestOf(reply)
        version = newest + 1
        if (lost % 2 === 1) await new Promise((resolve) => setTimeout(resolve, Math.random() * 8 * (500 - newest)))
      }
    }
    await Promise.all(Array.from({ length: 500 }, writer))

    const numbers = Array.from({ length: 500 }, (_, index) => index + 1)
    expect([...won.keys()].sort((a, b) => a - b)).toEqual(numbers)
    for (const one of won.values()) expect(await reveal('prod/db', one.version)).toMatchObject(revealed(one))
    const pages = await Promise.all(
      [1, 2, 3, 4, 5].map(async (page) => (await versions('prod/db', `?page=${page}&per_page=100`)).body.data),
    )
    expect((pages.flat() as WireKmsVersion[]).map(({ version }) => version)).toEqual(numbers.reverse())
  }, 120_000)

  test('goes on from the newest number after a deletion, and old bytes aren’t taken for new ones', async () => {
    const [first, second] = await given('prod/db', {})
    await remove('prod/db')
    expect(await put('prod/db', sealVersion(1))).toMatchObject(conflict(2))
    expect(await get('prod/db')).toMatchObject(refused(404, 'NOT_FOUND'))
    const third = sealVersion(3)
    expect(await put('prod/db', third)).toMatchObject(stored('prod/db', 3))
    expect(await reveal('prod/db')).toMatchObject(revealed(third))
    for (const gone of [first, second])
      expect(await reveal('prod/db', gone?.version)).toMatchObject(refused(403, 'PERMISSION_DENIED'))
    expect((await get('prod/db')).body.data).toMatchObject({ version: 3, versions: 1, meta: null, whitelist: [] })
  })

  test('is refused if the workspace has another key than it was sealed under, and changes nothing', async () => {
    const [mine, other] = [b64(randomBytes(32)), b64(randomBytes(32))]
    expect((await put('prod/db', sealVersion(1, { workspace_check: other }))).status).toBe(201)
    await call('PUT', '/api/v1/workspace/check', { workspace_check: mine }, bearer())
    const refusal = refused(409, 'CONFLICT', { workspace_check: mine })
    expect(await put('prod/db', sealVersion(2, { workspace_check: other }))).toMatchObject(refusal)
    expect((await get('prod/db')).body.data).toMatchObject({ version: 1, versions: 1 })
    expect((await put('prod/db', sealVersion(2, { workspace_check: mine }))).status).toBe(201)
  })

  test('that names no key is refused once the workspace has a check value, and is taken while it has none', async () => {
    const check = b64(randomBytes(32))
    const first = sealVersion(1)
    expect((await put('prod/db', first)).status).toBe(201)
    await call('PUT', '/api/v1/workspace/check', { workspace_check: check }, bearer())
    const refusal = refused(409, 'CONFLICT', { workspace_check: check })
    expect(await put('prod/db', sealVersion(2))).toMatchObject(refusal)
    expect(await put('prod/new', sealVersion(1))).toMatchObject(refusal)
    expect((await get('prod/new')).status).toBe(404)
    expect(await reveal('prod/db')).toMatchObject(revealed(first))
    // The same bytes again: the same reply, as of any put that was taken.
    expect(await put('prod/db', first)).toMatchObject(stored('prod/db', 1))
    expect((await put('prod/db', sealVersion(2, { workspace_check: check }))).status).toBe(201)
  })

  test('counts against the quota of stored bytes until its content is destroyed', async () => {
    const used = async () =>
      (await call('GET', '/api/v1/workspace', undefined, bearer())).body.data.usage.stored_bytes as number
    const before = await used()
    await given('prod/db', {}, {})
    expect(await used()).toBe(before + 3 * 300)
    await destroy('prod/db', 2)
    await destroy('prod/db', 2)
    expect(await used()).toBe(before + 2 * 300)
    await remove('prod/db')
    expect(await used()).toBe(before)
  })
})

describe('handlers', () => {
  test('with slashes are one percent-encoded segment; unencoded they are nobody’s', async () => {
    await given('a/b/c')
    expect((await get('a/b/c')).body.data).toMatchObject({ handler: 'a/b/c' })
    for (const [method, path] of [
      ['GET', '/api/v1/kms/a/b/c'],
      ['PUT', '/api/v1/kms/a/b/c'],
      ['POST', '/api/v1/kms/a/b/c/reveal'],
      ['GET', '/api/v1/kms/a/b/versions'],
    ] as const)
      expect(await call(method, path, method === 'GET' ? undefined : {}, bearer())).toMatchObject(
        refused(404, 'NOT_FOUND'),
      )
  })

  test.each(['PROD', 'a//b', '/a', 'a/', '-a', 'a/.b', 'a b', 'ä', 'a\0', 'x'.repeat(129), '%zz'])(
    'that the protocol doesn’t have are a 422 that names the field: %j',
    async (handler) => {
      for (const reply of [await put(handler, sealVersion(1)), await get(handler), await reveal(handler)])
        expect(reply).toMatchObject(refused(422, 'VALIDATION_ERROR', { handler: [expect.any(String)] }))
      expect(await call('GET', '/api/v1/kms', undefined, bearer())).toMatchObject({ body: { data: [] } })
    },
  )

  test('of two workspaces don’t touch each other', async () => {
    const stranger = { Authorization: `Bearer ${addWorkspace(app().home.data, now()).text}` }
    const [mine] = await given('prod/db')
    const theirs = sealVersion(1)
    expect((await put('prod/db', theirs, stranger)).status).toBe(201)
    expect(await reveal('prod/db')).toMatchObject(revealed(mine as WireKmsPutRequest))
    expect(await reveal('prod/db', undefined, stranger)).toMatchObject(revealed(theirs))
    await remove('prod/db', stranger)
    expect(await reveal('prod/db')).toMatchObject(revealed(mine as WireKmsPutRequest))
    expect((await list('', stranger)).body.data).toEqual([])
  })
})

/** Model: each handler is a newest number and the versions that are left. */
test.each([newSeed(), newSeed()])(
  'whatever is put, destroyed, deleted and repeated, numbers and contents are as a simple model has them (seed %i)',
  async (seed) => {
    const random = seeded(seed)
    const handlers = ['a', 'a/b', 'a-b']
    const model = new Map(
      handlers.map((name) => [name, { newest: 0, there: false, left: new Map<number, WireKmsPutRequest>() }]),
    )
    const sent: [string, WireKmsPutRequest][] = []
    for (let step = 0; step < 200; step++) {
      const handler = random.pick(handlers)
      const state = model.get(handler) as NonNullable<ReturnType<typeof model.get>>
      const roll = random.below(10)
      if (roll < 5) {
        const version = random.chance(0.7) ? state.newest + 1 : 1 + random.below(state.newest + 3)
        const one = sealVersion(version)
        const isNext = version === state.newest + 1
        expect((await put(handler, one)).status).toBe(isNext ? 201 : 409)
        if (isNext) {
          state.newest = version
          state.there = true
          state.left.set(version, one)
          sent.push([handler, one])
        }
      } else if (roll < 6 && sent.length > 0) {
        expect((await put(...random.pick(sent))).status).toBe(201)
      } else if (roll < 8) {
        const version = 1 + random.below(state.newest + 1)
        expect((await destroy(handler, version)).status).toBe(version <= state.newest ? 200 : 404)
        state.left.delete(version)
      } else if (roll < 9) {
        expect((await remove(handler)).status).toBe(state.newest > 0 ? 200 : 404)
        state.left.clear()
        state.there = false
      }
      for (const [name, { newest, there, left }] of model) {
        const one = left.get(newest)
        expect(await reveal(name)).toMatchObject(
          there && one ? revealed(one) : there ? refused(403, 'PERMISSION_DENIED') : refused(404, 'NOT_FOUND'),
        )
        const version = 1 + random.below(newest + 1)
        const old = left.get(version)
        const reply = await reveal(name, version)
        if (old) expect(reply).toMatchObject(revealed(old))
        else expect(['PERMISSION_DENIED', 'NOT_FOUND']).toContain(reply.body.error.code)
        const config = there
          ? { status: 200, body: { data: { version: newest, versions: left.size } } }
          : { status: 404 }
        expect(await get(name)).toMatchObject(config)
      }
    }
    const there = [...model].filter(([, { there }]) => there).map(([name]) => name)
    const listed = (await call('GET', '/api/v1/kms', undefined, bearer())).body.data as { handler: string }[]
    expect(listed.map(({ handler }) => handler)).toEqual(there.sort())
  },
)
