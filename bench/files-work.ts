/**
 * One process of bench/files.ts: seals, opens, sends or fetches one file with the built SDK, and prints what it took as
 * JSON: milliseconds, and the bytes by which memory grew at most.
 */
import { openSync, read, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type * as Sdk from '../packages/sdk/src/index.ts'
import type { WireCreateRequest } from '../packages/sdk/src/wire.ts'
import { createdReply, statusReply } from './fake.ts'
import { built } from './harness.ts'

const { Halfkey, openLink } = (await import(built('packages/sdk/dist/index.js'))) as typeof Sdk

const [, , mode = '', file = '', sealed = '', address = '', link = ''] = process.argv
const partLength = 8_389_504

/** The least that a server does: what is left is the SDK's. `keep` writes what `seal` drops, for `open` to read. */
function stub(create: { current?: WireCreateRequest }) {
  const target = openSync(sealed, mode === 'keep' ? 'w' : 'r')
  return async (input: unknown, init?: RequestInit): Promise<Response> => {
    const path = new URL(input as string).pathname
    const part = /\/parts\/(\d+)$/.exec(path)?.[1]
    if (part !== undefined) {
      if (mode === 'keep') {
        const bytes = new Uint8Array(await new Response(init?.body).arrayBuffer())
        writeSync(target, bytes, 0, bytes.length, Number(part) * partLength)
      }
      return reply({ part: Number(part), size: 0 })
    }
    if (path.endsWith('/secrets')) create.current = JSON.parse(init?.body as string) as WireCreateRequest
    const kept = create.current
    if (!kept) throw new Error('nothing was created')
    if (path.includes('/files/')) return streamed(target, kept.attachments?.[0]?.size ?? 0)
    if (path.endsWith('/reveal')) return reply({ key_a: kept.key_a, envelope: kept.envelope, grant: 'AAAA' })
    return reply(path.endsWith('/status') ? statusReply(kept) : createdReply(kept, address))
  }
}

const reply = (data: unknown): Response => Response.json({ success: true, message: '', data })

/** Read ahead by one piece, off the main thread, as a socket would be; each memory again once its piece was read. */
function streamed(source: number, size: number): Response {
  const pieces = [0, 1].map(() => Buffer.allocUnsafeSlow(1_048_576))
  const readAt = async (at: number): Promise<Uint8Array<ArrayBuffer>> => {
    const piece = pieces[(at / 1_048_576) % 2] as Buffer<ArrayBuffer>
    const { bytesRead } = await promisify(read)(source, piece, 0, piece.length, at)
    return new Uint8Array(piece.buffer, 0, bytesRead)
  }
  let [at, next] = [0, readAt(0)]
  const body = new ReadableStream(
    {
      async pull(controller) {
        const piece = await next
        at += piece.length
        if (at < size) next = readAt(at)
        controller.enqueue(piece)
        if (at === size) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: { 'Content-Length': String(size), 'Accept-Ranges': 'bytes' } })
}

let base = 0
let peak = 0
const sample = (): void => {
  peak = Math.max(peak, process.memoryUsage.rss())
}

async function timed(work: () => Promise<void>): Promise<number> {
  globalThis.gc?.()
  base = process.memoryUsage.rss()
  const timer = setInterval(sample, 20)
  const start = performance.now()
  await work()
  const ms = performance.now() - start
  clearInterval(timer)
  return ms
}

/** `giveBack`: the memory of each chunk as soon as it was read, instead of when the garbage collector comes by. */
async function drain(opened: Sdk.Opened, giveBack: boolean): Promise<void> {
  let length = 0
  const file = opened.files[0]
  if (!file) throw new Error('no file came')
  for await (const chunk of file.stream() as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    length += chunk.length
    if (giveBack) (chunk.buffer as ArrayBuffer & { transfer: (length: number) => void }).transfer(0)
  }
  if (length !== file.size) throw new Error(`${length} bytes came, not ${file.size}`)
}

let result: { ms: number; link?: string }
if (['keep', 'seal', 'open', 'open-only'].includes(mode)) {
  const create: { current?: WireCreateRequest } = {}
  const kept = `${sealed}.json`
  if (!mode.startsWith('open')) {
    const client = new Halfkey({ baseUrl: address, fetch: stub(create) })
    let made: Sdk.SharedSecret | undefined
    const ms = await timed(async () => {
      made = await client.createSecret('', { attachments: [file] })
    })
    if (mode === 'keep') writeFileSync(kept, JSON.stringify({ create: create.current, link: made?.shareUrl }))
    result = { ms }
  } else {
    const saved = JSON.parse(readFileSync(kept, 'utf8')) as { create: WireCreateRequest; link: string }
    create.current = saved.create
    const opening = await openLink(saved.link, { fetch: stub(create) })
    const opened = await opening.reveal()
    result = { ms: await timed(() => drain(opened, mode === 'open')) }
  }
} else if (mode === 'send') {
  const token = process.env['BENCH_TOKEN']
  const client = new Halfkey({ baseUrl: address, ...(token !== undefined && { token }) })
  let made: Sdk.SharedSecret | undefined
  const ms = await timed(async () => {
    made = await client.createSecret('', { attachments: [file] })
  })
  result = { ms, ...(made && { link: made.shareUrl }) }
} else {
  const opened = await (await openLink(link)).reveal()
  result = { ms: await timed(() => drain(opened, true)) }
  await opened.done()
}
sample()
console.log(JSON.stringify({ ...result, grew: peak - base }))
