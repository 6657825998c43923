import { readdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { findStrayBlobs } from '../src/jobs/check-blobs.ts'
import { removeDueBlobs } from '../src/jobs/remove-blobs.ts'
import { openBlobs, openStore } from '../src/start.ts'
import type { Attached } from './support/attached.ts'
import { attachmentCalls, partsOf, sealWithFiles, twoParts } from './support/attached.ts'
import { expectSound, readDatabase } from './support/database.ts'
import { times } from './support/long.ts'
import { newSeed, seeded } from './support/random.ts'
import { caller, conversation } from './support/sender.ts'
import type { ServerProcess } from './support/server.ts'
import { makeHome, startServer } from './support/server.ts'

const kills = times(5, 15)
const uploaders = 4

const home = makeHome()
let server: ServerProcess | undefined
afterAll(async () => {
  await server?.stop('SIGKILL')
  home.remove()
})

interface Upload {
  sealed: Attached
  /** Parts whose put was answered, as `file part`. */
  answered: Set<string>
  /** Its completion was answered, or its burn. */
  done: 'completed' | 'burned' | null
}

const lost = (error: unknown): false => {
  if (error instanceof TypeError) return false // what fetch throws when the server is gone
  throw error
}

/** Goes on with an upload, part by part, until it is done or the server is gone; whether it is done. */
async function proceed(url: string, upload: Upload, burnIt: boolean): Promise<boolean> {
  const { sealed, answered } = upload
  const call = caller(url)
  const { put, complete } = attachmentCalls(call)
  const { create, burn } = conversation(call)
  expect((await create(sealed)).status).toBe(201)
  for (const [n, file] of sealed.files.entries())
    for (const [part, bytes] of partsOf(file).entries()) {
      const { status } = await put(sealed, part, bytes, file)
      // Killed between the burn and its answer.
      if (status === 410) upload.done = 'burned'
      if (upload.done) return true
      expect(status).toBe(200)
      answered.add(`${n} ${part}`)
    }
  if (burnIt) expect((await burn(sealed)).status).toBe(200)
  else expect((await complete(sealed)).status).toBe(200)
  upload.done = burnIt ? 'burned' : 'completed'
  return true
}

/** What lies in the folder of blobs, by name. */
const onDisk = (): string[] =>
  readdirSync(path.join(home.data, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && path.basename(entry.parentPath) !== 'incoming')
    .map(({ parentPath, name }) => path.basename(parentPath) + name)
    .sort()

const seed = newSeed()

test(`killed ${kills} times in the middle of uploads: what was answered is kept, and nothing that is unknown (seed ${seed})`, async () => {
  const random = seeded(seed)
  const all: Upload[] = []
  const begin = (): Upload => {
    const upload: Upload = { sealed: sealWithFiles([twoParts, 28, 300_000]), answered: new Set(), done: null }
    all.push(upload)
    return upload
  }
  for (let kill = 0; kill < kills; kill++) {
    const running = (server = await startServer(home, { HALFKEY_LOG: 'off' }))
    const { parts } = attachmentCalls(caller(running.url))
    for (const { sealed, answered, done } of all.filter((upload) => upload.done === null))
      for (const [n, file] of sealed.files.entries()) {
        const { status, body } = await parts(sealed, file)
        if (status === 410) continue
        const there = (status === 200 ? body.data.parts : []) as number[]
        const promised = [...answered]
          .filter((name) => name.startsWith(`${n} `))
          .map((name) => Number(name.split(' ')[1]))
        expect({ done, there }).toEqual({ done: null, there: expect.arrayContaining(promised) })
      }
    // Each goes on with one that no other has: two would burn and complete the same.
    const unfinished = all.filter((upload) => upload.done === null)
    const take = (): Upload => unfinished.splice(random.below(unfinished.length), 1)[0] ?? begin()
    const uploading = Array.from({ length: uploaders }, async () => {
      let next = random.chance(0.7) ? take() : begin()
      while (await proceed(running.url, next, random.chance(0.3)).catch(lost)) next = begin()
    })
    await sleep(200 + random.below(800))
    await server.stop('SIGKILL')
    await Promise.all(uploading)
  }

  const { config } = readConfig({ HALFKEY_DATA_DIR: home.data, HALFKEY_SERVER_KEY_FILE: home.serverKey })
  const { store } = await openStore(config)
  const blobs = await openBlobs(config)
  const log = pino({ enabled: false })
  expect(await findStrayBlobs({ store, blobs })).toMatchObject({ orphans: [], lost: [] })
  await removeDueBlobs({ store, blobs, log, clock: { now: () => Date.now() + 3_600_000 } })
  const kept = (await store.listPartRecords('', 10_000)).map(({ name }) => name)
  expect(onDisk()).toEqual(kept)
  expect(readDatabase(home.data, (db) => db.prepare('SELECT name FROM blobs ORDER BY name').pluck().all())).toEqual(
    kept,
  )
  await blobs.close()
  await store.close()

  server = await startServer(home, { HALFKEY_LOG: 'off' })
  const { grantOf, fetchFile } = attachmentCalls(caller(server.url))
  for (const { sealed } of all.filter(({ done }) => done === 'completed')) {
    const grant = await grantOf(sealed)
    for (const file of sealed.files)
      expect((await fetchFile(sealed, grant, {}, file)).bytes.equals(file.bytes)).toBe(true)
  }
  expect(all.filter(({ done }) => done !== null).length, 'uploads that got to their end').toBeGreaterThan(0)
  expect(await server.stop()).toBe(0)
  readDatabase(home.data, expectSound)
}, 180_000)
