import { createHash, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { BlobStore } from '../src/store/blobs/blobs.ts'
import { BlobMissing } from '../src/store/blobs/blobs.ts'
import { openS3Blobs } from '../src/store/blobs/s3.ts'
import { StoreUnavailable } from '../src/store/store.ts'
import { listed, newName, put, read } from './contract/blobs.ts'
import { useScriptedBlobs } from './support/scripted-blobs.ts'
import type { Answer } from './support/scripted-s3.ts'
import { cut, refusal, silence, status } from './support/scripted-s3.ts'

const { server, credentials, url, open, calls } = useScriptedBlobs()

/** A reply to a ranged GET of `bytes`, of which only the first `sent` bytes come before the connection ends. */
const part =
  (bytes: Buffer, sent = Infinity): Answer =>
  async (response, { headers }) => {
    const [, start = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    const slice = bytes.subarray(Number(start), Number(last) + 1)
    response.writeHead(206, {
      'Content-Range': `bytes ${start}-${last}/${bytes.length}`,
      'Content-Length': slice.length,
    })
    if (sent >= slice.length) return response.end(slice)
    await new Promise<void>((resolve) => response.write(slice.subarray(0, sent), () => resolve()))
    return response.destroy()
  }

describe('a put', () => {
  const bytes = randomBytes(300_000)

  test.each<[string, Answer[]]>([
    ['503 SlowDown', [refusal(503, 'SlowDown')]],
    ['500 InternalError four times', Array<Answer>(4).fill(refusal(500, 'InternalError'))],
    ['502 from a proxy, without a document', [status(502, {}, '<html>Bad Gateway</html>')]],
    ['429', [status(429)]],
    ['400 RequestTimeout', [refusal(400, 'RequestTimeout')]],
    ['a cut connection', [cut]],
    ['silence', [silence]],
  ])('succeeds after %s, sending the same bytes again', async (_, answers) => {
    const blobs = await open(answers, { stallMs: 1000 })
    const name = newName()
    await put(blobs, name, bytes)
    expect(calls()).toEqual(Array(answers.length + 1).fill(`PUT /bucket/prefix/${name}`))
    for (const { headers, body } of server().received) {
      expect(body.equals(bytes)).toBe(true)
      expect(headers).toMatchObject({
        'content-length': '300000',
        'x-amz-content-sha256': createHash('sha256').update(bytes).digest('hex'),
      })
      expect(headers['transfer-encoding']).toBeUndefined()
    }
  })

  test.each<[string, Answer]>([
    ['the S3 server answered 503 SlowDown', refusal(503, 'SlowDown')],
    ['no answer from the S3 server: ECONNRESET', cut],
  ])('gives up after five attempts: %s', async (message, answer) => {
    const blobs = await open(Array<Answer>(9).fill(answer))
    await expect(put(blobs, newName(), bytes)).rejects.toMatchObject({ name: 'StoreUnavailable', message })
    expect(server().received).toHaveLength(5)
  })

  test('that is refused for good isn’t tried again', async () => {
    const blobs = await open([refusal(403, 'AccessDenied')])
    await expect(put(blobs, newName(), bytes)).rejects.toThrow(StoreUnavailable)
    expect(server().received).toHaveLength(1)
  })

  test('whose body throws sends nothing', async () => {
    const blobs = await open([])
    // eslint-disable-next-line @typescript-eslint/require-await -- an AsyncIterable is what is wanted
    async function* body(): AsyncIterable<Uint8Array> {
      yield bytes
      throw new Error('the line was cut')
    }
    await expect(blobs.put(newName(), body(), 600_000)).rejects.toThrow('the line was cut')
    expect(server().received).toEqual([])
  })

  test('waits for its turn, so that no more than 32 parts are in memory at once', async () => {
    const waiting: (() => void)[] = []
    const held: Answer = async (response) => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      response.end()
    }
    const blobs = await open(Array<Answer>(40).fill(held))
    let begun = 0
    async function* body(): AsyncIterable<Uint8Array> {
      begun++
      yield await Promise.resolve(Buffer.alloc(10))
    }
    const puts = Array.from({ length: 40 }, () => blobs.put(newName(), body(), 10))
    await expect.poll(() => waiting.length).toBe(32)
    expect(begun).toBe(32)
    for (let released = 0; released < 40; released++) {
      await expect.poll(() => waiting.length).toBeGreaterThan(0)
      waiting.shift()?.()
    }
    await Promise.all(puts)
    expect(begun).toBe(40)
  })
})

describe('a read', () => {
  const bytes = randomBytes(1_000_000)
  const ranges = (): (string | undefined)[] => server().received.map(({ headers }) => headers.range)

  test('that is cut goes on where it was, and its reader notices nothing', async () => {
    const blobs = await open([part(bytes, 400_000), refusal(503, 'SlowDown'), part(bytes, 1), cut, part(bytes)])
    expect((await read(blobs, newName(), 100, 999_000)).equals(bytes.subarray(100, 999_000))).toBe(true)
    expect(ranges()).toEqual([
      'bytes=100-998999',
      'bytes=400100-998999',
      'bytes=400100-998999',
      'bytes=400101-998999',
      'bytes=400101-998999',
    ])
  })

  test('may be cut as often as it gets on', async () => {
    const blobs = await open(Array.from({ length: 30 }, () => part(bytes, 40_000)))
    expect((await read(blobs, newName(), 0, bytes.length)).equals(bytes)).toBe(true)
    expect(server().received).toHaveLength(25)
  })

  test('that never gets a byte gives up', async () => {
    const blobs = await open(Array<Answer>(50).fill(part(bytes, 0)))
    await expect(read(blobs, newName(), 0, bytes.length)).rejects.toThrow(StoreUnavailable)
    expect(server().received).toHaveLength(5)
  })

  test('whose server stalls in the middle goes on over another connection', async () => {
    const stalling: Answer = (response) => {
      response.writeHead(206, { 'Content-Range': 'bytes 0-999999/1000000', 'Content-Length': 1_000_000 })
      response.write(bytes.subarray(0, 500_000))
    }
    const blobs = await open([stalling, part(bytes)], { stallMs: 1000 })
    expect((await read(blobs, newName(), 0, bytes.length)).equals(bytes)).toBe(true)
    expect(ranges()).toEqual(['bytes=0-999999', 'bytes=500000-999999'])
  })

  test('whose reader is slower than the time-out still gets every byte', async () => {
    const blobs = await open(
      Array.from({ length: 20 }, () => part(bytes)),
      { stallMs: 100 },
    )
    const chunks: Uint8Array[] = []
    for await (const chunk of blobs.read(newName(), 0, bytes.length)) {
      if (chunks.length % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 400))
      chunks.push(chunk)
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  })

  test('whose blob was removed while it was cut says so', async () => {
    const blobs = await open([part(bytes, 10), refusal(404, 'NoSuchKey')])
    await expect(read(blobs, newName(), 0, bytes.length)).rejects.toThrow(BlobMissing)
  })

  test.each<[string, Answer]>([
    ['ignores the range', status(200, {}, bytes)],
    ['sends another one', status(206, { 'Content-Range': 'bytes 0-9/1000000' }, bytes.subarray(0, 10))],
    ['has fewer bytes', status(206, { 'Content-Range': 'bytes 10-14/15' }, bytes.subarray(10, 15))],
    ['answers 416', refusal(416, 'InvalidRange')],
    ['has no bucket any more', refusal(404, 'NoSuchBucket')],
    ['redirects', status(307, { Location: 'http://127.0.0.1:1/' })],
  ])('from a server that %s fails, and hands out no wrong byte', async (_, answer) => {
    const blobs = await open([answer])
    const chunks: Uint8Array[] = []
    const reading = async (): Promise<void> => {
      for await (const chunk of blobs.read(newName(), 10, 20)) chunks.push(chunk)
    }
    await expect(reading()).rejects.toThrow(StoreUnavailable)
    expect(chunks).toEqual([])
    expect(server().received).toHaveLength(1)
  })
})

describe('a remove', () => {
  test.each<[string, Answer]>([
    ['204', status(204)],
    ['404 NoSuchKey', refusal(404, 'NoSuchKey')],
    ['404 without a document', status(404)],
  ])('is done at %s', async (_, answer) => {
    const blobs = await open([answer])
    const name = newName()
    await blobs.remove(name)
    expect(calls()).toEqual([`DELETE /bucket/prefix/${name}`])
  })

  test('is not done where the bucket is missing', async () => {
    const blobs = await open([refusal(404, 'NoSuchBucket')])
    await expect(blobs.remove(newName())).rejects.toThrow('NoSuchBucket')
  })
})

describe('where requests go', () => {
  test('with the bucket in the host’s name, if path style is off', async () => {
    const asked: string[] = []
    await open([], {
      url: `s3://bucket/a/b?endpoint=http://s3.test:${server().port}&path_style=off`,
      lookup(hostname, options, callback) {
        asked.push(hostname)
        if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }])
        else callback(null, '127.0.0.1', 4)
      },
    }).then((blobs) => put(blobs, '0'.repeat(32), Buffer.alloc(1)))
    expect(new Set(asked)).toEqual(new Set(['bucket.s3.test']))
    expect(calls()).toEqual([`PUT /a/b/${'0'.repeat(32)}`])
    expect(server().received[0]?.headers.host).toBe(`bucket.s3.test:${server().port}`)
  })

  test('with a session token, which is signed, if there is one', async () => {
    const blobs = await open([], { credentials: { ...credentials, AWS_SESSION_TOKEN: 'a/session+token==' } })
    await put(blobs, newName(), Buffer.alloc(1))
    const { headers } = server().received[0] ?? expect.unreachable()
    expect(headers['x-amz-security-token']).toBe('a/session+token==')
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-test-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    )
  })
})

describe('a start', () => {
  const opening = (answers: Answer[]): Promise<BlobStore> => {
    server().script(...answers)
    return openS3Blobs({ url: url(), credentials, backOffMs: 1 })
  }

  test.each<[string, Answer[], string]>([
    ['a wrong clock', [refusal(403, 'RequestTimeTooSkewed')], 'the clock of this machine or of that server is wrong'],
    ['an unknown key', [refusal(403, 'InvalidAccessKeyId')], 'AWS_ACCESS_KEY_ID is unknown there'],
    ['a wrong region', [refusal(301, 'PermanentRedirect')], 'the bucket is in another region'],
    ['a right to put, but not to delete', [status(200), refusal(403, 'AccessDenied')], 'may not do that there'],
    ['a bucket that keeps versions', [status(200, { 'x-amz-version-id': '3HL4kqtJlcpXrof3' })], 'turn versioning off'],
  ])('with %s is refused with a sentence', async (_, answers, sentence) => {
    const refused = await opening(answers).catch((error: unknown) => error as Error)
    expect(refused).toMatchObject({
      name: 'StartRefused',
      message: expect.stringMatching(/^HALFKEY_BLOB_URL: the S3 server answered .*\.$/) as string,
    })
    expect((refused as Error).message).toContain(sentence)
  })

  test('while the server is away succeeds; ping tells that it is, and that it is back', async () => {
    const away = Array<Answer>(4).fill(refusal(503, 'ServiceUnavailable'))
    const blobs = await opening(away)
    await expect(blobs.ping()).rejects.toThrow(StoreUnavailable)
    await blobs.ping()
    const before = server().received.length
    await blobs.ping()
    expect(server().received).toHaveLength(before)
    await blobs.close()
  })
})

test('no error carries the credentials or a signature', async () => {
  const answers = [cut, silence, refusal(403, 'SignatureDoesNotMatch'), refusal(503, 'SlowDown'), status(200, {}, 'x')]
  const errors: unknown[] = []
  for (const answer of answers) {
    const blobs = await open(Array<Answer>(9).fill(answer), {
      stallMs: 50,
      credentials: { ...credentials, AWS_SESSION_TOKEN: 'sessiontoken' },
    })
    const keep = (error: unknown): void => void errors.push(error)
    await put(blobs, newName(), Buffer.alloc(9)).catch(keep)
    await read(blobs, newName(), 0, 9).catch(keep)
    await listed(blobs).catch(keep)
    await blobs.remove(newName()).catch(keep)
    server().script(...Array<Answer>(9).fill(answer))
    await openS3Blobs({ url: url(), credentials, backOffMs: 1, stallMs: 50 }).catch(keep)
  }
  expect(errors.length).toBeGreaterThan(15)
  const text = inspect(errors, { depth: Infinity, showHidden: true })
  for (const secret of [...Object.values(credentials), 'sessiontoken', 'Signature=', 'AWS4-HMAC'])
    expect(text).not.toContain(secret)
})
