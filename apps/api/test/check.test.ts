import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { findStrayBlobs, repairBlobs } from '../src/jobs/check-blobs.ts'
import type { Attached } from './support/attached.ts'
import { attachmentCalls, sealWithFiles, twoParts } from './support/attached.ts'
import { useApp } from './support/running-app.ts'
import { useServer } from './support/running.ts'
import { caller, conversation } from './support/sender.ts'
import { program } from './support/server.ts'

const nothing = { orphans: [], lost: [] }

describe('comparing attachments with the database', () => {
  const { app, call, details, reveal, historyOf, purge } = useApp()
  const { upload, complete, put, parts } = attachmentCalls(call)
  const find = () => findStrayBlobs(app())
  const repair = async () => repairBlobs(app().deps, await find())
  const newName = (): string => randomBytes(16).toString('hex')

  const given = async (sizes: number[], completed = true): Promise<Attached> => {
    const sealed = sealWithFiles(sizes)
    await upload(sealed)
    if (completed) expect((await complete(sealed)).status).toBe(200)
    return sealed
  }

  test('finds nothing wrong with what is uploaded, being uploaded, ended or purged', async () => {
    await given([twoParts, 28])
    await given([1000], false)
    await purge(await given([1000]))
    app().blobs.failing.add('remove')
    await purge(await given([1000]))
    await app().store.announceBlob(newName(), 0)
    expect(await find()).toEqual({ parts: 4, blobs: 5, ...nothing })
  })

  test('a blob that nobody knows is found, and removed', async () => {
    await given([1000])
    const stray = newName()
    app().blobs.kept.set(stray, Buffer.alloc(9))
    expect(await find()).toEqual({ parts: 1, blobs: 2, orphans: [stray], lost: [] })
    await repair()
    expect(await find()).toEqual({ parts: 1, blobs: 1, ...nothing })
  })

  test.each([
    ['is gone', (name: string) => void app().blobs.kept.delete(name)],
    ['is shorter', (name: string) => void app().blobs.kept.set(name, Buffer.alloc(10))],
    ['is longer', (name: string) => void app().blobs.kept.set(name, Buffer.alloc(9_000_000))],
  ])('an uploaded part whose blob %s is found, and can be sent again', async (_, damage) => {
    const sealed = await given([twoParts], false)
    damage([...app().blobs.kept.keys()][1] ?? '')
    expect((await find()).lost).toMatchObject([{ slug: sealed.slug, uploading: true }])
    await repair()
    expect(await find()).toEqual({ parts: 1, blobs: 1, ...nothing })
    const there = (await parts(sealed)).body.data.parts as number[]
    expect((await put(sealed, there[0] === 0 ? 1 : 0)).status).toBe(200)
    expect((await complete(sealed)).status).toBe(200)
  })

  test('a complete secret that lost a part is found, and burned; others are as they were', async () => {
    const [broken, whole] = [await given([twoParts]), await given([1000])]
    const [record] = (await app().store.listPartRecords('', 100)).filter(({ slug }) => slug === broken.slug)
    app().blobs.kept.delete(record?.name ?? '')
    expect((await find()).lost).toMatchObject([{ slug: broken.slug, uploading: false }])
    await repair()
    expect(await find()).toEqual({ parts: 1, blobs: 1, ...nothing })
    expect(await historyOf(broken)).toEqual(['created', 'burned operator'])
    expect((await details(whole)).body.data.status).toBe('active')
    expect((await reveal(whole)).status).toBe(200)
  })

  test('what ends while it is compared is no finding', async () => {
    await given([1000])
    const ending = await given([1000])
    const { store, blobs } = app()
    const list = blobs.list.bind(blobs)
    blobs.list = async function* () {
      yield* list()
      await purge(ending)
    }
    expect(await findStrayBlobs({ store, blobs })).toMatchObject(nothing)
    const again = sealWithFiles([1000])
    const removed = { name: '', size: 1000, modifiedAt: 0 }
    blobs.list = async function* () {
      yield* list()
      await upload(again)
      removed.name = [...blobs.kept.keys()].at(-1) ?? ''
      await purge(again)
      yield removed
    }
    expect(await findStrayBlobs({ store, blobs })).toMatchObject(nothing)
  })
})

describe('halfkey-api check', () => {
  const { home, server } = useServer({ HALFKEY_LOG: 'off' })
  const blobs = path.join(home.data, 'blobs')

  const run = (...words: string[]): Promise<{ code: number; text: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, HALFKEY_DATA_DIR: home.data, HALFKEY_SERVER_KEY_FILE: home.serverKey }
      execFile(process.execPath, [program, 'check', ...words], { env }, (error, stdout) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, text: stdout }),
      )
    })

  test('tells beside a running server what is wrong, fails if anything is, and repairs it if told so', async () => {
    const { upload, complete } = attachmentCalls(caller(server().url))
    const [uploading, damaged] = [sealWithFiles([1000]), sealWithFiles([1000])]
    await upload(uploading)
    await upload(damaged)
    await complete(damaged)
    expect(await run()).toEqual({
      code: 0,
      text: '2 parts of attachments, 2 blobs\nThe attachments match the database.\n',
    })

    const files = readdirSync(blobs, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files).toHaveLength(2)
    for (const [n, { parentPath, name }] of files.entries()) {
      const file = path.join(parentPath, name)
      if (n === 0) rmSync(file)
      else appendFileSync(file, 'x')
    }
    writeFileSync(path.join(blobs, 'ab', 'c'.repeat(30)), 'stray')
    const found = await run()
    expect(found.code).toBe(1)
    expect(found.text).toContain(`blob ab${'c'.repeat(30)} belongs to no attachment`)
    expect(found.text).toContain(`${uploading.slug} (still uploading) has lost part 0 of a file`)
    expect(found.text).toContain(`${damaged.slug} has lost parts of its files`)
    expect(await run('--repair')).toMatchObject({ code: 0 })
    expect(await run()).toEqual({
      code: 0,
      text: '0 parts of attachments, 0 blobs\nThe attachments match the database.\n',
    })
    const { details } = conversation(caller(server().url))
    expect((await details(damaged)).body.data.status).toBe('burned')
    expect((await details(uploading)).body.data.status).toBe('uploading')
  }, 30_000)
})
