/**
 * A file of 1 GiB through the pages, in Chromium: sent by the one at /, saved by the one at /SLUG. The memory of their
 * processes.
 *
 *     node bench/files-page.ts [--quick]
 */
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { findBrowser } from '../packages/sdk/test/browser.ts'
import { holdFloors, makeFolder, median, printMachine, printTable, quick, startHalfkey } from './harness.ts'

const mebibyte = 2 ** 20
const size = (quick ? 16 : 1024) * mebibyte
const rounds = quick ? 1 : 3
const name = 'plain.bin'
/** Milliseconds that one way of the file may take. */
const timeout = 600_000

interface Run {
  ms: number
  /** Peak resident memory of the page's process, in bytes: what the kernel keeps as VmHWM (proc_pid_status(5)). */
  peak: number
}

const results = new Map<string, Run[]>()
const of = (what: string, field: keyof Run): number => median((results.get(what) ?? []).map((run) => run[field]))

function makeFile(file: string): void {
  const target = openSync(file, 'w')
  for (let at = 0; at < size; at += mebibyte) writeSync(target, randomBytes(mebibyte))
  closeSync(target)
}

/** Of the largest of the browser's pages. */
async function peakMemory(context: BrowserContext): Promise<number> {
  const session = await context.browser()?.newBrowserCDPSession()
  const { processInfo } = (await session?.send('SystemInfo.getProcessInfo')) ?? { processInfo: [] }
  const peaks = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? NaN))
  return Math.max(...peaks) * 1024
}

/**
 * Does `work` on a page in a browser of its own, whose profile lies on the disk: a private window would keep what it
 * writes in memory.
 *
 * @param work  returns the milliseconds that count
 */
async function inBrowser(folder: string, what: string, work: (page: Page) => Promise<number>): Promise<void> {
  const profile = path.join(folder, 'profile')
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowser(),
    args: ['--no-sandbox'],
  })
  try {
    const page = context.pages()[0] ?? (await context.newPage())
    page.setDefaultTimeout(timeout)
    const ms = await work(page)
    results.set(what, [...(results.get(what) ?? []), { ms, peak: await peakMemory(context) }])
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Runs in the page: saves where only the page may, as nobody is there to answer the browser's own question. */
function saveInside(): void {
  const pick = async ({ suggestedName }: { suggestedName: string }) =>
    (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
  Object.assign(globalThis, { showSaveFilePicker: pick })
}

const savedSize = (page: Page): Promise<number> =>
  page.evaluate(async (name) => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(name)
    return (await handle.getFile()).size
  }, name)

async function expectWhole(page: Page): Promise<void> {
  const saved = await savedSize(page)
  if (saved !== size) throw new Error(`${saved} of ${size} bytes were saved`)
}

async function sendByPage(page: Page, address: string, file: string): Promise<{ ms: number; link: string }> {
  await page.goto(address)
  await page.locator('#files').setInputFiles(file)
  await page.locator('.files li').waitFor()
  const link = page.locator('#link')
  const ms = await timed(async () => {
    await page.locator('#share').click()
    await link.waitFor()
  })
  return { ms, link: await link.innerText() }
}

async function saveByPage(page: Page, link: string): Promise<number> {
  await page.addInitScript(saveInside)
  await page.goto(link)
  await page.locator('button.primary').click()
  const save = page.getByRole('button', { name: `Save ${name}` })
  await save.waitFor()
  const ms = await timed(async () => {
    await save.click()
    await page.getByText('Saved.').waitFor()
  })
  await expectWhole(page)
  return ms
}

printMachine()
using folder = makeFolder()
const plain = path.join(folder.path, name)
makeFile(plain)

{
  await using server = await startHalfkey(folder.path, {
    HALFKEY_LOG: 'off',
    HALFKEY_ANONYMOUS_MAX_FILE_BYTES: String(2 * size),
  })
  for (let round = 0; round < rounds; round++) {
    let link = ''
    await inBrowser(folder.path, 'sent', async (page) => {
      const sent = await sendByPage(page, server.address, plain)
      link = sent.link
      return sent.ms
    })
    await inBrowser(folder.path, 'saved', (page) => saveByPage(page, link))
  }
}

const rate = (what: string): number => size / 1e6 / (of(what, 'ms') / 1000)
const peak = (what: string): number => of(what, 'peak') / mebibyte
printTable(
  [`${size / mebibyte} MiB`, 'MB/s', 'peak of the page, MiB'],
  [...results.keys()].map((what) => [what, rate(what).toFixed(0), peak(what).toFixed(0)]),
)
holdFloors([
  { what: 'sending, memory', value: peak('sent'), most: 300, unit: 'MiB' },
  { what: 'saving, memory', value: peak('saved'), most: 300, unit: 'MiB' },
])
