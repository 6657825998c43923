/** Saving files in a browser, with streams made here in place of the SDK's. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type * as Save from '../src/open/save.ts'
import { openStage, type Stage } from './stage.ts'

declare const save: typeof Save

let stage: Stage
let script: string

beforeAll(async () => {
  const entry = path.join(import.meta.dirname, '../src/open/save.ts')
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'save' } },
  })
  const [output] = Array.isArray(built) ? built : []
  script = output?.output[0].code ?? ''
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(() => stage.clear())

/** A page with `save`, and with the picker's file kept by the browser for the page alone, or without a picker. */
async function pageWith(hasPicker: boolean): Promise<Page> {
  const page = await stage.newPage()
  await page.goto(`${stage.url}/nothing`)
  await page.evaluate(`${script};globalThis.save=save`)
  await page.evaluate((given) => {
    const pick = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
    Object.assign(globalThis, { showSaveFilePicker: given ? pick : undefined })
  }, hasPicker)
  return page
}

/** Saves three pieces, or two and then an error; what became of it. */
const saveIn = (page: Page, { name = 'a.bin', breaks = false, stops = false, length = 1000 }) =>
  page.evaluate(
    async ([name, breaks, stops, length]) => {
      const abort = new AbortController()
      const progress: number[] = []
      let sent = 0
      const stream = () =>
        new ReadableStream<Uint8Array<ArrayBuffer>>({
          pull(controller) {
            if (sent === 2 && breaks) throw new Error('tampered')
            if (sent === 3) return controller.close()
            controller.enqueue(new Uint8Array(length).fill(++sent))
          },
        })
      const onProgress = (done: number) => {
        progress.push(done)
        if (stops) abort.abort()
      }
      const file = { name, type: 'text/html', size: 3 * length, stream }
      const outcome = await save.saveFile(file as never, { onProgress, signal: abort.signal }).then(
        () => 'saved',
        (error: unknown) => (error as Error).name,
      )
      return { outcome, progress }
    },
    [name, breaks, stops, length] as const,
  )

const sizeIn = (page: Page, name: string): Promise<number> =>
  page.evaluate(async (name) => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(name)
    return (await handle.getFile()).size
  }, name)

describe('where the browser writes as it reads', () => {
  test('a file is written whole, with its progress', async () => {
    const page = await pageWith(true)
    expect(await saveIn(page, {})).toEqual({ outcome: 'saved', progress: [1000, 2000, 3000] })
    expect(await sizeIn(page, 'a.bin')).toBe(3000)
  })

  test.each([
    ['fails in the middle', { breaks: true }, 'Error'],
    ['is stopped', { stops: true }, 'AbortError'],
  ])('one that %s leaves nothing under its name', async (_, options, outcome) => {
    const page = await pageWith(true)
    expect((await saveIn(page, options)).outcome).toBe(outcome)
    expect(await sizeIn(page, 'a.bin')).toBe(0)
  })
})

describe('elsewhere', () => {
  test.each([1000, 6 * 2 ** 20])(
    'a file of pieces of %i bytes is downloaded whole, as bytes that no program opens by itself',
    async (length) => {
      const page = await pageWith(false)
      const downloading = page.waitForEvent('download')
      expect((await saveIn(page, { name: 'report\u202egpj.exe', length })).outcome).toBe('saved')
      const download = await downloading
      expect(download.suggestedFilename()).toBe('reportgpj.exe')
      const bytes = readFileSync(await download.path())
      expect(bytes.equals(Buffer.concat([1, 2, 3].map((value) => Buffer.alloc(length, value))))).toBe(true)
    },
  )

  test('one that fails in the middle is not downloaded at all', async () => {
    const page = await pageWith(false)
    let downloads = 0
    page.on('download', () => downloads++)
    expect((await saveIn(page, { breaks: true })).outcome).toBe('Error')
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
    expect(downloads).toBe(0)
  })
})
