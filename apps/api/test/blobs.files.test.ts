import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BlobStore } from '../src/store/blobs/blobs.ts'
import { BlobMissing } from '../src/store/blobs/blobs.ts'
import { openFileBlobs } from '../src/store/blobs/files.ts'
import { StoreUnavailable } from '../src/store/store.ts'
import { describeBlobs, listed, newName, partLength, piecesOf, put, read } from './contract/blobs.ts'
import { fastDirectory } from './support/app.ts'
import { readFiles } from './support/files.ts'
import type { Home } from './support/server.ts'
import { makeHome } from './support/server.ts'
import { requireStrace } from './support/strace.ts'
import type { Volume } from './support/volume.ts'
import { mountVolume } from './support/volume.ts'

const writer = fileURLToPath(new URL('./support/blob-writer.ts', import.meta.url))

describe('files keep the contract of blobs', () => {
  describeBlobs(async () => {
    const home = makeHome(fastDirectory)
    const blobs = await openFileBlobs(path.join(home.root, 'blobs'))
    return {
      blobs,
      async remove() {
        await blobs.close()
        home.remove()
      },
    }
  })
})

let home: Home
let directory: string
beforeEach(() => {
  home = makeHome()
  directory = path.join(home.root, 'blobs')
})
afterEach(() => home.remove())

/** Opens the blobs, and closes them after the test's own work. */
async function withBlobs(work: (blobs: BlobStore) => Promise<void>): Promise<void> {
  const blobs = await openFileBlobs(directory)
  await work(blobs).finally(() => blobs.close())
}

describe('on the disk', () => {
  test('only this user can reach a blob, whatever the umask', async () => {
    const umask = process.umask(0)
    try {
      await withBlobs(async (blobs) => {
        const name = newName()
        await put(blobs, name, Buffer.from('part'))
        const file = path.join(directory, name.slice(0, 2), name.slice(2))
        expect(readFileSync(file, 'utf8')).toBe('part')
        expect(statSync(file).mode & 0o777).toBe(0o600)
        for (const folder of [directory, path.join(directory, 'incoming'), path.dirname(file)])
          expect(statSync(folder).mode & 0o777).toBe(0o700)
      })
    } finally {
      process.umask(umask)
    }
  })

  test('a reader in the middle of a part gets the rest of it after its removal', async () => {
    await withBlobs(async (blobs) => {
      const [name, bytes] = [newName(), Buffer.alloc(partLength, 'part')]
      await put(blobs, name, bytes)
      const chunks: Uint8Array[] = []
      for await (const chunk of blobs.read(name, 0, partLength)) {
        chunks.push(Buffer.from(chunk))
        if (chunks.length === 1) await blobs.remove(name)
      }
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
      await expect(read(blobs, name, 0, 1)).rejects.toThrow(BlobMissing)
    })
  })

  test('readers and writers leave no file open, those that stop or fail included', async () => {
    await withBlobs(async (blobs) => {
      const name = newName()
      await put(blobs, name, Buffer.alloc(2_000_000))
      const open = (): number => readdirSync('/proc/self/fd').length
      const before = open()
      for (let times = 0; times < 50; times++) {
        for await (const _ of blobs.read(name, 0, 2_000_000)) break
        await read(blobs, name, 0, 2_000_000)
        await expect(read(blobs, name, 0, 2_000_001)).rejects.toThrow(StoreUnavailable)
        await expect(blobs.put(newName(), piecesOf(Buffer.alloc(9)), 10)).rejects.toThrow(RangeError)
      }
      expect(open()).toBeLessThan(before + 10)
    })
  })

  test('what a crash left half-written goes at the next start, but not what another process is writing', async () => {
    await withBlobs((blobs) => put(blobs, newName(), Buffer.from('part')))
    const [old, fresh] = ['old', 'fresh'].map((name) => path.join(directory, 'incoming', name)) as [string, string]
    for (const file of [old, fresh]) writeFileSync(file, 'half a part')
    const [now, hour] = [Date.now() / 1000, 3600]
    utimesSync(old, now - hour - 1, now - hour - 1)
    utimesSync(fresh, now - hour + 60, now - hour + 60)
    await withBlobs(async (blobs) => {
      expect(readdirSync(path.join(directory, 'incoming'))).toEqual(['fresh'])
      expect((await listed(blobs)).size).toBe(1)
    })
  })

  test('a second process that opens the blobs disturbs no put in flight', async () => {
    await withBlobs(async (blobs) => {
      const [name, bytes] = [newName(), Buffer.alloc(3_000_000, 'part')]
      async function* body(): AsyncIterable<Uint8Array> {
        yield bytes.subarray(0, 2_000_000)
        await withBlobs(() => Promise.resolve())
        yield bytes.subarray(2_000_000)
      }
      await blobs.put(name, body(), bytes.length)
      expect((await read(blobs, name, 0, bytes.length)).equals(bytes)).toBe(true)
    })
  })

  test('strangers’ files are neither listed nor touched', async () => {
    await withBlobs(async (blobs) => {
      const strangers = ['lost+found', 'ab/.nfs0001', 'ab/README', 'zz/x'].map((name) => path.join(directory, name))
      for (const file of strangers) {
        mkdirSync(path.dirname(file), { recursive: true })
        writeFileSync(file, 'not ours')
      }
      mkdirSync(path.join(directory, 'cd', '0'.repeat(30)))
      expect((await listed(blobs)).size).toBe(0)
      for (const file of strangers) expect(readFileSync(file, 'utf8')).toBe('not ours')
    })
  })

  test('a disk that went away is unavailable: its blobs are not called missing', async () => {
    await withBlobs(async (blobs) => {
      const name = newName()
      await put(blobs, name, Buffer.from('part'))
      rmSync(directory, { recursive: true })
      await expect(read(blobs, name, 0, 1)).rejects.toThrow(StoreUnavailable)
      await expect(put(blobs, newName(), Buffer.from('part'))).rejects.toThrow(StoreUnavailable)
      await expect(blobs.ping()).rejects.toThrow(StoreUnavailable)
      await expect(listed(blobs)).rejects.toThrow(StoreUnavailable)
    })
  })

  test('a place that can’t be had is unavailable at the start', async () => {
    writeFileSync(directory, '')
    await expect(openFileBlobs(directory)).rejects.toThrow(StoreUnavailable)
  })
})

describe('a failing disk', () => {
  let volume: Volume
  let blobs: BlobStore
  beforeEach(async () => {
    volume = mountVolume(path.join(home.root, 'volume'), 16 * 2 ** 20)
    directory = path.join(volume.directory, 'blobs')
    blobs = await openFileBlobs(directory)
  })
  afterEach(async () => {
    await blobs.close()
    volume.unmount()
  })

  test('that is full in the middle of a part keeps nothing of it and everything else, and works once there is space', async () => {
    const [kept, refused, bytes] = [newName(), newName(), Buffer.alloc(partLength, 'part')]
    await put(blobs, kept, bytes)
    await expect(put(blobs, refused, bytes)).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: 'the disk answered ENOSPC',
    })
    expect([...(await listed(blobs)).keys()]).toEqual([kept])
    expect(readdirSync(path.join(directory, 'incoming'))).toEqual([])

    volume.fill()
    await expect(blobs.ping()).rejects.toThrow(StoreUnavailable)
    await expect(put(blobs, refused, Buffer.alloc(1))).rejects.toThrow(StoreUnavailable)
    expect((await read(blobs, kept, 0, partLength)).equals(bytes)).toBe(true)

    volume.free()
    await blobs.remove(kept)
    await put(blobs, refused, bytes)
    await blobs.ping()
    expect((await read(blobs, refused, 0, partLength)).equals(bytes)).toBe(true)
  })

  test('a removed blob’s space can be had at once', async () => {
    for (let times = 0; times < 5; times++) {
      const name = newName()
      await put(blobs, name, Buffer.alloc(partLength))
      await blobs.remove(name)
    }
  })

  test('that became read-only refuses puts and removes, and still reads', async () => {
    const name = newName()
    await put(blobs, name, Buffer.from('part'))
    volume.setReadOnly(true)
    await expect(put(blobs, newName(), Buffer.from('part'))).rejects.toThrow('the disk answered EROFS')
    await expect(blobs.remove(name)).rejects.toThrow('the disk answered EROFS')
    await expect(blobs.ping()).rejects.toThrow('the disk answered EROFS')
    await expect(openFileBlobs(directory)).resolves.toBeDefined()
    expect((await read(blobs, name, 0, 4)).toString()).toBe('part')
    volume.setReadOnly(false)
    await blobs.remove(name)
    expect((await listed(blobs)).size).toBe(0)
  })
})

describe('what the kernel is asked', () => {
  const calls = 'openat,write,writev,pwritev,pwrite64,fsync,fdatasync,rename,unlink'

  /** What a writer said under strace, and the calls that concern its blobs, in order. */
  function trace(options: string[], count: number, length: number): { said: string[]; calls: string[] } {
    requireStrace()
    const file = path.join(home.root, 'trace')
    const strace = ['-f', '-y', '-s', '64', '-o', file, '-e', `trace=${calls}`, ...options]
    const program = [process.execPath, writer, directory, String(count), String(length)]
    // One thread, so that strace neither splits a call's line in two nor counts calls apart.
    const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
    const { stdout, stderr, status } = spawnSync('strace', [...strace, ...program], { encoding: 'utf8', env })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lines = readFileSync(file, 'utf8').split('\n')
    const concerned = lines.filter((line) => line.includes(`${directory}/`) || line.includes('"put '))
    return { said: stdout.trim().split('\n'), calls: concerned.map((line) => line.replace(/^\d+\s+/, '')) }
  }

  const patterns: [step: string, pattern: RegExp][] = [
    ['write', /^(?:pwrite64|p?writev?)\(\d+<\S+\/incoming\/[0-9a-f]{32}>.* = [1-9]/],
    ['flush', /^f(?:data)?sync\(\d+<\S+\/incoming\/[0-9a-f]{32}>\)\s*= 0/],
    ['rename', /^rename\("\S+\/incoming\/[0-9a-f]{32}", "\S+\/[0-9a-f]{2}\/[0-9a-f]{30}"\) = 0/],
    ['flush of the folder', /^fsync\(\d+<\S+\/[0-9a-f]{2}>\)\s*= 0/],
    ['settled', /^write\(1<.*"put /],
  ]
  const stepsOf = (lines: string[]): string[] =>
    lines.flatMap((line) => patterns.filter(([, pattern]) => pattern.test(line)).map(([step]) => step))

  test('a put settles only when its bytes, and then its name, are on the disk', () => {
    const { calls } = trace([], 3, 2_500_000)
    const once = ['write', 'write', 'write', 'flush', 'rename', 'flush of the folder', 'settled']
    expect(stepsOf(calls)).toEqual([...once, ...once, ...once])
  })

  test.each([
    ['fdatasync', 'EIO'],
    ['rename', 'EACCES'],
    ['writev', 'EDQUOT'],
    ['writev', 'EIO'],
  ])('a put whose %s answers %s fails and leaves nothing', async (call, error) => {
    const { said } = trace(['-e', `inject=${call}:error=${error}`], 2, 100_000)
    expect(said).toEqual(['failed StoreUnavailable', 'failed StoreUnavailable'])
    expect(readFiles(directory)).toEqual(new Map())
    await withBlobs(async (blobs) => expect((await listed(blobs)).size).toBe(0))
  })

  test('a put whose folder can’t be flushed is not called durable', () => {
    // The first two are the start’s own.
    const { said } = trace(['-e', 'inject=fsync:error=EIO:when=3+'], 1, 100_000)
    expect(said).toEqual(['failed StoreUnavailable'])
  })
})

test('after a kill in the middle of puts every blob is whole, and those that had settled are all there', async () => {
  const child = spawn(process.execPath, [writer, directory, '100000', '2000000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.split('\n').length > 20) resolve()
    })
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await ended
  await withBlobs(async (blobs) => {
    const found = await listed(blobs)
    for (const [, name = ''] of said.matchAll(/^put (.*)$/gm)) expect(found.has(name)).toBe(true)
    for (const { size } of found.values()) expect(size).toBe(2_000_000)
  })
})
