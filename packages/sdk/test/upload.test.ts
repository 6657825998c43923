/** createSecret with attachments, against a server that misbehaves. */
import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { b64 } from '../src/protocol/encoding.ts'
import { CHUNK_LENGTH, encryptedSize, PART_LENGTH } from '../src/protocol/chunks.ts'
import { openLink } from '../src/open.ts'
import { openMeta } from '../src/protocol/owner.ts'
import type { Attachment, StreamAttachment } from '../src/create/sources.ts'
import { connect, equal, folder, iterate, pattern, streamed } from './attachments.ts'
import { fail, type Faults } from './file-server.ts'
import { findLeaks } from './leaks.ts'
import { errorOf } from './refusal.ts'

/** Interferes with the first requests for parts alone. */
const onParts = (act: (response: ServerResponse, n: number, request: IncomingMessage) => boolean): Faults => {
  let n = 0
  return { intercept: (request, response) => request.method === 'PUT' && act(response, n++, request) }
}

describe('attachments go from sender to recipient byte for byte', () => {
  const n = CHUNK_LENGTH
  test.each([0, 1, n - 1, n, n + 1, 3 * n, PART_LENGTH - 1, PART_LENGTH, PART_LENGTH + 1, 2 * PART_LENGTH + 5])(
    '%i bytes',
    { timeout: 30_000 },
    async (size) => {
      const { client } = await connect()
      const bytes = pattern(size)
      const { shareUrl } = await client.createSecret('text', { attachments: [streamed('a.bin', bytes)] })
      const opened = await (await openLink(shareUrl)).reveal()
      expect(opened.text).toBe('text')
      expect(opened.files.map(({ name, type, size }) => [name, type, size])).toEqual([['a.bin', '', size]])
      expect(equal(await opened.files[0]?.bytes(), bytes)).toBe(true)
    },
  )

  test('from every kind of source, and without a text', async () => {
    const { client } = await connect()
    const bytes = pattern(300_000)
    const file = path.join(folder(), 'on disk.txt')
    writeFileSync(file, bytes)
    const attachments: Attachment[] = [
      new File([bytes], 'a file.pdf', { type: 'application/pdf' }),
      new Blob([bytes]),
      bytes,
      Buffer.from(bytes),
      file,
      pathToFileURL(file),
      streamed('iterable', bytes),
      { name: 'web stream', type: 'x/y', size: bytes.length, stream: new Blob([bytes]).stream() },
      { name: 'called', size: bytes.length, stream: () => new Blob([bytes]).stream() },
    ]
    const { shareUrl } = await client.createSecret('', { attachments })
    const opened = await (await openLink(shareUrl)).reveal()
    expect(opened.text).toBeUndefined()
    expect(opened.files.map(({ name, type }) => [name, type])).toEqual([
      ['a file.pdf', 'application/pdf'],
      ['file', ''],
      ['file', ''],
      ['file', ''],
      ['on disk.txt', ''],
      ['on disk.txt', ''],
      ['iterable', ''],
      ['web stream', 'x/y'],
      ['called', ''],
    ])
    for (const opening of opened.files) expect(equal(await opening.bytes(), bytes)).toBe(true)
  })

  test('a hundred, empty ones included, each its own', async () => {
    const { client, secrets } = await connect()
    const all = Array.from({ length: 100 }, (_, i) => pattern(i * 10, i))
    const attachments = all.map((bytes, i) => streamed(`${i}`, bytes))
    const { shareUrl, slug } = await client.createSecret('', { attachments })
    const { files } = await (await openLink(shareUrl)).reveal()
    const read = await Promise.all(files.map((file) => file.bytes()))
    expect(read.every((bytes, i) => equal(bytes, all[i] as Uint8Array))).toBe(true)
    expect(secrets.get(slug)?.files.size).toBe(100)
  })

  test('names keep their last component and lose control characters', async () => {
    const { client } = await connect()
    const names = ['../../.ssh/id', 'C:\\x\\y.txt', 'a\0b\n', '..', '', 'a/', '\ud800lone']
    const attachments = names.map((name) => streamed(name, pattern(1)))
    const { shareUrl } = await client.createSecret('', { attachments })
    const { files } = await (await openLink(shareUrl)).reveal()
    expect(files.map(({ name }) => name)).toEqual(['id', 'y.txt', 'ab', 'file', 'file', 'file', '\ufffdlone'])
  })
})

describe('what the server gets', () => {
  test('C1: neither names, types nor content, in any form', async () => {
    const { client, seen, secrets } = await connect({}, { workspaceKey: b64(pattern(32)) })
    const secretName = 'merger with Initech.docx'
    const bytes = pattern(100_000)
    const attachment = { ...streamed(secretName, bytes), type: 'application/x-telling' }
    await client.createSecret('', { attachments: [attachment] })
    const needles = { secretName, type: 'application/x-telling', bytes: bytes.subarray(0, 64) }
    expect(findLeaks([seen, [...secrets.values()].map(({ request }) => request)], needles)).toEqual([])
    const stored = Buffer.concat([...secrets.values()].flatMap(({ files }) => [...files.values()].flat()))
    expect(stored.includes(Buffer.from(bytes.subarray(0, 64)))).toBe(false)
    expect(stored.includes(secretName)).toBe(false)
  })

  test('no (key, iv) pair twice: identical and empty files, in one secret and in two', async () => {
    const { client, secrets } = await connect()
    const attachments = () => [pattern(600_000), pattern(600_000), pattern(0), pattern(0)].map((b) => streamed('a', b))
    for (let i = 0; i < 5; i++) await client.createSecret('same', { attachments: attachments() })
    const chunks = [...secrets.values()].flatMap(({ files }) =>
      [...files.values()].flatMap((parts) => {
        const sealed = Buffer.concat(parts)
        const count = Math.ceil(sealed.length / (CHUNK_LENGTH + 28))
        return Array.from({ length: count }, (_, i) =>
          sealed.subarray(i * (CHUNK_LENGTH + 28), (i + 1) * (CHUNK_LENGTH + 28)),
        )
      }),
    )
    expect(chunks).toHaveLength(5 * (3 + 3 + 1 + 1))
    expect(new Set(chunks.map((chunk) => chunk.subarray(0, 12).toString('hex'))).size).toBe(chunks.length)
    const ids = [...secrets.values()].flatMap(({ files }) => [...files.keys()])
    expect(new Set(ids).size).toBe(20)
  })

  test('encrypted sizes, and the names sealed under the workspace key for the owner', async () => {
    const W = pattern(32)
    const { client, secrets } = await connect({}, { workspaceKey: b64(W) })
    const { slug } = await client.createSecret('', { attachments: [streamed('x/a.txt', pattern(5)), new Blob([])] })
    const { attachments, meta } = secrets.get(slug)?.request ?? {}
    expect(attachments?.map(({ size }) => size)).toEqual([33, 28])
    expect((await openMeta(W, slug, meta ?? '')).files).toEqual(['a.txt', 'file'])
  })

  test('an upload bears the manage key without a token, else the token', async () => {
    const token = 'hkt_abc_c2VjcmV0'
    const anonymous = await connect()
    const { manageKey } = await anonymous.client.createSecret('', { attachments: [new Blob(['x'])] })
    const uploads = anonymous.seen.filter(({ path }) => /parts|complete/.test(path))
    expect(uploads.map(({ headers }) => headers['halfkey-manage'])).toEqual([manageKey, manageKey])
    const owner = await connect({}, { token })
    await owner.client.createSecret('', { attachments: [new Blob(['x'])] })
    expect(owner.seen.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(`Bearer ${token}`))
  })
})

describe('a line that breaks', () => {
  test('before, in and after a part: the same bytes are sent again, and all arrives', { timeout: 30_000 }, async () => {
    const faults = onParts((response, n, request) => {
      if (n === 0) request.socket.destroy()
      else if (n === 1) request.once('data', () => request.socket.destroy())
      else if (n === 2) fail(response, 503, 'UNAVAILABLE')
      else if (n === 3) fail(response, 429, 'RATE_LIMITED', { 'Retry-After': '0' })
      return n < 4
    })
    const { client } = await connect(faults)
    const bytes = pattern(PART_LENGTH + 70_000)
    const { shareUrl } = await client.createSecret('', { attachments: [streamed('a', bytes)] })
    const { files } = await (await openLink(shareUrl)).reveal()
    expect(equal(await files[0]?.bytes(), bytes)).toBe(true)
  })

  test('after the server took a part, or completed: the retry is the same bytes, which it takes', async () => {
    let lost = 0
    const { client, seen } = await connect({
      intercept: (request, response) => {
        const upload = request.method === 'PUT' || (request.url ?? '').endsWith('/complete')
        if (!upload || lost >= 2 || (lost === 0) !== (request.method === 'PUT')) return false
        lost++
        response.end = () => response.destroy()
        return false
      },
    })
    const bytes = pattern(400_000)
    const { shareUrl } = await client.createSecret('', { attachments: [streamed('a', bytes)] })
    expect(seen.filter(({ method }) => method === 'PUT')).toHaveLength(2)
    expect(seen.filter(({ path }) => path.endsWith('/complete'))).toHaveLength(2)
    const { files } = await (await openLink(shareUrl)).reveal()
    expect(equal(await files[0]?.bytes(), bytes)).toBe(true)
  })

  test('a stalled part is given up after the time-out and sent again', async () => {
    const { client, seen } = await connect(
      onParts((_, n) => n === 0),
      { timeout: 200 },
    )
    await client.createSecret('', { attachments: [streamed('a', pattern(10))] })
    expect(seen.filter(({ method }) => method === 'PUT')).toHaveLength(2)
  })
})

describe('a failure leaves nothing on the server, and says so', () => {
  const source = (name: string, stream: AsyncIterable<unknown>): StreamAttachment => ({
    name,
    size: 1,
    stream: stream as AsyncIterable<Uint8Array>,
  })
  const details = (problem: string) => ({ details: { attachments: [expect.stringContaining(problem)] } })
  const failing: [string, Attachment, object, Faults?][] = [
    [
      'a source shorter than its size',
      streamed('short.bin', pattern(10), 11),
      details('short.bin is shorter than its size: 10 of 11'),
    ],
    [
      'a source longer than its size',
      streamed('long.bin', pattern(10), 9),
      details('long.bin is longer than its size: 9'),
    ],
    [
      'one longer than a whole part',
      streamed('long.bin', pattern(PART_LENGTH + 1), PART_LENGTH),
      details('long.bin is longer'),
    ],
    ['a source that isn’t of bytes', source('text', iterate(['x'])), details('text must give bytes')],
    ['a source that fails', source('broken', iterate([], new Error('disk'))), details('broken')],
    [
      'a part that is refused',
      new Blob(['x']),
      { code: 'CONFLICT' },
      onParts((response) => (fail(response, 409, 'CONFLICT'), true)),
    ],
  ]
  test.each(failing)('%s', async (_, attachment, expected, faults = {}) => {
    const { client, secrets, seen } = await connect(faults)
    const error = await errorOf(client.createSecret('', { attachments: [attachment] }))
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', ...expected })
    expect(error.message).toContain('Nothing is left on the server.')
    expect(seen.some(({ path }) => path.endsWith('/secrets'))).toBe(true)
    expect([...secrets]).toEqual([])
  })

  test('or says that something may be left', async () => {
    const { client } = await connect({
      intercept: (request, response) => {
        if (request.method === 'PUT' || request.method === 'DELETE') fail(response, 409, 'CONFLICT')
        return request.method === 'PUT' || request.method === 'DELETE'
      },
    })
    const { message } = await errorOf(client.createSecret('', { attachments: [new Blob(['x'])] }))
    expect(message).toContain('may stay on the server')
  })

  test('a refused create purges nothing', async () => {
    const { client, seen } = await connect({
      intercept: (_, response) => (fail(response, 413, 'PAYLOAD_TOO_LARGE'), true),
    })
    const error = await errorOf(client.createSecret('', { attachments: [new Blob(['x'])] }))
    expect(error.code).toBe('PAYLOAD_TOO_LARGE')
    expect(seen.map(({ method }) => method)).toEqual(['POST'])
  })

  test('an abort in the middle, with a source that is stuck', async () => {
    const { client, secrets } = await connect()
    const stop = new AbortController()
    const stuck = {
      name: 'stuck',
      size: 2 * PART_LENGTH,
      async *stream() {
        yield pattern(PART_LENGTH)
        setTimeout(() => stop.abort(), 50)
        await new Promise(() => undefined)
      },
    }
    const error = await errorOf(client.createSecret('', { attachments: [stuck], signal: stop.signal }))
    expect(error.code).toBe('ABORTED')
    expect([...secrets]).toEqual([])
  })

  test('an abort while a part hangs', async () => {
    const { client, secrets } = await connect(onParts(() => true))
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 100)
    const attachments = [new Blob(['x'])]
    expect((await errorOf(client.createSecret('', { attachments, signal: stop.signal }))).code).toBe('ABORTED')
    expect([...secrets]).toEqual([])
  })
})

describe('before anything is sent', () => {
  test.each<[string, unknown]>([
    ['no list', 'file'],
    ['101 files', Array(101).fill(new Blob([]))],
    ['an empty path', ['']],
    ['a web address', [new URL('https://share.example/file')]],
    ['a stream without a size', [{ name: 'a', stream: new Blob([]).stream() }]],
    ['a negative size', [{ ...streamed('a', pattern(1)), size: -1 }]],
    ['a fractional size', [{ ...streamed('a', pattern(1)), size: 0.5 }]],
    ['an unknown member', [{ ...streamed('a', pattern(1)), mode: 1 }]],
    ['nothing', [null]],
    ['a file that isn’t there', ['/nowhere/at/all.txt']],
    ['a folder', [tmpdir()]],
  ])('%s is refused, naming attachments', async (_, attachments) => {
    const { client, seen } = await connect()
    const error = await errorOf(client.createSecret('', { attachments: attachments as Attachment[] }))
    expect(error.code).toBe('VALIDATION_ERROR')
    expect(Object.keys(error.details ?? {})).toContain('attachments')
    expect(seen).toEqual([])
  })

  test('a text of over 1 MiB stays PAYLOAD_TOO_LARGE beside files', async () => {
    const { client } = await connect()
    const error = await errorOf(client.createSecret('x'.repeat(2 ** 20), { attachments: [new Blob([])] }))
    expect(error.code).toBe('PAYLOAD_TOO_LARGE')
  })
})

test('progress goes by encrypted bytes over all files, never back, to the end', async () => {
  const { client } = await connect(onParts((response, n) => n === 1 && (fail(response, 503, 'UNAVAILABLE'), true)))
  const sizes = [PART_LENGTH + 1, 700_000]
  const onProgress = vi.fn<(progress: { done: number; total: number }) => void>()
  await client.createSecret('text', { attachments: sizes.map((size) => streamed('a', pattern(size))), onProgress })
  const total = 4 + sizes.reduce((sum, size) => sum + encryptedSize(size), 0)
  const reports = onProgress.mock.calls.map(([progress]) => progress)
  expect(new Set(reports.map(({ total }) => total))).toEqual(new Set([total]))
  const done = reports.map(({ done }) => done)
  expect(done).toEqual([...done].sort((a, b) => a - b))
  expect([done[0], done.at(-1)]).toEqual([0, total])
  expect(reports.length).toBeGreaterThan(30)
})
