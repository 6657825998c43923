/** A backup in the database's place: by the command, by hand, and what a start makes of either. */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectSound, readDatabase } from './support/database.ts'
import type { Sealed } from './support/sender.ts'
import { caller, conversation, seal } from './support/sender.ts'
import type { Home, ServerProcess } from './support/server.ts'
import { makeHome, program, spawnServer, startServer } from './support/server.ts'

let home: Home
let server: ServerProcess | undefined
let database: string
let backup: string

beforeEach(() => {
  home = makeHome()
  database = path.join(home.data, 'halfkey.sqlite')
  backup = path.join(home.root, 'backup.sqlite')
})

afterEach(async () => {
  await server?.stop('SIGKILL')
  server = undefined
  home.remove()
})

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    env: { HALFKEY_DATA_DIR: home.data, HALFKEY_SERVER_KEY_FILE: home.serverKey },
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, stdout, stderr }
}

/** Exit code and output of a start that must be refused. */
async function refusal(): Promise<{ code: number | null; output: string }> {
  const child = spawnServer(home)
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

async function create(count: number): Promise<Sealed[]> {
  const { url } = server as ServerProcess
  const sealed = Array.from({ length: count }, () => seal({ size: 1104 }))
  for (let at = 0; at < count; at += 50) {
    const replies = await Promise.all(sealed.slice(at, at + 50).map((one) => conversation(caller(url)).create(one)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
  }
  return sealed
}

/** As docs/operators.md has it: through SQLite, beside the running server. */
async function backUp(how = 'backup'): Promise<void> {
  const db = new Sqlite(database, { readonly: true })
  if (how === 'backup') await db.backup(backup)
  else db.exec(`VACUUM INTO '${backup}'`)
  db.close()
}

/** Secrets before and after a backup, and a server that was killed. */
async function crashed(before: number, after: number, how?: string): Promise<{ kept: Sealed[]; later: Sealed[] }> {
  server = await startServer(home)
  const kept = await create(before)
  await backUp(how)
  const later = await create(after)
  await server.stop('SIGKILL')
  expect(existsSync(`${database}-wal`)).toBe(true)
  return { kept, later }
}

async function expectRestored({ kept, later }: { kept: Sealed[]; later: Sealed[] }): Promise<void> {
  server = await startServer(home)
  const { reveal } = conversation(caller(server.url))
  for (const sealed of kept.slice(0, 20)) expect((await reveal(sealed)).status).toBe(200)
  for (const sealed of later.slice(0, 20)) expect((await reveal(sealed)).status).toBe(404)
  readDatabase(home.data, expectSound)
  expect(await server.stop()).toBe(0)
  expect(run('audit', 'verify').stdout).toContain('The log is intact.')
}

const wrongLog = /^\S+halfkey\.sqlite was replaced or removed while \S+-wal, .+ run: halfkey-api restore FILE\n$/

describe('a backup that was copied over the database of a killed server, beside its log', () => {
  test.each([
    ['the log undoes the restore', 20, 20, 'backup'],
    ['the log damages the database', 200, 2600, 'backup'],
    ['of one by VACUUM INTO the log undoes the restore', 20, 20, 'VACUUM INTO'],
  ])(
    'is refused by start and commands, and `restore` mends it (where %s)',
    async (_, before, after, how) => {
      const secrets = await crashed(before, after, how)
      copyFileSync(backup, database)
      expect(await refusal()).toEqual({ code: 1, output: expect.stringMatching(wrongLog) as string })
      expect(run('audit', 'verify')).toMatchObject({ status: 1, stderr: expect.stringMatching(wrongLog) as string })
      expect(readFileSync(database).equals(readFileSync(backup))).toBe(true)
      expect(run('restore', backup)).toMatchObject({ status: 0 })
      await expectRestored(secrets)
    },
    120_000,
  )

  test('is refused likewise when it was copied from a stopped server, or the database is gone', async () => {
    server = await startServer(home)
    await create(20)
    await server.stop()
    copyFileSync(database, backup)
    server = await startServer(home)
    await create(20)
    await server.stop('SIGKILL')
    const aside = path.join(home.root, 'aside')
    renameSync(database, aside)
    expect(await refusal()).toEqual({ code: 1, output: expect.stringMatching(wrongLog) as string })
    copyFileSync(backup, database)
    expect(await refusal()).toEqual({ code: 1, output: expect.stringMatching(wrongLog) as string })
    renameSync(aside, database)
    server = await startServer(home)
    expect(readDatabase(home.data, (db) => db.prepare('SELECT count(*) FROM secrets').pluck().get())).toBe(40)
  })

  test('is served when the log was removed as well', async () => {
    const secrets = await crashed(20, 20)
    copyFileSync(backup, database)
    for (const end of ['-wal', '-shm']) rmSync(database + end)
    await expectRestored(secrets)
  })
})

test('a log that is the database’s own is never refused, however often the server was killed', async () => {
  const made: Sealed[] = []
  for (let n = 0; n < 5; n++) {
    server = await startServer(home)
    made.push(...(await create(30)))
    if (n === 2) expect(run('compact')).toMatchObject({ status: 0 })
    if (n === 3) expect(run('check')).toMatchObject({ status: 0 })
    await server.stop('SIGKILL')
    if (n === 3) expect(run('audit', 'verify')).toMatchObject({ status: 0 })
  }
  await expectRestored({ kept: made, later: [] })
})

describe('halfkey-api restore', () => {
  test('puts a backup in place of a killed server’s database, and keeps that whole aside', async () => {
    const secrets = await crashed(20, 30)
    const { status, stdout } = run('restore', backup)
    expect([status, stdout]).toEqual([0, expect.stringContaining(`Restored ${backup}, with 20 secrets.`)])
    const aside = /was moved to (\S+)\.$/m.exec(stdout)?.[1] ?? ''
    await expectRestored(secrets)
    const old = new Sqlite(aside)
    expect(old.prepare('SELECT count(*) FROM secrets').pluck().get()).toBe(50)
    expect(old.pragma('integrity_check', { simple: true })).toBe('ok')
    old.close()
  })

  test('makes a server of an empty machine’s folder, from the backup and the server key', async () => {
    const secrets = await crashed(20, 20)
    rmSync(home.data, { recursive: true })
    expect(run('restore', backup)).toMatchObject({ status: 0 })
    await expectRestored(secrets)
  })

  test('takes the log along that lies beside the backup', async () => {
    const secrets = await crashed(20, 20)
    copyFileSync(database, backup)
    copyFileSync(`${database}-wal`, `${backup}-wal`)
    expect(run('restore', backup).stdout).toContain('with 40 secrets')
    await expectRestored({ kept: [...secrets.later, ...secrets.kept], later: [] })
  })

  test('refuses while a server runs', async () => {
    server = await startServer(home)
    await backUp()
    expect(run('restore', backup)).toMatchObject({ status: 1, stderr: expect.stringContaining('Stop it') as string })
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  })

  test('refuses what isn’t a whole backup of this server key’s, and changes nothing', async () => {
    server = await startServer(home)
    await create(20)
    await backUp()
    await server.stop()
    const files = [database, backup, home.serverKey] as const
    const [before, whole, key] = files.map((file) => readFileSync(file)) as [Buffer, Buffer, Buffer]
    const damaged = Buffer.from(whole).fill(0x5a, 3 * 4096, 3 * 4096 + 2000)
    const otherKey = `${Buffer.alloc(32, 7).toString('base64url')}\n`
    const faults: [reason: string, spoil: () => void][] = [
      ['There is no file', () => rmSync(backup)],
      ["can't be restored", () => writeFileSync(backup, 'PostgreSQL '.repeat(100))],
      ["can't be restored", () => writeFileSync(backup, '')],
      ["can't be restored", () => writeFileSync(backup, damaged)],
      ["can't be restored", () => writeFileSync(backup, whole.subarray(0, 40_000))],
      ["isn't the one", () => writeFileSync(home.serverKey, otherKey)],
      ['is missing', () => rmSync(home.serverKey)],
      ['own database', () => (rmSync(backup), symlinkSync(database, backup))],
    ]
    for (const [reason, spoil] of faults) {
      spoil()
      const { status, stderr } = run('restore', backup)
      expect([status, stderr]).toEqual([1, expect.stringContaining(reason)])
      expect(stderr).not.toContain('    at ')
      expect(readFileSync(database).equals(before)).toBe(true)
      expect(readdirSync(home.data).sort()).toEqual(['blobs', 'halfkey.lock', 'halfkey.sqlite'])
      rmSync(backup, { force: true })
      writeFileSync(backup, whole)
      writeFileSync(home.serverKey, key)
    }
    expect(run('restore', backup)).toMatchObject({ status: 0 })
  })
})

test('damage that is met at run time makes /readyz 503 until the restart, and commands name the cure', async () => {
  server = await startServer(home)
  const sealed = await create(400)
  await server.stop()
  const db = new Sqlite(database)
  const rootpage = db.prepare(`SELECT rootpage FROM sqlite_master WHERE name = 'secrets'`).pluck().get() as number
  const size = db.pragma('page_size', { simple: true }) as number
  db.close()
  const bytes = readFileSync(database)
  bytes.fill(0x5a, (rootpage - 1) * size, rootpage * size)
  writeFileSync(database, bytes)
  server = await startServer(home)
  const { url } = server
  const [first] = sealed as [Sealed]
  await expect.poll(async () => (await conversation(caller(url)).status(first)).status).toBe(503)
  const ready = await fetch(`${url}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'unavailable', reason: 'the database is damaged: restore a backup' },
  ])
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const { status, stderr } = run('burn', first.slug)
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /^The database in \S+ is damaged\. Stop the server and restore a backup: halfkey-api restore FILE\.\n$/,
  )
})
