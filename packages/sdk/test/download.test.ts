/** What was attached, read back from a server and over lines that misbehave. */
import { describe, expect, test, vi } from 'vitest'
import { CHUNK_LENGTH, SEALED_CHUNK_LENGTH } from '../src/protocol/chunks.ts'
import { openLink, type OpenOptions } from '../src/open.ts'
import type { OpenedFile } from '../src/link/opened-file.ts'
import { connect, equal, pattern, streamed } from './attachments.ts'
import { fail, type Faults } from './file-server.ts'
import { errorOf } from './refusal.ts'

const SIZE = 5 * CHUNK_LENGTH + 1000

/** Shares files of these bytes; gives them as their recipient has them. */
async function share(all: Uint8Array[], faults: Faults = {}, options: OpenOptions = {}) {
  const server = await connect(faults)
  const attachments = all.map((bytes, i) => streamed(`${i}.bin`, bytes))
  const { shareUrl, slug } = await server.client.createSecret('text', { attachments })
  const opened = await (await openLink(shareUrl, options)).reveal()
  return { ...server, slug, opened, file: opened.files[0] as OpenedFile }
}

/** Everything that a stream hands out, and how it ends. */
async function collect(file: OpenedFile) {
  const chunks: Uint8Array[] = []
  let error: unknown
  try {
    for await (const chunk of file.stream()) chunks.push(chunk)
  } catch (thrown) {
    error = thrown
  }
  return { bytes: Buffer.concat(chunks), error }
}

describe('a file that the server changed is TAMPERED, and of the changed chunk and what follows nothing is handed out', () => {
  const bytes = pattern(SIZE)
  const at = (chunk: number) => chunk * SEALED_CHUNK_LENGTH
  const chunksOf = (sealed: Buffer) => Array.from({ length: 6 }, (_, i) => sealed.subarray(at(i), at(i + 1)))
  const reordered =
    (...order: number[]) =>
    (sealed: Buffer) => {
      const chunks = chunksOf(sealed)
      return Buffer.concat(order.map((i) => chunks[i] as Buffer))
    }
  const flipped = (position: number) => (sealed: Buffer) => {
    const changed = Buffer.from(sealed)
    changed[position] = (changed[position] ?? 0) ^ 1
    return changed
  }

  /** Chunks before the one that is refused, which may be handed out. */
  const cases: [string, (sealed: Buffer) => Buffer, number][] = [
    ...[0, 1, 2, 3, 4, 5].flatMap((chunk): [string, (sealed: Buffer) => Buffer, number][] => [
      [`a bit of the iv of chunk ${chunk}`, flipped(at(chunk)), chunk],
      [`a bit of chunk ${chunk}`, flipped(at(chunk) + 500), chunk],
      [`a bit of the tag of chunk ${chunk}`, flipped(Math.min(at(chunk + 1), SIZE + 6 * 28) - 1), chunk],
    ]),
    ['two chunks swapped', reordered(0, 2, 1, 3, 4, 5), 1],
    ['a chunk twice in place of the next', reordered(0, 1, 1, 3, 4, 5), 2],
    ['a chunk added', reordered(0, 1, 1, 2, 3, 4, 5), 2],
    ['the last chunk twice', reordered(0, 1, 2, 3, 4, 5, 5), 5],
    ['a chunk left out', reordered(0, 1, 3, 4, 5), 2],
    ['bytes at the end', (sealed) => Buffer.concat([sealed, Buffer.from('x')]), 5],
    ...[1, 2, 3, 4, 5].map((n): [string, (sealed: Buffer) => Buffer, number] => [
      `cut after ${n} chunks`,
      (sealed) => sealed.subarray(0, at(n)),
      n,
    ]),
  ]
  describe.each([
    ['with its length told', false],
    ['without', true],
  ])('%s', (_, chunked) => {
    test.each(cases)('%s', async (_, tamper, good) => {
      const { file } = await share([bytes], { tamper, chunked })
      const { bytes: got, error } = await collect(file)
      expect(error).toMatchObject({ name: 'HalfkeyError', code: 'TAMPERED' })
      expect(got.length).toBeLessThanOrEqual(good * CHUNK_LENGTH)
      expect(equal(got, bytes.subarray(0, got.length))).toBe(true)
      expect((await errorOf(file.bytes())).code).toBe('TAMPERED')
    })
  })

  test('files swapped, whole or chunk by chunk', async () => {
    const all = [pattern(SIZE, 1), pattern(SIZE, 1)]
    const swap = (whole: boolean) => (sealed: Buffer, id: string, files: Map<string, Buffer[]>) => {
      const other = Buffer.concat([...files].find(([name]) => name !== id)?.[1] ?? [])
      return whole
        ? other
        : Buffer.concat([sealed.subarray(0, at(2)), other.subarray(at(2), at(3)), sealed.subarray(at(3))])
    }
    const whole = await collect((await share(all, { tamper: swap(true) })).file)
    expect(whole).toMatchObject({ error: { code: 'TAMPERED' }, bytes: Buffer.of() })
    const single = await collect((await share(all, { tamper: swap(false) })).file)
    expect(single.error).toMatchObject({ code: 'TAMPERED' })
    expect(equal(single.bytes, bytes.subarray(0, 2 * CHUNK_LENGTH))).toBe(true)
  })

  test('an empty file that lost its chunk, or got one more byte', async () => {
    for (const tamper of [() => Buffer.of(1), (sealed: Buffer) => Buffer.concat([sealed, sealed])]) {
      const { bytes, error } = await collect((await share([pattern(0)], { tamper })).file)
      expect(error).toMatchObject({ code: 'TAMPERED' })
      expect(bytes).toHaveLength(0)
    }
  })
})

describe('a line that breaks', () => {
  test.each([
    0,
    1,
    SEALED_CHUNK_LENGTH - 1,
    SEALED_CHUNK_LENGTH,
    SEALED_CHUNK_LENGTH + 1,
    3 * SEALED_CHUNK_LENGTH + 77,
  ])('after %i bytes is taken up at the chunk that it fell into', async (cut) => {
    const bytes = pattern(SIZE)
    const { file, ranges } = await share([bytes], { cutAfter: (n) => (n === 0 ? cut : undefined) })
    const progress = vi.fn()
    expect(equal(await file.bytes({ onProgress: progress }), bytes)).toBe(true)
    // What was lost in the sockets may have been more.
    const taken = Number(/\d+/.exec(ranges[1] ?? '0')?.[0])
    expect(taken % SEALED_CHUNK_LENGTH).toBe(0)
    expect(taken).toBeLessThanOrEqual(cut)
    expect(ranges[0]).toBeUndefined()
    expect(progress.mock.lastCall).toEqual([{ done: SIZE, total: SIZE }])
  })

  test('again and again, at any byte, still brings every byte once', { timeout: 60_000 }, async () => {
    const bytes = pattern(20 * CHUNK_LENGTH + 5)
    const cutAfter = (n: number) => (n < 12 ? SEALED_CHUNK_LENGTH + ((n * 7919) % SEALED_CHUNK_LENGTH) : undefined)
    const { file, ranges } = await share([bytes], { cutAfter })
    const { bytes: got, error } = await collect(file)
    expect(error).toBeUndefined()
    expect(equal(got, bytes)).toBe(true)
    expect(ranges.length).toBeGreaterThan(5)
  })

  test('to a server that knows no ranges brings the rest all the same', async () => {
    const bytes = pattern(SIZE)
    let asked = 0
    const { file } = await share([bytes], {
      cutAfter: () => (asked++ === 0 ? 2 * SEALED_CHUNK_LENGTH + 5 : undefined),
      intercept: (request) => {
        delete request.headers.range
        return false
      },
    })
    expect(equal(await file.bytes(), bytes)).toBe(true)
  })

  test.each<[string, Record<string, string>]>([
    ['of other bytes than asked for', { 'Content-Range': `bytes 0-${SIZE + 167}/${SIZE + 168}` }],
    ['of a file of another size', { 'Content-Range': `bytes ${SEALED_CHUNK_LENGTH}-${SIZE + 168}/${SIZE + 169}` }],
    ['that doesn’t say of what', {}],
  ])('is not taken up with a part %s', async (_, headers) => {
    let n = 0
    const { file } = await share([pattern(SIZE)], {
      cutAfter: () => SEALED_CHUNK_LENGTH + 5,
      intercept: (request, response) => {
        if (request.headers.range === undefined || n++ > 0) return false
        response.writeHead(206, headers).end(Buffer.alloc(SIZE))
        return true
      },
    })
    expect((await errorOf(file.bytes())).code).toBe('TAMPERED')
  })

  test('that stalls is given up after the time-out and taken up', async () => {
    let n = 0
    const bytes = pattern(SIZE)
    const intercept: Faults['intercept'] = (request, response) => {
      if (request.method !== 'GET' || n++ > 0) return false
      response.writeHead(200, { 'Content-Length': SIZE + 6 * 28 })
      response.write(Buffer.alloc(100))
      return true
    }
    const { file } = await share([bytes], { intercept }, { timeout: 300 })
    expect(equal(await file.bytes(), bytes)).toBe(true)
    expect(n).toBe(2)
  })

  test('without retries is an error at once', async () => {
    const { file } = await share([pattern(SIZE)], { cutAfter: () => 10 }, { retries: 0 })
    expect((await errorOf(file.bytes())).code).toBe('NETWORK')
  })

  test.each([
    [404, 'NOT_FOUND'],
    [410, 'GONE'],
  ] as const)('%i is not tried again', async (status, code) => {
    const { file, ranges, seen } = await share([pattern(10)], {
      intercept: (request, response) => request.method === 'GET' && (fail(response, status, code), true),
    })
    expect((await errorOf(file.bytes())).code).toBe(code)
    expect(ranges).toEqual([])
    expect(seen.filter(({ method }) => method === 'GET')).toHaveLength(1)
  })
})

describe('reading', () => {
  test('bears access and grant in headers, never in the address', async () => {
    const { file, seen } = await share([pattern(10)])
    await file.bytes()
    const request = seen.at(-1)
    expect(request?.headers['halfkey-grant']).toBe('the-grant')
    expect(request?.headers['halfkey-access']).toMatch(/^[\w-]{43}$/)
    expect(request?.path).toMatch(/^\/api\/v1\/links\/\w{13}\/files\/[\w-]{22}$/)
  })

  test('fetches no faster than it is read', async () => {
    const size = 400 * CHUNK_LENGTH
    const { file } = await share([pattern(size)])
    const onProgress = vi.fn()
    const reader = file.stream({ onProgress }).getReader()
    await reader.read()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(onProgress).toHaveBeenCalledTimes(1)
    await reader.cancel()
  })

  test('that is cancelled or aborted ends the request, and then done() acks', async () => {
    const { opened, file, secrets, slug } = await share([pattern(SIZE), pattern(9)])
    const reader = file.stream().getReader()
    await reader.read()
    expect((await errorOf(opened.done())).details).toHaveProperty('files')
    expect(secrets.get(slug)?.acked).toBe(false)
    await reader.cancel()

    const stop = new AbortController()
    const aborted = file.stream({ signal: stop.signal }).getReader()
    await aborted.read()
    stop.abort()
    const drain = async () => {
      while (!(await aborted.read()).done);
    }
    expect((await errorOf(drain())).code).toBe('ABORTED')
    expect((await errorOf(file.bytes({ signal: stop.signal }))).code).toBe('ABORTED')

    expect(await opened.files[1]?.bytes()).toHaveLength(9)
    await opened.done()
    expect(secrets.get(slug)?.acked).toBe(true)
  })

  test('the same file twice, and two at once, is fine', async () => {
    const all = [pattern(SIZE, 1), pattern(SIZE, 2)]
    const { opened } = await share(all)
    const [a, b] = opened.files as [OpenedFile, OpenedFile]
    const read = await Promise.all([a.bytes(), b.bytes(), a.bytes()])
    expect(read.map((bytes, i) => equal(bytes, all[i % 2] as Uint8Array))).toEqual([true, true, true])
  })

  test('the payload’s sizes count, whatever the status said', async () => {
    const server = await connect()
    const { shareUrl } = await server.client.createSecret('', { attachments: [streamed('a', pattern(SIZE))] })
    for (const { request } of server.secrets.values()) request.attachments = [{ id: 'x', size: 28 }]
    const opened = await (await openLink(shareUrl)).reveal()
    expect(equal(await opened.files[0]?.bytes(), pattern(SIZE))).toBe(true)
  })

  test.each([{ onProgress: 1 }, { signal: 'x' }, { nothing: 1 }])('refuses %o', async (options) => {
    const { file } = await share([pattern(1)])
    expect(() => file.stream(options as never)).toThrow(/must be|is not/)
    expect((await errorOf(file.bytes(options as never))).code).toBe('VALIDATION_ERROR')
  })
})
