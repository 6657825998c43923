import { describe, expect, test } from 'vitest'
import { partSize } from '../src/domain/secrets/attachment.ts'
import type { Attached } from './support/attached.ts'
import { attachmentCalls, firstFile, sealWithFiles, twoParts } from './support/attached.ts'
import { gone, refused, useApp } from './support/running-app.ts'
import type { SealOptions } from './support/sender.ts'
import { b64, newId } from './support/sender.ts'
import { randomBytes } from 'node:crypto'

const { app, call, reveal, ack, burn, later, now, isKept, historyOf } = useApp()
const { complete, upload, grantOf, fetchFile } = attachmentCalls(call)

const graceMs = 600_000
const day = 86_400_000

async function given(sizes?: number[], options?: SealOptions): Promise<Attached> {
  const sealed = sealWithFiles(sizes, options)
  await upload(sealed)
  expect((await complete(sealed)).status).toBe(200)
  return sealed
}

const views = (maximum_views: number | null) => ({ fields: { maximum_views } })
const blobCount = (): number => app().blobs.kept.size

/** A reply that is read chunk by chunk, as a slow reader does. */
async function openSlowly({ slug, access, files: [file] }: Attached, grant: string) {
  const response = await app().fetch(
    new Request(`http://halfkey.test/api/v1/links/${slug}/files/${file?.id}`, {
      headers: { 'Halfkey-Access': access, 'Halfkey-Grant': grant },
    }),
  )
  expect(response.status).toBe(200)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const chunks: Uint8Array[] = []
  return {
    /** Whether there was a chunk; throws once it is cut. */
    async next(): Promise<boolean> {
      const { value, done } = await reader.read()
      if (value) chunks.push(value)
      return !done
    },
    read: () => Buffer.concat(chunks),
    cancel: () => reader.cancel(),
  }
}

describe('fetching', () => {
  test('a reply says what it is, and is never kept by anybody between', async () => {
    const sealed = await given()
    const { status, headers, bytes } = await fetchFile(sealed, await grantOf(sealed))
    expect([status, bytes.equals(firstFile(sealed).bytes)]).toEqual([200, true])
    expect(Object.fromEntries(headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
      'content-length': '1000',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
  })

  test('ranges across, within and at the edges of parts are those bytes', async () => {
    const sealed = await given([twoParts + partSize])
    const { bytes: whole } = firstFile(sealed)
    const size = whole.length
    const grant = await grantOf(sealed)
    for (const [range, start, end] of [
      ['0-', 0, size],
      ['-1', size - 1, size],
      [`-${partSize}`, size - partSize, size],
      ['0-0', 0, 1],
      [`${partSize - 1}-${partSize}`, partSize - 1, partSize + 1],
      [`0-${partSize - 1}`, 0, partSize],
      [`${partSize}-`, partSize, size],
      [`${partSize}-${2 * partSize - 1}`, partSize, 2 * partSize],
      [`5-${2 * partSize + 5}`, 5, 2 * partSize + 6],
      [`${size - 1}-${size + 9}`, size - 1, size],
    ] as const) {
      const { status, headers, bytes } = await fetchFile(sealed, grant, { Range: `bytes=${range}` })
      expect([range, status, bytes.equals(whole.subarray(start, end))]).toEqual([range, 206, true])
      expect(headers.get('Content-Range')).toBe(`bytes ${start}-${end - 1}/${size}`)
      expect(headers.get('Content-Length')).toBe(String(end - start))
    }
  })

  test('a range without a byte of the file is a 416 that tells its size', async () => {
    const sealed = await given()
    const { status, headers, text } = await fetchFile(sealed, await grantOf(sealed), { Range: 'bytes=1000-' })
    expect([status, headers.get('Content-Range'), text]).toEqual([416, 'bytes */1000', ''])
  })

  test('several ranges, nonsense, and a validator that nobody gave get the whole file', async () => {
    const sealed = await given()
    const grant = await grantOf(sealed)
    for (const headers of [
      { Range: 'bytes=0-1,4-5' },
      { Range: 'lines=1-2' },
      { Range: 'bytes=0-1', 'If-Range': '"x"' },
    ]) {
      const { status, bytes } = await fetchFile(sealed, grant, headers)
      expect([status, bytes.length]).toEqual([200, 1000])
    }
  })

  test('HEAD tells the size, and extends nothing', async () => {
    const sealed = await given()
    const grant = await grantOf(sealed)
    later(graceMs - 1)
    const { status, headers, bytes } = await fetchFile(sealed, grant, { Range: 'bytes=0-1' }, firstFile(sealed), 'HEAD')
    expect([status, headers.get('Content-Length'), bytes.length]).toEqual([200, '1000', 0])
    later(1)
    expect(await fetchFile(sealed, grant)).toMatchObject(gone('viewed', now() - graceMs))
  })

  test('the access log isn’t told of every request, only of those that are refused', async () => {
    const sealed = await given([1000], views(2))
    const grant = await grantOf(sealed)
    for (let n = 0; n < 5; n++) await fetchFile(sealed, grant)
    await fetchFile(sealed, b64(randomBytes(48)))
    later(graceMs)
    await fetchFile(sealed, grant)
    await app().denials.flush()
    expect(await historyOf(sealed)).toEqual(['created', 'opened', 'denied NOT_FOUND', 'denied GONE'])
  })
})

describe('a grant', () => {
  test('that is missing, malformed, altered or of another secret or reveal gets the 404 of an unknown file', async () => {
    const [sealed, other] = [await given([1000], views(9)), await given([1000], views(9))]
    const grant = await grantOf(sealed)
    const bytes = Buffer.from(grant, 'base64url')
    const bent = Array.from({ length: 48 }, (_, at) => {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] ?? 0) ^ 1
      return b64(copy)
    })
    const wrong = [
      '',
      'x',
      `${grant}A`,
      grant.slice(1),
      `${grant}=`,
      b64(randomBytes(48)),
      await grantOf(other),
      newId(),
      ...bent,
    ]
    const { text } = await fetchFile(sealed, grant, {}, { id: newId() })
    for (const one of wrong) expect(await fetchFile(sealed, one)).toMatchObject({ status: 404, text })
    expect((await fetchFile(sealed, grant)).status).toBe(200)
  })

  test('fetches no file of another secret, and nothing without the link’s access', async () => {
    const [sealed, other] = [await given([1000], views(9)), await given()]
    const grant = await grantOf(sealed)
    expect(await fetchFile(sealed, grant, {}, firstFile(other))).toMatchObject(refused(404, 'NOT_FOUND'))
    expect(await fetchFile({ ...other, access: sealed.access }, grant)).toMatchObject(refused(404, 'NOT_FOUND'))
    for (const access of [other.access, sealed.manageKey, ''])
      expect(await fetchFile(sealed, grant, { 'Halfkey-Access': access })).toMatchObject(refused(404, 'NOT_FOUND'))
  })

  test('is over with its ack', async () => {
    const sealed = await given([1000], views(9))
    const revealId = newId()
    const grant = await grantOf(sealed, revealId)
    await ack(sealed, revealId)
    expect(await fetchFile(sealed, grant)).toMatchObject(gone('viewed', now()))
  })

  test('lapses one grace time after its last request, and a repeated reveal brings the same one', async () => {
    const sealed = await given([1000], views(9))
    const revealId = newId()
    const grant = await grantOf(sealed, revealId)
    later(graceMs - 1)
    expect(await grantOf(sealed, revealId)).toBe(grant)
    expect((await fetchFile(sealed, grant)).status).toBe(200)
    later(graceMs - 1)
    expect((await reveal(sealed, revealId)).status, 'the content').toBe(410)
    expect((await fetchFile(sealed, grant)).status).toBe(200)
    later(graceMs)
    expect(await fetchFile(sealed, grant)).toMatchObject(gone('viewed', now()))
  })

  test('lasts 24 hours at most, however often it is used', async () => {
    const sealed = await given([1000], { fields: { expires_in: 2_592_000 } })
    const grant = await grantOf(sealed)
    const opened = now()
    while (now() + graceMs / 2 < opened + day) {
      later(graceMs / 2)
      await app().sweep()
      expect((await fetchFile(sealed, grant)).status).toBe(200)
    }
    later(opened + day - now())
    expect(await fetchFile(sealed, grant)).toMatchObject(gone('viewed', opened))
    await app().sweep()
    expect(blobCount()).toBe(0)
  })

  test('works on past the expiry of its secret', async () => {
    const sealed = await given([1000], { fields: { expires_in: 60, maximum_views: null } })
    const grant = await grantOf(sealed)
    later(60_000)
    expect((await fetchFile(sealed, grant)).status).toBe(200)
    await app().sweep()
    later(graceMs - 1)
    expect((await fetchFile(sealed, grant)).status).toBe(200)
    later(graceMs)
    await app().sweep()
    expect(await fetchFile(sealed, grant)).toMatchObject(
      refused(410, 'GONE', expect.objectContaining({ cause: 'expired' })),
    )
    expect(blobCount()).toBe(0)
  })
})

describe('the end', () => {
  test('the last ack destroys content and files before it answers', async () => {
    const sealed = await given([twoParts])
    const revealId = newId()
    await grantOf(sealed, revealId)
    expect(blobCount()).toBe(2)
    expect((await ack(sealed, revealId)).status).toBe(200)
    expect([blobCount(), isKept(sealed)]).toEqual([0, false])
  })

  test('of two readers, one’s ack keeps the files for the other', async () => {
    const sealed = await given([twoParts], views(2))
    const [first, second] = [newId(), newId()]
    await grantOf(sealed, first)
    const grant = await grantOf(sealed, second)
    await ack(sealed, first)
    expect((await fetchFile(sealed, grant)).bytes.equals(firstFile(sealed).bytes)).toBe(true)
    await ack(sealed, second)
    expect(blobCount()).toBe(0)
  })

  test('a reader who never acks loses the files with its grant, the content with its grace time', async () => {
    const sealed = await given()
    const grant = await grantOf(sealed)
    later(graceMs - 1)
    await fetchFile(sealed, grant)
    later(1)
    await app().sweep()
    expect([blobCount(), isKept(sealed)]).toEqual([1, false])
    later(graceMs)
    await app().sweep()
    expect(blobCount()).toBe(0)
  })

  test('a burn destroys at once, and cuts whoever is reading', async () => {
    const sealed = await given([2 * partSize])
    const grant = await grantOf(sealed)
    const slow = await openSlowly(sealed, grant)
    for (let n = 0; n < 5; n++) expect(await slow.next()).toBe(true)
    await burn(sealed)
    expect(blobCount()).toBe(0)
    await expect(
      (async () => {
        while (await slow.next());
      })(),
    ).rejects.toThrow()
    expect(slow.read().length).toBeLessThan(partSize)
    expect(await fetchFile(sealed, grant)).toMatchObject(
      refused(410, 'GONE', { cause: 'viewed', at: expect.any(String) }),
    )
  })

  test('an ack of the same reveal cuts what still streams for it', async () => {
    const sealed = await given([2 * partSize], views(2))
    const revealId = newId()
    const slow = await openSlowly(sealed, await grantOf(sealed, revealId))
    await slow.next()
    await ack(sealed, revealId)
    await expect(
      (async () => {
        while (await slow.next());
      })(),
    ).rejects.toThrow()
    expect(blobCount()).toBe(2)
  })

  test('the slow download of a last view finishes, hours past the grace time; then everything is gone', async () => {
    const sealed = await given([2 * partSize])
    const grant = await grantOf(sealed)
    const slow = await openSlowly(sealed, grant)
    const opened = now()
    while (await slow.next()) {
      later(graceMs / 2)
      await app().sweep()
    }
    expect(now() - opened).toBeGreaterThan(10 * graceMs)
    expect(slow.read().equals(firstFile(sealed).bytes)).toBe(true)
    expect(isKept(sealed)).toBe(false)
    later(2 * graceMs)
    await app().sweep()
    expect(blobCount()).toBe(0)
  })

  test('a reader who stops between is no reason to keep anything', async () => {
    const sealed = await given([2 * partSize])
    const slow = await openSlowly(sealed, await grantOf(sealed))
    await slow.next()
    await slow.cancel()
    later(graceMs)
    await app().sweep()
    expect(blobCount()).toBe(0)
  })
})
