/**
 * What sealing and opening cost in Node, against the built SDK, and what the browser bundles weigh.
 *
 *     node bench/sdk.ts [--quick]
 */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type * as Sdk from '../packages/sdk/src/index.ts'
import type { WireCreateRequest } from '../packages/sdk/src/wire.ts'
import { createdReply, statusReply } from './fake.ts'
import { built, holdFloors, median, printMachine, quick } from './harness.ts'

const { Halfkey } = (await import(built('packages/sdk/dist/index.js'))) as typeof Sdk

const baseUrl = 'https://halfkey.invalid'
const kept = new Map<string, WireCreateRequest>()

/** The server's part of the conversation, in memory: what is left is the SDK's. */
function answer(path: string, body: string): unknown {
  const [slug = '', step] = path.split('/').slice(-2)
  if (path === '/api/v1/secrets') {
    const create = JSON.parse(body) as WireCreateRequest
    kept.set(create.slug, create)
    return createdReply(create, baseUrl)
  }
  const secret = kept.get(slug)
  if (!secret) throw new Error(`nothing is kept at ${path}`)
  if (step === 'reveal') return { key_a: secret.key_a, envelope: secret.envelope, grant: '' }
  return statusReply(secret)
}

const client = new Halfkey({
  baseUrl,
  fetch: (url, init) => {
    const data = answer(new URL(url as string).pathname, init?.body as string)
    return Promise.resolve(Response.json({ success: true, message: '', data }))
  },
})

const text = 'x'.repeat(1024)

async function sealAndOpen(password?: string): Promise<void> {
  const { shareUrl } = await client.createSecret(text, { password })
  const link = await client.openLink(shareUrl)
  const opened = await link.reveal({ password })
  if (opened.text !== text) throw new Error('what was opened is not what was sealed')
}

/** Two PBKDF2 as bare as WebCrypto has them: the sender's and the recipient's (spec/protocol.md section 4). */
async function stretchTwice(): Promise<void> {
  const { subtle } = globalThis.crypto
  for (const salt of [new Uint8Array(32), new Uint8Array(32).fill(1)]) {
    const key = await subtle.importKey('raw', new TextEncoder().encode('correct horse'), 'PBKDF2', false, [
      'deriveBits',
    ])
    await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 600_000 }, key, 256)
  }
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function times(count: number, work: () => Promise<void>): Promise<number[]> {
  const all: number[] = []
  while (all.length < count) all.push(await milliseconds(work))
  return all
}

/** KiB after gzip -9. */
const weight = (file: string): number => gzipSync(readFileSync(built(file)), { level: 9 }).length / 1024

printMachine()
await times(quick ? 1 : 200, () => sealAndOpen())
const withoutPassword = await times(quick ? 1 : 1000, () => sealAndOpen())

const withPassword: number[] = []
const bare: number[] = []
for (let round = 0; round < (quick ? 1 : 9); round++) {
  bare.push(await milliseconds(stretchTwice))
  withPassword.push(await milliseconds(() => sealAndOpen('correct horse')))
}

holdFloors([
  { what: 'seal and open 1 KiB', value: median(withoutPassword), most: 1.5, unit: 'ms' },
  { what: 'with a password / two bare PBKDF2', value: median(withPassword) / median(bare), most: 1.1 },
  { what: 'halfkey.min.js, gzipped', value: weight('packages/sdk/dist/halfkey.min.js'), most: 12, unit: 'KiB' },
  { what: 'open.min.js, gzipped', value: weight('packages/sdk/dist/open.min.js'), most: 8.1, unit: 'KiB' },
])
