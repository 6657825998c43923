/** Files saved by Node: whole or not at all, where they were asked for and nowhere else. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { CHUNK_LENGTH, SEALED_CHUNK_LENGTH } from '../src/protocol/chunks.ts'
import { openLink } from '../src/open.ts'
import type { OpenedFile } from '../src/link/opened-file.ts'
import { safeName } from '../src/link/save.ts'
import { connect, equal, folder, pattern, streamed } from './attachments.ts'
import type { Faults } from './file-server.ts'
import { errorOf } from './refusal.ts'

const bytes = pattern(3 * CHUNK_LENGTH + 10)

async function shared(name = 'report.pdf', faults: Faults = {}) {
  const { client, ranges } = await connect(faults)
  const { shareUrl } = await client.createSecret('', { attachments: [streamed(name, bytes)] })
  const opened = await (await openLink(shareUrl)).reveal()
  return { opened, file: opened.files[0] as OpenedFile, ranges }
}

test('to a path, or into a folder under the sender’s name, with no temporary left', async () => {
  const { opened, file } = await shared()
  const home = folder()
  expect(await file.save(path.join(home, 'mine'))).toBe(path.join(home, 'mine'))
  expect(await file.save(home)).toBe(path.join(home, 'report.pdf'))
  expect(readdirSync(home).sort()).toEqual(['mine', 'report.pdf'])
  for (const name of readdirSync(home)) expect(equal(readFileSync(path.join(home, name)), bytes)).toBe(true)
  await opened.done()
})

test('into a folder that isn’t there yet, where the path ends with a slash', async () => {
  const { file } = await shared()
  const home = folder()
  expect(await file.save(`${home}/new/received/`)).toBe(path.join(home, 'new/received/report.pdf'))
})

test('for its user alone', async () => {
  const { file } = await shared()
  const saved = await file.save(folder())
  expect(statSync(saved).mode & 0o777).toBe(0o600)
})

test.each([false, true])('flushed before it has its name, and then the name (overwrite: %s)', async (overwrite) => {
  const { file } = await shared()
  const target = path.join(folder(), 'mine')
  const handle = await open(path.dirname(target))
  const proto = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const { value: sync } = Object.getOwnPropertyDescriptor(proto, 'sync') as { value: FileHandle['sync'] }
  const flushed: { bytes: number | 'a folder'; hasName: boolean }[] = []
  const spy = vi.spyOn(proto, 'sync').mockImplementation(async function (this: FileHandle) {
    const stats = await this.stat()
    flushed.push({ bytes: stats.isFile() ? stats.size : 'a folder', hasName: existsSync(target) })
    return sync.call(this)
  })
  onTestFinished(() => spy.mockRestore())
  await file.save(target, { overwrite })
  expect(flushed).toEqual([
    { bytes: bytes.length, hasName: false },
    { bytes: 'a folder', hasName: true },
  ])
})

test('a cut line is taken up', async () => {
  const { file } = await shared('a', { cutAfter: (n) => (n === 0 ? SEALED_CHUNK_LENGTH + 9 : undefined) })
  expect(equal(readFileSync(await file.save(folder())), bytes)).toBe(true)
})

describe('an existing file', () => {
  test('is never replaced silently: the error names it, before anything is fetched', async () => {
    const { file, ranges } = await shared()
    const taken = path.join(folder(), 'report.pdf')
    writeFileSync(taken, 'mine')
    for (const target of [taken, path.dirname(taken)]) {
      const error = await errorOf(file.save(target))
      expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { path: [`${taken} already exists`] } })
      expect(error.cause).toMatchObject({ code: 'EEXIST' })
    }
    expect(ranges).toEqual([])
    expect(readFileSync(taken, 'utf8')).toBe('mine')
    expect(readdirSync(path.dirname(taken))).toEqual(['report.pdf'])
  })

  test('that appears meanwhile isn’t either', async () => {
    const { file } = await shared()
    const target = path.join(folder(), 'late')
    const error = await errorOf(file.save(target, { onProgress: () => writeFileSync(target, 'mine') }))
    expect(error.details).toEqual({ path: [`${target} already exists`] })
    expect(error.cause).toMatchObject({ code: 'EEXIST' })
    expect(readFileSync(target, 'utf8')).toBe('mine')
    expect(readdirSync(path.dirname(target))).toEqual(['late'])
  })

  test('a link to nowhere counts as one', async () => {
    const { file } = await shared()
    const home = folder()
    symlinkSync(path.join(home, 'elsewhere'), path.join(home, 'link'))
    expect((await errorOf(file.save(path.join(home, 'link')))).code).toBe('VALIDATION_ERROR')
    expect(existsSync(path.join(home, 'elsewhere'))).toBe(false)
  })

  test('is replaced at once when that is asked for, and a link itself, not what it points to', async () => {
    const { file } = await shared()
    const home = folder()
    const [old, link] = [path.join(home, 'old'), path.join(home, 'link')]
    writeFileSync(old, 'mine', { mode: 0o644 })
    symlinkSync(old, link)
    await file.save(link, { overwrite: true })
    expect(readFileSync(old, 'utf8')).toBe('mine')
    await file.save(old, { overwrite: true })
    expect(equal(readFileSync(old), bytes)).toBe(true)
    expect(statSync(old).mode & 0o777).toBe(0o600)
  })
})

describe('what fails leaves nothing, under no name', () => {
  const flip = (sealed: Buffer) => {
    sealed[2 * SEALED_CHUNK_LENGTH + 50] = (sealed[2 * SEALED_CHUNK_LENGTH + 50] ?? 0) ^ 1
    return sealed
  }

  test.each<[string, (sealed: Buffer) => Buffer]>([
    ['changed', flip],
    ['cut to its first chunk', (sealed) => sealed.subarray(0, SEALED_CHUNK_LENGTH)],
    ['with bytes added', (sealed) => Buffer.concat([sealed, Buffer.of(0)])],
  ])('a file %s', async (_, tamper) => {
    const { file } = await shared('a', { tamper })
    const home = folder()
    expect((await errorOf(file.save(home))).code).toBe('TAMPERED')
    expect(readdirSync(home)).toEqual([])
  })

  test('an abort', async () => {
    const { file } = await shared()
    const home = folder()
    const stop = new AbortController()
    const error = await errorOf(file.save(home, { signal: stop.signal, onProgress: () => stop.abort() }))
    expect(error.code).toBe('ABORTED')
    expect(readdirSync(home)).toEqual([])
  })

  test.each([
    ['a folder that isn’t there', (home: string) => path.join(home, 'no', 'file')],
    ['a file as folder', (home: string) => path.join(home, 'plain', 'file')],
  ])('%s: VALIDATION_ERROR with the path and the system’s code', async (_, target) => {
    const { file, opened } = await shared()
    const home = folder()
    writeFileSync(path.join(home, 'plain'), '')
    const error = await errorOf(file.save(target(home)))
    expect(error.code).toBe('VALIDATION_ERROR')
    expect(error.message).toMatch(/can't be written \((ENOENT|ENOTDIR)\)/)
    expect(readdirSync(home)).toEqual(['plain'])
    await opened.done()
  })
})

test('hostile names stay in the folder, as plain files', async () => {
  for (const name of ['../../evil', '..\\..\\evil', '/etc/evil', 'C:\\evil', '..', '.', 'a\0/../evil', '~/evil']) {
    const { file } = await shared(name)
    const home = folder()
    mkdirSync(path.join(home, 'in'))
    const saved = await file.save(path.join(home, 'in'))
    expect(path.dirname(saved)).toBe(path.join(home, 'in'))
    expect(readdirSync(home)).toEqual(['in'])
  }
})

test.each([
  ['report.pdf', 'report.pdf'],
  ['.env', '.env'],
  ['naïve 文件 🔑.txt', 'naïve 文件 🔑.txt'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['com1.tar.gz', '_com1.tar.gz'],
  ['COM¹', '_COM¹'],
  ['console.log', 'console.log'],
  ['file.txt:stream', 'file.txt_stream'],
  ['what?*<>|".txt', 'what______.txt'],
  ['trailing. . .', 'trailing'],
  ['  leading', 'leading'],
  ['...', 'file'],
  ['', 'file'],
  ['gpj.\u202eexe.txt', 'gpj.exe.txt'],
  ['a\u2066b\u2069\u200f.txt', 'ab.txt'],
  ['a\r\nb\u0085\u2028', 'ab'],
  [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(251)}.pdf`],
  [`${'é'.repeat(300)}.pdf`, `${'é'.repeat(125)}.pdf`],
  ['🔑'.repeat(100), '🔑'.repeat(63)],
  ['x'.repeat(2 ** 20), 'x'.repeat(255)],
])('the name %j becomes %j', (received, name) => {
  expect(safeName(received)).toBe(name)
})
