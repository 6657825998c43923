import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { partSize } from '../src/domain/secrets/attachment.ts'
import { attachmentCalls, firstFile, sealWithFiles } from './support/attached.ts'
import { expectSound, readDatabase } from './support/database.ts'
import type { Call, Reply, Sealed } from './support/sender.ts'
import { caller, conversation, newId, seal } from './support/sender.ts'
import type { Home, ServerProcess } from './support/server.ts'
import { makeHome, spawnServer, startServer } from './support/server.ts'
import { requireStrace } from './support/strace.ts'
import type { Volume } from './support/volume.ts'
import { injectFault, mountVolume } from './support/volume.ts'

let home: Home
let volume: Volume
let server: ServerProcess | undefined

beforeEach(() => {
  home = makeHome()
  volume = mountVolume(path.join(home.root, 'volume'), 16 * 2 ** 20)
  home.data = path.join(volume.directory, 'data')
})

afterEach(async () => {
  await server?.stop('SIGKILL')
  server = undefined
  volume.unmount()
  home.remove()
})

function expectUnavailable(reply: Reply): void {
  const message = 'The service is temporarily unavailable; try again later'
  const error = { code: 'UNAVAILABLE', message, request_id: reply.headers.get('X-Request-Id') }
  const body = reply.body as unknown
  expect({ status: reply.status, body }).toEqual({ status: 503, body: { success: false, error } })
}

async function get(call: Call, place: string): Promise<unknown> {
  const { status, body } = await call('GET', place)
  return { status, body: body as unknown }
}

/** Two secrets from before the fault, and what is tried during it. */
interface Scene {
  call: Call
  read: Sealed
  revealId: string
  burned: Sealed
  refused: Sealed[]
}

async function before(): Promise<Scene> {
  server = await startServer(home)
  const call = caller(server.url)
  const { create } = conversation(call)
  const [read, burned] = [seal({ fields: { maximum_views: 2 } }), seal()]
  for (const sealed of [read, burned]) expect((await create(sealed)).status).toBe(201)
  const refused = [272, 1104, 65_536, 400_000].map((size) => seal({ size }))
  return { call, read, revealId: newId(), burned, refused }
}

async function during({ call, read, revealId, burned, refused }: Scene): Promise<void> {
  const { create, reveal, burn, details, status, patch } = conversation(call)
  for (const sealed of refused) expectUnavailable(await create(sealed))
  for (const reply of await Promise.all(refused.map((sealed) => create(sealed)))) expectUnavailable(reply)
  expectUnavailable(await reveal(read, revealId))
  expectUnavailable(await patch(read, { maximum_views: 1 }))
  expectUnavailable(await burn(burned))

  expect(await get(call, '/readyz')).toMatchObject({ status: 503, body: { status: 'unavailable' } })
  expect(await get(call, '/healthz')).toMatchObject({ status: 200 })
  const untouched = { current_views: 0, maximum_views: 2, status: 'active' }
  expect(await details(read)).toMatchObject({ status: 200, body: { data: untouched } })
  expect(await status(read)).toMatchObject({ status: 200, body: { data: { views_left: 2 } } })
  expect(await details(burned)).toMatchObject({ status: 200, body: { data: { status: 'active' } } })
  for (const sealed of refused) expect((await details(sealed)).status).toBe(404)
}

async function after({ call, read, revealId, burned, refused }: Scene): Promise<void> {
  const { create, reveal, burn, details } = conversation(call)
  expect(await get(call, '/readyz')).toEqual({ status: 200, body: { status: 'ready' } })
  readDatabase(home.data, (db) => {
    expectSound(db)
    expect(db.prepare('SELECT count(*) FROM secrets').pluck().get()).toBe(2)
    expect(db.prepare('SELECT count(*) FROM vault').pluck().get()).toBe(2)
    expect(db.prepare('SELECT count(*) FROM reveals').pluck().get()).toBe(0)
  })
  for (const sealed of refused) expect((await create(sealed)).status).toBe(201)
  const opened = { key_a: read.keyA, envelope: read.body.envelope }
  expect(await reveal(read, revealId)).toMatchObject({ status: 200, body: { data: opened } })
  expect(await details(read)).toMatchObject({ body: { data: { current_views: 1 } } })
  expect((await burn(burned)).status).toBe(200)
  expect(await details(burned)).toMatchObject({ body: { data: { status: 'burned', note: null } } })
}

describe('while it runs', () => {
  test('a full disk: writes get a clear 503 and change nothing, reads go on, and freed space is enough to recover', async () => {
    const scene = await before()
    volume.fill()
    await during(scene)
    volume.free()
    await after(scene)
    expect(server?.child.exitCode).toBeNull()
  })

  test.each([
    ['a disk that turns read-only', 'pwrite64,ftruncate,fsync,fdatasync', 'EROFS'],
    ['a disk that fails to write', 'pwrite64', 'EIO'],
    ['a disk that fails to flush', 'fsync,fdatasync', 'EIO'],
  ])(
    '%s: writes get a clear 503 and change nothing, reads go on, and it recovers without a restart',
    async (_, calls, code) => {
      requireStrace()
      const scene = await before()
      const recover = await injectFault((server as ServerProcess).child, calls, code)
      await during(scene)
      await recover()
      await after(scene)
      expect(server?.child.exitCode).toBeNull()
    },
  )

  test('nothing that was refused comes back after a kill on the full disk, nothing acknowledged is lost', async () => {
    const scene = await before()
    volume.fill()
    await during(scene)
    await server?.stop('SIGKILL')
    volume.free()
    server = await startServer(home)
    await after({ ...scene, call: caller(server.url) })
  })

  test('a disk that fills up during an upload: the part gets a clear 503 and leaves nothing, the others stay, and with space again the upload goes on', async () => {
    server = await startServer(home)
    const call = caller(server.url)
    const { put, parts, complete, grantOf, fetchFile } = attachmentCalls(call)
    const sealed = sealWithFiles([partSize + 300_000])
    expect((await conversation(call).create(sealed)).status).toBe(201)
    expect((await put(sealed, 1)).status).toBe(200)
    volume.fill()
    expectUnavailable(await put(sealed, 0))
    expect((await parts(sealed)).body).toMatchObject({ data: { parts: [1] } })
    const incoming = path.join(home.data, 'blobs', 'incoming')
    expect(readdirSync(incoming)).toEqual([])
    volume.free()
    expect((await put(sealed, 0)).status).toBe(200)
    expect((await complete(sealed)).status).toBe(200)
    const { bytes } = await fetchFile(sealed, await grantOf(sealed))
    expect(Buffer.compare(bytes, firstFile(sealed).bytes)).toBe(0)
  })
})

describe('at start', () => {
  /** Exit code and output of a start that must be refused. */
  async function refusal(): Promise<{ code: number | null; output: string }> {
    const child = spawnServer(home)
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, output }
  }
  const refused = {
    code: 1,
    output: expect.stringMatching(
      /^HALFKEY_DATA_DIR: can't open the database in \S+: .+ The directory must be writable by the server and have free space\.\n$/,
    ) as string,
  }

  test('a read-only data directory is refused with one sentence that names the setting', async () => {
    volume.setReadOnly(true)
    expect(await refusal()).toEqual(refused)
  })

  test('a database on a disk that became read-only is refused likewise, and served again when it is writable', async () => {
    const scene = await before()
    expect(await server?.stop()).toBe(0)
    volume.setReadOnly(true)
    expect(await refusal()).toEqual(refused)
    volume.setReadOnly(false)
    server = await startServer(home)
    await after({ ...scene, call: caller(server.url) })
  })

  test('a full disk is refused likewise, and a first start after it is cleared leaves nothing half-made', async () => {
    volume.fill()
    expect(await refusal()).toEqual(refused)
    volume.free()
    await after(await before())
  })

  test('a data directory that is a file is refused likewise', async () => {
    writeFileSync(home.data, '')
    expect(await refusal()).toEqual(refused)
  })
})
