import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { partSize } from '../src/domain/secrets/attachment.ts'
import type { Attached } from './support/attached.ts'
import { attachmentCalls, firstFile, partOf, partsOf, sealWithFiles, twoParts } from './support/attached.ts'
import { gone, iso, refused, useApp } from './support/running-app.ts'
import { newId, seal } from './support/sender.ts'
import { readDatabase } from './support/database.ts'

const { app, call, create, status, details, burn, purge, now, later, bearer, events } = useApp()
const { put, complete, parts, upload, grantOf, fetchFile } = attachmentCalls(call)

const day = 86_400_000

async function given(sizes?: number[], fields = {}): Promise<Attached> {
  const sealed = sealWithFiles(sizes, { fields })
  expect((await create(sealed)).status).toBe(201)
  return sealed
}

const kept = (): string[] =>
  [...app().blobs.kept.values()].map((bytes) => createHash('sha256').update(bytes).digest('hex')).sort()
const digests = (all: Buffer[]): string[] => all.map((bytes) => createHash('sha256').update(bytes).digest('hex')).sort()
/** Blobs that the database knows. */
const known = (): number =>
  readDatabase(app().home.data, (db) => db.prepare('SELECT count(*) FROM blobs').pluck().get() as number)

describe('parts', () => {
  test('come in any order and eight at once, each as often as it likes, and are what is fetched', async () => {
    const sealed = await given([7 * partSize + 1000])
    const all = partsOf(firstFile(sealed)).map((bytes, part) => ({ bytes, part }))
    expect(all).toHaveLength(8)
    const replies = await Promise.all([...all].reverse().map(({ bytes, part }) => put(sealed, part, bytes)))
    for (const { status, body } of replies)
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { success: true, data: { size: expect.any(Number) } },
      })
    expect((await put(sealed, 3)).text).toBe(replies[4]?.text)
    expect(kept()).toEqual(digests(all.map(({ bytes }) => bytes)))
    await complete(sealed)
    const fetched = await fetchFile(sealed, await grantOf(sealed))
    expect(fetched.bytes.equals(firstFile(sealed).bytes)).toBe(true)
  })

  test('that are there can be asked for', async () => {
    const sealed = await given([2 * partSize + 100])
    const there = async () => (await parts(sealed)).body.data
    expect(await there()).toEqual({ parts: [], total: 3, size: 2 * partSize + 100 })
    await put(sealed, 2)
    await put(sealed, 0)
    expect(await there()).toEqual({ parts: [0, 2], total: 3, size: 2 * partSize + 100 })
  })

  test('of exactly one size: longer and shorter ones are refused, and nothing of them is left', async () => {
    const sealed = await given([twoParts])
    const [full, last] = [partOf(firstFile(sealed), 0), partOf(firstFile(sealed), 1)]
    const longer = refused(413, 'PAYLOAD_TOO_LARGE', { limit: 'part', maximum_bytes: partSize })
    expect(await put(sealed, 0, Buffer.concat([full, Buffer.alloc(1)]))).toMatchObject(longer)
    expect(await put(sealed, 1, full)).toMatchObject(refused(413, 'PAYLOAD_TOO_LARGE'))
    for (const [part, bytes] of [
      [0, full.subarray(1)],
      [0, last],
      [1, last.subarray(1)],
      [1, Buffer.alloc(0)],
    ] as const) {
      const { body } = await put(sealed, part, bytes)
      expect(body.error).toMatchObject({ code: 'VALIDATION_ERROR', details: { body: [expect.any(String)] } })
    }
    expect([kept(), known()]).toEqual([[], 0])
  })

  test.each(['2', '-1', '00', '01', '1.5', '1e0', 'x', '%20', '999999999999'])(
    'have a number within the file, not %s',
    async (n) => {
      const sealed = await given([twoParts])
      expect(await put(sealed, n, Buffer.alloc(10))).toMatchObject({
        status: 422,
        body: { error: { details: { n: [expect.any(String)] } } },
      })
    },
  )

  test('are octets: another type is refused', async () => {
    const sealed = await given()
    const headers = { 'Halfkey-Manage': sealed.manageKey, 'Content-Type': 'application/json' }
    expect(await put(sealed, 0, undefined, undefined, headers)).toMatchObject(refused(422, 'VALIDATION_ERROR'))
  })

  test('of an unknown file, and of a file of another secret, are a 404', async () => {
    const [sealed, other] = [await given(), await given()]
    for (const id of [newId(), firstFile(other).id, 'x', `${firstFile(sealed).id.slice(0, -1)}B`])
      expect(await put(sealed, 0, undefined, { id })).toMatchObject(refused(404, 'NOT_FOUND'))
    expect(kept()).toEqual([])
  })

  test('sent twice at once with different bytes: exactly one wins, and no other blob is left', async () => {
    const sealed = await given()
    const bodies = Array.from({ length: 8 }, () => sealWithFiles([1000])).map((one) => firstFile(one).bytes)
    const replies = await Promise.all(bodies.map((bytes) => put(sealed, 0, bytes)))
    const won = replies.findIndex(({ status }) => status === 200)
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(409)])
    expect(kept()).toEqual(digests([bodies[won] ?? Buffer.alloc(0)]))
    expect(known()).toBe(1)
  })

  test('after completion: the same bytes are a success, others a conflict, and the file stays as it was', async () => {
    const sealed = await given([twoParts])
    await put(sealed, 0)
    await put(sealed, 1)
    await complete(sealed)
    expect((await put(sealed, 1)).status).toBe(200)
    expect(await put(sealed, 1, Buffer.from(partOf(firstFile(sealed), 1)).fill(1))).toMatchObject(
      refused(409, 'CONFLICT'),
    )
    expect((await fetchFile(sealed, await grantOf(sealed))).bytes.equals(firstFile(sealed).bytes)).toBe(true)
    expect(known()).toBe(2)
  })

  test('for a secret that ended are a 410, also if it ends while they arrive', async () => {
    const sealed = await given()
    const { blobs } = app()
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    const putNow = blobs.put.bind(blobs)
    blobs.put = async (...part) => {
      await putNow(...part)
      await ended
    }
    const racing = put(sealed)
    await expect.poll(() => blobs.kept.size).toBe(1)
    await burn(sealed)
    end()
    expect(await racing).toMatchObject(gone('burned', now()))
    expect([kept(), known()]).toEqual([[], 0])
    expect(await put(sealed)).toMatchObject(gone('burned', now()))
    expect(await parts(sealed)).toMatchObject(gone('burned', now()))
  })

  test('are answered with a 503 while the blob store can’t keep them, and can be sent again', async () => {
    const sealed = await given()
    app().blobs.failing.add('put')
    expect(await put(sealed)).toMatchObject({ status: 503, body: { error: { code: 'UNAVAILABLE' } } })
    expect([kept(), known()]).toEqual([[], 0])
    app().blobs.failing.clear()
    expect((await put(sealed)).status).toBe(200)
  })
})

describe('completing', () => {
  test('names the parts that are missing, and changes nothing', async () => {
    const sealed = await given([twoParts, 28])
    const [large, small] = sealed.files.map(({ id }) => id) as [string, string]
    await put(sealed, 1)
    const missing = { [large]: [0], [small]: [0] }
    expect(await complete(sealed)).toMatchObject(refused(409, 'UPLOAD_INCOMPLETE', { missing }))
    expect((await details(sealed)).body.data.status).toBe('uploading')
  })

  test('opens the secret; a lost reply can be had again, even after it was read', async () => {
    const sealed = sealWithFiles()
    await upload(sealed)
    const first = await complete(sealed)
    expect(first.body.data).toMatchObject({ status: 'active', attachments_count: 1 })
    expect((await complete(sealed)).text).toBe(first.text)
    await grantOf(sealed)
    expect(await complete(sealed)).toMatchObject({ status: 200, body: { data: { status: 'viewed' } } })
  })

  test('a secret without files is complete', async () => {
    const sealed = seal()
    await create(sealed)
    expect(await complete(sealed)).toMatchObject({ status: 200, body: { data: { status: 'active' } } })
  })

  test('what ended before is a 410', async () => {
    const [burned, expired] = [await given(), await given([1000], { expires_in: 60 })]
    await burn(burned)
    later(60_000)
    expect(await complete(burned)).toMatchObject(gone('burned', now() - 60_000))
    expect(await complete(expired)).toMatchObject(gone('expired', now()))
  })
})

describe('until it is complete', () => {
  test('a secret is unknown to its recipients, byte for byte', async () => {
    const [sealed, unknown] = [await given(), seal()]
    const probe = (slug: string, access: string, path: string, method = 'POST') =>
      call(method, `/api/v1/links/${slug}/${path}`, method === 'POST' ? { reveal_id: newId() } : undefined, {
        'Halfkey-Access': access,
      })
    for (const [path, method] of [
      ['status'],
      ['reveal'],
      ['otp'],
      ['ack'],
      [`files/${firstFile(sealed).id}`, 'GET'],
    ] as const) {
      const [here, nowhere] = [
        await probe(sealed.slug, sealed.access, path, method),
        await probe(unknown.slug, unknown.access, path, method),
      ]
      expect([here.status, here.text]).toEqual([404, nowhere.text])
      const names = ({ headers }: typeof here) => [...headers].filter(([name]) => name !== 'x-request-id')
      expect(names(here)).toEqual(names(nowhere))
    }
    await app().denials.flush()
    const logged = (await events(sealed)).body.data as { type: string; reason: string | null }[]
    expect(new Set(logged.map(({ type, reason }) => `${type} ${reason}`))).toEqual(
      new Set(['created null', 'denied NOT_FOUND']),
    )
    await put(sealed)
    await complete(sealed)
    expect((await status(sealed, {})).body.data).toMatchObject({ files: [{ id: firstFile(sealed).id, size: 1000 }] })
  })

  test('it is listed as uploading and counted as active, because it hasn’t ended', async () => {
    const sealed = sealWithFiles()
    await create(sealed, bearer())
    const stats = async () => (await call('GET', '/api/v1/stats', undefined, bearer())).body.data
    const listed = await call('GET', '/api/v1/secrets?status=uploading', undefined, bearer())
    expect(listed.body).toMatchObject({ data: [{ slug: sealed.slug }], pagination: { total: 1 } })
    expect(await stats()).toMatchObject({ total_secrets: 1, active_secrets: 1, expired_secrets: 0 })
    await put(sealed)
    await complete(sealed)
    expect(await stats()).toMatchObject({ total_secrets: 1, active_secrets: 1, expired_secrets: 0 })
  })

  test('its owner burns and purges it, and nothing of it is left', async () => {
    const sealed = await given([twoParts])
    await put(sealed)
    expect((await purge(sealed)).status).toBe(200)
    expect([kept(), known(), (await details(sealed)).status]).toEqual([[], 0, 404])
  })

  test('it expires when its time comes, or a day after it was begun, and its blobs go', async () => {
    const [short, long] = [await given([1000], { expires_in: 60 }), await given([1000], { expires_in: 2_592_000 })]
    await put(short)
    await put(long)
    later(60_000)
    await app().sweep()
    expect(kept()).toEqual(digests([firstFile(long).bytes]))
    expect((await details(short)).body.data).toMatchObject({ status: 'expired', note: null })
    const started = now() - 60_000
    later(day - 60_001)
    await app().sweep()
    expect((await details(long)).body.data.status).toBe('uploading')
    later(1)
    await app().sweep()
    expect((await details(long)).body.data).toMatchObject({ status: 'expired', updated_at: iso(started + day) })
    expect([kept(), known()]).toEqual([[], 0])
  })
})

describe('blobs that can’t be removed', () => {
  test('stay known, and go with a later sweep; the burn is a success meanwhile', async () => {
    const sealed = sealWithFiles([twoParts, 28])
    await upload(sealed)
    app().blobs.failing.add('remove')
    expect((await burn(sealed)).status).toBe(200)
    await app().sweep()
    expect([kept().length, known()]).toEqual([3, 3])
    app().blobs.failing.clear()
    await app().sweep()
    expect([kept(), known()]).toEqual([[], 0])
  })

  test('one that always fails keeps no other from going', async () => {
    const made = Array.from({ length: 200 }, () =>
      '0123456789abcdef'
        .repeat(2)
        .split('')
        .sort(() => Math.random() - 0.5)
        .join(''),
    )
    for (const name of made) {
      await app().store.announceBlob(name, now())
      app().blobs.kept.set(name, Buffer.alloc(1))
    }
    const [stuck = ''] = [...made].sort()
    const { blobs } = app()
    const remove = blobs.remove.bind(blobs)
    blobs.remove = (name) => (name === stuck ? Promise.reject(new Error('stuck')) : remove(name))
    await app().sweep()
    expect([[...blobs.kept.keys()], known()]).toEqual([[stuck], 1])
  })
})
