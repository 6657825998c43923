/** Attachments through the real server: over a line that is cut at random, and after failures. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect as connectTo, createServer, type AddressInfo, type Socket } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { PART_LENGTH } from '../src/protocol/chunks.ts'
import { openLink } from '../src/open.ts'
import { random } from '../src/provider.ts'
import { equal, folder, pattern, streamed } from './attachments.ts'
import { buildPackage } from './built.ts'
import { errorOf } from './refusal.ts'
import { startServer, type RealServer } from './server.ts'

let server: RealServer
let owner: Halfkey

beforeAll(async () => {
  server = await startServer({ HALFKEY_RATE_LIMIT: 'off' })
  owner = new Halfkey({ baseUrl: server.url, token: server.token, workspaceKey: b64(await random(32)) })
})

afterAll(() => server.stop())

/** Passes bytes on, and cuts each connection after as many as `budget` says. */
async function startCuttingProxy(budget: () => number): Promise<{ url: string; cuts: () => number }> {
  const sockets = new Set<Socket>()
  let cuts = 0
  const proxy = createServer((client) => {
    const upstream = connectTo(Number(new URL(server.url).port), '127.0.0.1')
    let left = budget()
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => {
        left -= bytes.length
        if (left >= 0) {
          if (!to.write(bytes)) from.pause()
        } else if (!from.destroyed) {
          cuts++
          client.destroy()
          upstream.destroy()
        }
      })
      to.on('drain', () => from.resume())
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, cuts: () => cuts }
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('files and text go from sender to recipient; the owner sees the names; after the ack they are gone', async () => {
  const all = [pattern(PART_LENGTH + 1), pattern(0), pattern(70_000)]
  const attachments = all.map((bytes, i) => streamed(`${i}.bin`, bytes))
  const secret = await owner.createSecret('text', { attachments, description: 'with files' })
  const details = await owner.getSecretDetails(secret.slug)
  expect(details).toMatchObject({
    status: 'active',
    hasAttachments: true,
    attachmentsCount: 3,
    description: 'with files',
  })
  expect(details.attachments).toEqual([{ name: '0.bin' }, { name: '1.bin' }, { name: '2.bin' }])

  const link = await openLink(secret.shareUrl)
  expect(link.files.map(({ size }) => size)).toEqual([PART_LENGTH + 1 + 33 * 28, 28, 70_028])
  const opened = await link.reveal()
  expect(opened.text).toBe('text')
  const home = folder()
  for (const [i, file] of opened.files.entries()) {
    expect(equal(readFileSync(await file.save(home)), all[i] as Uint8Array)).toBe(true)
  }
  await opened.done()
  expect((await errorOf(opened.files[0]?.bytes() as Promise<unknown>)).code).toBe('GONE')
  expect((await errorOf(openLink(secret.shareUrl))).code).toBe('GONE')
})

test('without a token the manage key uploads, a text isn’t needed, and files alone come back', async () => {
  const anonymous = new Halfkey({ baseUrl: server.url })
  const secret = await anonymous.createSecret('', {
    attachments: [new File(['hello'], 'a.txt', { type: 'text/plain' })],
  })
  const opened = await (await openLink(secret.shareUrl)).reveal()
  expect(opened.text).toBeUndefined()
  expect(Buffer.from((await opened.files[0]?.bytes()) as Uint8Array).toString()).toBe('hello')
})

test('a password guards files too, and a wrong one doesn’t get a grant', async () => {
  const secret = await owner.createSecret('', { attachments: [new Blob(['x'])], password: 'p' })
  const link = await openLink(secret.shareUrl)
  expect((await errorOf(link.reveal({ password: 'wrong' }))).code).toBe('PASSWORD_WRONG')
  expect(await (await link.reveal({ password: 'p' })).files[0]?.bytes()).toHaveLength(1)
})

describe('a line that is cut at random', () => {
  test(
    'in both directions: 200 MiB arrive, their digest equal, and one view is spent',
    { timeout: 300_000 },
    async () => {
      const bytes = pattern(25 * PART_LENGTH + 12_345)
      const file = path.join(folder(), 'source.bin')
      writeFileSync(file, bytes)
      const seeds = [0.3, 0.9, 0.1, 0.7, 0.5]
      let n = 0
      // Sometimes less than a part, sometimes more, so that it ends.
      const proxy = await startCuttingProxy(() => (seeds[n++ % 5] as number) * 3 * PART_LENGTH)
      const sender = new Halfkey({ baseUrl: proxy.url, token: server.token })
      const { shareUrl, slug } = await sender.createSecret('', { attachments: [file], views: 2 })
      const uploadCuts = proxy.cuts()
      expect(uploadCuts).toBeGreaterThan(0)
      const opened = await (await openLink(shareUrl.replace(server.url, proxy.url))).reveal()
      const saved = await (opened.files[0] as { save: (to: string) => Promise<string> }).save(folder())
      expect(proxy.cuts()).toBeGreaterThan(uploadCuts)
      expect(digest(readFileSync(saved))).toBe(digest(bytes))
      expect((await owner.getSecretDetails(slug)).currentViews).toBe(1)
    },
  )
})

test('an upload that is aborted leaves no secret behind', async () => {
  const { pagination } = await owner.listSecrets()
  const stop = new AbortController()
  const attachments = [streamed('a', pattern(4 * PART_LENGTH))]
  const onProgress = ({ done }: { done: number }) => {
    if (done > PART_LENGTH) stop.abort()
  }
  const error = await errorOf(owner.createSecret('', { attachments, signal: stop.signal, onProgress }))
  expect(error).toMatchObject({ code: 'ABORTED', message: expect.stringContaining('Nothing is left') as string })
  expect((await owner.listSecrets()).pagination.total).toBe(pagination.total)
})

test('a file over the server’s limit is refused by name before anything is uploaded', async () => {
  const small = await startServer({ HALFKEY_MAX_FILE_BYTES: '100000' })
  onTestFinished(small.stop)
  const client = new Halfkey({ baseUrl: small.url, token: small.token })
  const error = await errorOf(client.createSecret('', { attachments: [streamed('a', pattern(200_000))] }))
  expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', status: 413, details: { limit: 'file' } })
})

test('a server without files refuses attachments by that name', async () => {
  const off = await startServer({ HALFKEY_FILES: 'off' })
  onTestFinished(off.stop)
  const client = new Halfkey({ baseUrl: off.url, token: off.token })
  const error = await errorOf(client.createSecret('', { attachments: [new Blob(['x'])] }))
  expect(error.code).toBe('VALIDATION_ERROR')
  expect(Object.keys(error.details ?? {})).toEqual(['attachments'])
})

test('memory holds the parts in flight, not the file: 300 MiB up and down', { timeout: 180_000 }, async () => {
  const { dist, remove } = buildPackage()
  onTestFinished(remove)
  const script = `
    import { Halfkey, openLink } from ${JSON.stringify(path.join(dist, 'index.js'))}
    const client = new Halfkey({ baseUrl: ${JSON.stringify(server.url)}, token: ${JSON.stringify(server.token)} })
    const size = 300 * 2 ** 20
    async function* stream() {
      for (let sent = 0; sent < size; sent += 2 ** 20) yield new Uint8Array(2 ** 20).fill(sent >> 20)
    }
    const small = await client.createSecret('', { attachments: [new Blob(['x'])] })
    await (await (await openLink(small.shareUrl)).reveal()).files[0].bytes()
    const before = process.memoryUsage.rss()
    const { shareUrl } = await client.createSecret('', { attachments: [{ name: 'a', size, stream }] })
    const { files } = await (await openLink(shareUrl)).reveal()
    let length = 0
    for await (const chunk of files[0].stream()) length += chunk.length
    const grown = process.resourceUsage().maxRSS * 1024 - before
    console.log(JSON.stringify({ length, grown }))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  const { length, grown } = JSON.parse(stdout) as { length: number; grown: number }
  expect(length).toBe(300 * 2 ** 20)
  expect(grown).toBeLessThan(200 * 2 ** 20)
})
