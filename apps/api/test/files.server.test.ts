import { readFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { partSize } from '../src/domain/secrets/attachment.ts'
import type { Attached } from './support/attached.ts'
import { attachmentCalls, firstFile, partOf, sealWithFiles } from './support/attached.ts'
import { readDatabase } from './support/database.ts'
import { readFiles } from './support/files.ts'
import { sendRaw } from './support/raw.ts'
import { useServer } from './support/running.ts'

const { home, server, call, create, burn, details } = useServer({
  HALFKEY_LOG: 'off',
  HALFKEY_REQUEST_TIMEOUT_SECONDS: '2',
})
const { put, complete, upload, grantOf, fetchFile } = attachmentCalls(call)

const blobs = path.join(home.data, 'blobs')
/** Bytes of everything in the folder of blobs, unfinished ones included. */
const stored = (): number => [...readFiles(blobs).values()].reduce((sum, { length }) => sum + length, 0)
const known = (): number =>
  readDatabase(home.data, (db) => db.prepare<[], number>('SELECT count(*) FROM blobs').pluck().get() ?? 0)
const expectNothingLeft = () => expect.poll(() => [stored(), known()], { timeout: 5000 }).toEqual([0, 0])

async function given(sizes?: number[]): Promise<Attached> {
  const sealed = sealWithFiles(sizes)
  expect((await create(sealed)).status).toBe(201)
  return sealed
}

const head = (sealed: Attached, ...lines: string[]): string =>
  [
    `PUT /api/v1/secrets/${sealed.slug}/files/${firstFile(sealed).id}/parts/0 HTTP/1.1`,
    'Host: halfkey.test',
    `Halfkey-Manage: ${sealed.manageKey}`,
    'Content-Type: application/octet-stream',
    ...lines,
    '',
    '',
  ].join('\r\n')

const residentSet = (): number => {
  const { pid } = server().child
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

describe('a part on the wire', () => {
  const block = Buffer.alloc(65_536, 7)
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), block, Buffer.from('\r\n')])

  function* endless(start: string, piece: Buffer): Generator<string | Buffer> {
    yield start
    for (;;) yield piece
  }

  test('declared 1 MB and sent without end: cut off with a 413 while it streams, in bounded memory', async () => {
    const sealed = await given([1_000_000])
    const before = residentSet()
    const sending = Array.from({ length: 20 }, () =>
      sendRaw(server().url, endless(head(sealed, 'Transfer-Encoding: chunked'), chunk)),
    )
    for (const { status, text, sent } of await Promise.all(sending)) {
      expect([status, text.includes('"limit":"part","maximum_bytes":1000000')]).toEqual([413, true])
      expect(sent).toBeLessThan(100e6)
    }
    expect(residentSet() - before).toBeLessThan(200e6)
    await expectNothingLeft()
  })

  test.each([
    ['10 GB', 'Content-Length: 10737418240', 413],
    ['one byte more', 'Content-Length: 1000001', 413],
    ['one byte less', 'Content-Length: 999999', 422],
    ['nothing', 'Content-Length: 0', 422],
  ])('said to be %s is refused before it is read', async (_, line, expected) => {
    const sealed = await given([1_000_000])
    const { status } = await sendRaw(server().url, [head(sealed, line, 'Connection: close')])
    expect(status).toBe(expected)
    await expectNothingLeft()
  })

  test.each([
    ['declared', 'Content-Length: 1000000', block],
    ['chunked', 'Transfer-Encoding: chunked', chunk],
  ])('%s and cut in the middle leaves nothing', async (_, line, piece) => {
    const sealed = await given([1_000_000])
    const { hostname, port } = new URL(server().url)
    const socket = net.connect(Number(port), hostname)
    socket.write(head(sealed, line))
    for (let n = 0; n < 8; n++) socket.write(piece)
    await expect.poll(known).toBe(1)
    socket.destroy()
    await expectNothingLeft()
    expect((await put(sealed)).status).toBe(200)
    await burn(sealed)
  })

  test('that trickles is waited for, one that stops is given up', async () => {
    const sealed = await given([1_000_000])
    const { hostname, port } = new URL(server().url)
    const bytes = partOf(firstFile(sealed), 0)
    const send = async (pieces: number, of: number): Promise<string> => {
      const socket = net.connect(Number(port), hostname)
      let text = ''
      socket.on('data', (data: Buffer) => (text += data.toString()))
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.on('error', () => undefined)
      socket.write(head(sealed, 'Content-Length: 1000000', 'Connection: close'))
      for (let n = 0; n < pieces; n++) {
        socket.write(bytes.subarray((n * bytes.length) / of, ((n + 1) * bytes.length) / of))
        await sleep(500)
      }
      await closed
      return text
    }
    expect(await send(5, 8)).not.toContain('200')
    await expectNothingLeft()
    expect(await send(8, 8), '4 s long, where a request has 2').toContain('HTTP/1.1 200')
    await burn(sealed)
  }, 20_000)
})

test('files of many parts arrive in parallel and come back whole, in bounded memory', async () => {
  const sealed = await given([12 * partSize + 1000])
  const file = firstFile(sealed)
  const before = residentSet()
  await Promise.all(Array.from({ length: 13 }, (_, part) => put(sealed, part)))
  expect((await complete(sealed)).status).toBe(200)
  const grant = await grantOf(sealed)
  const { status, headers, bytes } = await fetchFile(sealed, grant)
  expect([status, headers.get('Content-Length'), bytes.equals(file.bytes)]).toEqual([
    200,
    String(file.bytes.length),
    true,
  ])
  const range = await fetchFile(sealed, grant, { Range: `bytes=${partSize - 10}-${3 * partSize + 9}` })
  expect([range.status, range.bytes.equals(file.bytes.subarray(partSize - 10, 3 * partSize + 10))]).toEqual([206, true])
  expect(residentSet() - before).toBeLessThan(200e6)
  expect((await burn(sealed)).status).toBe(200)
  expect([stored(), known()]).toEqual([0, 0])
})

test('a burn cuts a download that is under way, on the wire', async () => {
  const sealed = sealWithFiles([4 * partSize])
  await upload(sealed)
  await complete(sealed)
  const grant = await grantOf(sealed)
  const { hostname, port } = new URL(server().url)
  const socket = net.connect(Number(port), hostname)
  const lines = [`Halfkey-Access: ${sealed.access}`, `Halfkey-Grant: ${grant}`, '', '']
  socket.write(
    [`GET /api/v1/links/${sealed.slug}/files/${firstFile(sealed).id} HTTP/1.1`, 'Host: halfkey.test', ...lines].join(
      '\r\n',
    ),
  )
  let received = 0
  await new Promise((resolve) => socket.once('readable', resolve))
  expect((await burn(sealed)).status).toBe(200)
  expect(stored()).toBe(0)
  for await (const data of socket) received += (data as Buffer).length
  expect(received).toBeLessThan(4 * partSize)
  expect((await details(sealed)).body.data.status).toBe('viewed')
  expect(server().output(), 'a cut reader is no error of the server’s').not.toContain('Error')
})
