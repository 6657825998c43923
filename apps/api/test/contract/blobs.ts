/** What src/store/blobs/blobs.ts promises, as one suite that runs on every store. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BlobStore, StoredBlob } from '../../src/store/blobs/blobs.ts'
import { BlobMissing } from '../../src/store/blobs/blobs.ts'
import { StoreUnavailable } from '../../src/store/store.ts'

/** A full part: 32 chunks of 262,172 bytes (spec/protocol.md, section 6). */
export const partLength = 8_389_504

export const newName = (): string => randomBytes(16).toString('hex')

/** In pieces as they come from a socket. */
export async function* piecesOf(bytes: Uint8Array, size = 65_536): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    await Promise.resolve()
    yield bytes.subarray(start, start + size)
  }
}

export const put = (blobs: BlobStore, name: string, bytes: Uint8Array): Promise<void> =>
  blobs.put(name, piecesOf(bytes), bytes.length)

export async function read(blobs: BlobStore, name: string, start: number, end: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of blobs.read(name, start, end)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

export async function listed(blobs: BlobStore): Promise<Map<string, StoredBlob>> {
  const found = new Map<string, StoredBlob>()
  for await (const blob of blobs.list()) {
    expect(found.has(blob.name)).toBe(false)
    found.set(blob.name, blob)
  }
  return found
}

/** Not toEqual(): that compares 8 MiB element by element. */
const expectSame = (found: Buffer, wanted: Uint8Array): void => expect(found.equals(wanted)).toBe(true)

export interface OpenBlobs {
  blobs: BlobStore
  remove(): Promise<void>
}

export function describeBlobs(open: () => Promise<OpenBlobs>): void {
  let opened: OpenBlobs
  let blobs: BlobStore
  beforeAll(async () => {
    opened = await open()
    blobs = opened.blobs
  })
  afterAll(() => opened.remove())

  async function expectNothing(name: string): Promise<void> {
    await expect(read(blobs, name, 0, 1)).rejects.toThrow(BlobMissing)
    await expect(read(blobs, name, 0, 0)).rejects.toThrow(BlobMissing)
    expect((await listed(blobs)).has(name)).toBe(false)
  }

  test.each([0, 1, 28, 65_535, 65_536, 65_537, 1_048_576, 1_048_577, partLength])(
    'what was put is read back whole: %i bytes',
    async (length) => {
      const [name, bytes] = [newName(), randomBytes(length)]
      await put(blobs, name, bytes)
      expectSame(await read(blobs, name, 0, length), bytes)
    },
  )

  test('a slice holds its bytes and no others, wherever it starts and ends', async () => {
    const [name, bytes] = [newName(), randomBytes(1_000_000)]
    await put(blobs, name, bytes)
    for (const edge of [0, 1, 262_143, 262_144, 262_145, 524_288, 999_999, 1_000_000])
      for (const end of [edge, edge + 1, edge + 65_536, 1_000_000])
        if (end <= bytes.length) expectSame(await read(blobs, name, edge, end), bytes.subarray(edge, end))
  })

  test('a slice that reaches past the end is refused, not cut short', async () => {
    const name = newName()
    await put(blobs, name, randomBytes(100))
    await expect(read(blobs, name, 50, 101)).rejects.toThrow(StoreUnavailable)
    await expect(read(blobs, name, 100, 101)).rejects.toThrow(StoreUnavailable)
  })

  test('a reader that stops in the middle holds nobody up', async () => {
    const [name, bytes] = [newName(), randomBytes(partLength)]
    await put(blobs, name, bytes)
    for (let times = 0; times < 20; times++)
      for await (const chunk of blobs.read(name, 0, partLength)) {
        expectSame(Buffer.from(chunk), bytes.subarray(0, chunk.length))
        break
      }
    expectSame(await read(blobs, name, 0, partLength), bytes)
  })

  test('an unknown name is missing for readers, before their first bytes, and a success for remove', async () => {
    await expectNothing(newName())
    await blobs.remove(newName())
  })

  test('what was removed is gone, and its neighbours are not', async () => {
    const name = newName()
    const neighbours = [name.slice(0, 31) + (name.endsWith('0') ? '1' : '0'), newName()]
    for (const each of [name, ...neighbours]) await put(blobs, each, Buffer.from(each))
    await blobs.remove(name)
    await expectNothing(name)
    for (const each of neighbours) expect((await read(blobs, each, 0, 32)).toString()).toBe(each)
    await blobs.remove(name)
  })

  test.each([0, 1, 100_000, 3_000_000])(
    'a body that throws after %i bytes passes its error on and leaves nothing',
    async (after) => {
      const [name, error] = [newName(), new Error('the line was cut')]
      async function* body(): AsyncIterable<Uint8Array> {
        yield* piecesOf(Buffer.alloc(after))
        throw error
      }
      await expect(blobs.put(name, body(), partLength)).rejects.toBe(error)
      await expectNothing(name)
    },
  )

  test.each([
    ['a byte short of', 99_999],
    ['a byte over', 100_001],
    ['fifty times', 5_000_000],
    ['empty in spite of', 0],
  ])('a body that is %s its length is refused and leaves nothing', async (_, length) => {
    const name = newName()
    await expect(blobs.put(name, piecesOf(Buffer.alloc(length)), 100_000)).rejects.toThrow(RangeError)
    await expectNothing(name)
  })

  test('a failed put leaves what was there before as it was', async () => {
    const name = newName()
    await put(blobs, name, Buffer.from('first'))
    await expect(blobs.put(name, piecesOf(Buffer.alloc(3)), 5)).rejects.toThrow(RangeError)
    expect((await read(blobs, name, 0, 5)).toString()).toBe('first')
  })

  test('put again under its name, a blob is the later one, whole', async () => {
    const name = newName()
    await put(blobs, name, Buffer.from('a longer first one'))
    await put(blobs, name, Buffer.from('second'))
    expect((await listed(blobs)).get(name)?.size).toBe(6)
    expect((await read(blobs, name, 0, 6)).toString()).toBe('second')
  })

  test('puts at once under different names don’t mix', async () => {
    const parts = Array.from({ length: 8 }, (_, n) => ({ name: newName(), bytes: Buffer.alloc(partLength, n) }))
    await Promise.all(parts.map(({ name, bytes }) => put(blobs, name, bytes)))
    for (const { name, bytes } of parts) expectSame(await read(blobs, name, 0, partLength), bytes)
  })

  test('puts at once under one name leave one of them, whole', async () => {
    const name = newName()
    const bodies = Array.from({ length: 6 }, (_, n) => Buffer.alloc(2_000_000, n))
    await Promise.all(bodies.map((bytes) => put(blobs, name, bytes)))
    const found = await read(blobs, name, 0, 2_000_000)
    expect(bodies.filter((bytes) => bytes.equals(found))).toHaveLength(1)
  })

  test('the list names every blob with its size and time, and nothing else', async () => {
    const before = await listed(blobs)
    const since = Date.now()
    const sizes = new Map(Array.from({ length: 40 }, (_, n) => [newName(), n * 100]))
    await Promise.all([...sizes].map(([name, size]) => put(blobs, name, Buffer.alloc(size))))
    const now = await listed(blobs)
    expect(now.size).toBe(before.size + sizes.size)
    for (const [name, size] of sizes) {
      const blob = now.get(name)
      expect(blob).toMatchObject({ name, size })
      // S3 tells whole seconds.
      expect(blob?.modifiedAt).toBeGreaterThan(since - 2000)
      expect(blob?.modifiedAt).toBeLessThan(Date.now() + 2000)
    }
  })

  test.each(['', '../../etc/passwd', 'ab/cd', '/etc/passwd', 'A'.repeat(32), '0'.repeat(31), '0'.repeat(33), 'ping'])(
    'a name that is not 32 hex digits is refused, never a path: «%s»',
    async (name) => {
      await expect(put(blobs, name, Buffer.alloc(1))).rejects.toThrow(TypeError)
      await expect(read(blobs, name, 0, 1)).rejects.toThrow(TypeError)
      await expect(blobs.remove(name)).rejects.toThrow(TypeError)
    },
  )

  test('a store that works answers a ping, and keeps nothing of it', async () => {
    const before = await listed(blobs)
    await blobs.ping()
    expect(await listed(blobs)).toEqual(before)
  })

  describe('in any order of calls', () => {
    const call = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), blob: fc.nat(3), bytes: fc.uint8Array({ maxLength: 200 }) }),
      fc.record({ kind: fc.constant('remove' as const), blob: fc.nat(3) }),
      fc.record({ kind: fc.constant('read' as const), blob: fc.nat(3), start: fc.nat(200), length: fc.nat(200) }),
    )
    test('it answers as a map from names to bytes would', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(call, { maxLength: 20 }), async (calls) => {
          const names = Array.from({ length: 4 }, newName)
          const model = new Map<string, Uint8Array>()
          for (const each of calls) {
            const name = names[each.blob] ?? ''
            const kept = model.get(name)
            if (each.kind === 'put') {
              await put(blobs, name, each.bytes)
              model.set(name, each.bytes)
            } else if (each.kind === 'remove') {
              await blobs.remove(name)
              model.delete(name)
            } else if (!kept) {
              await expect(read(blobs, name, each.start, each.start + each.length)).rejects.toThrow(BlobMissing)
            } else {
              const [start, end] = [Math.min(each.start, kept.length), Math.min(each.start + each.length, kept.length)]
              expectSame(await read(blobs, name, start, end), kept.subarray(start, end))
            }
          }
          const all = await listed(blobs)
          for (const name of names) expect(all.get(name)?.size).toBe(model.get(name)?.length)
          for (const name of names) await blobs.remove(name)
        }),
        { numRuns: 10 },
      )
    })
  })
}
