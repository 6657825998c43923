/** From one workspace key to another, interrupted at every step. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isLong } from '../../../apps/api/test/support/long.ts'
import type { HalfkeyOptions } from '../src/client-options.ts'
import { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { random } from '../src/provider.ts'
import { errorOf } from './refusal.ts'
import { startServer, type RealServer } from './server.ts'

let server: RealServer
let names = 0

beforeAll(async () => {
  server = await startServer({ HALFKEY_RATE_LIMIT: 'off' })
})
afterAll(() => server.stop())

const newKey = async () => b64(await random(32))
const client = (workspaceKey: string | string[], options: Partial<HalfkeyOptions> = {}) =>
  new Halfkey({ baseUrl: server.url, token: server.token, workspaceKey, retries: 0, ...options })

interface Things {
  handlers: string[]
  slugs: string[]
}

/** The workspace's key as the tests before left it; null: it has none. */
let current: string | null = null

/** Named secrets and secrets under the workspace's key, and a key to move to. */
async function given(): Promise<Things & { old: string; next: string }> {
  const old = current ?? (await newKey())
  const owner = client(old)
  await owner.setWorkspaceCheck()
  const prefix = `set-${++names}`
  const handlers = [`${prefix}/a`, `${prefix}/b`]
  for (const handler of handlers) {
    await owner.kms.put(handler, 'first of all')
    await owner.kms.put(handler, `value of ${handler}`, { name: `Name of ${handler}`, properties: { n: 1 } })
  }
  const slugs: string[] = []
  for (const description of ['alive', 'burned']) {
    const { slug } = await owner.createSecret('content', { description })
    slugs.push(slug)
    if (description === 'burned') await owner.deleteSecret(slug)
  }
  return { handlers, slugs, old, next: await newKey() }
}

/** Every newest value, name and description, as a client with these keys reads them. */
async function expectReadable(keys: string | string[], { handlers, slugs }: Things): Promise<void> {
  const owner = client(keys)
  for (const handler of handlers) {
    expect((await owner.kms.reveal(handler)).text).toBe(`value of ${handler}`)
    expect(await owner.kms.get(handler)).toMatchObject({ name: `Name of ${handler}`, properties: { n: 1 } })
  }
  const descriptions = await Promise.all(slugs.map(async (slug) => (await owner.getSecretDetails(slug)).description))
  expect(descriptions).toEqual(['alive', 'burned'])
}

test('moves every newest value and all metadata; afterwards the new key alone opens everything', async () => {
  const things = await given()
  const { old, next } = things
  const progress: string[] = []
  const report = await client([next, old]).rekey({ onProgress: ({ done, total }) => progress.push(`${done}/${total}`) })
  current = next
  expect(report).toEqual({ complete: true, moved: 6, opened: 4, skipped: [], failed: [] })
  expect(progress).toEqual([...Array<string[]>(2).fill(['1/4', '2/4', '3/4', '4/4'])].flat())
  await expectReadable(next, things)
  const stranger = client(old)
  expect((await errorOf(stranger.kms.reveal(things.handlers[0] ?? ''))).code).toBe('WRONG_KEY')
  expect((await errorOf(stranger.kms.put(things.handlers[0] ?? '', 'x'))).code).toBe('WRONG_KEY')
  expect((await client(next).getWorkspace()).workspaceCheck).not.toBeNull()
})

test('again does nothing more, and older versions stay with the key that they were sealed under', async () => {
  const things = await given()
  const { old, next, handlers } = things
  await client([next, old]).rekey()
  current = next
  const again = await client([next, old]).rekey()
  expect(again).toMatchObject({ complete: true, moved: 0 })
  const [handler = ''] = handlers
  expect((await client(next).kms.get(handler)).version).toBe(3)
  expect((await client([next, old]).kms.reveal(handler, { version: 1 })).text).toBe('first of all')
  expect((await errorOf(client(next).kms.reveal(handler, { version: 1 }))).code).toBe('WRONG_KEY')
})

describe('interrupted', () => {
  /** Fails at the n-th call: before it reaches the server, or after, with its reply lost. */
  const failing = (n: number, when: 'before' | 'after'): Partial<HalfkeyOptions> => {
    let calls = 0
    return {
      async fetch(input, init) {
        const fails = ++calls === n
        if (fails && when === 'before') throw new TypeError('interrupted')
        const reply = await fetch(input, init)
        if (fails) throw new TypeError('interrupted')
        return reply
      },
    }
  }

  test.each(['before', 'after'] as const)(
    '%s any of its calls, everything is readable with both keys, and the next run ends it',
    async (when) => {
      let interrupted = 0
      // Every third of its calls, another third each run.
      const step = isLong ? 1 : 3
      for (let n = 1 + Math.floor(Math.random() * step); ; n += step) {
        const things = await given()
        const { old, next } = things
        const cut = await client([next, old], failing(n, when))
          .rekey()
          .catch((error: unknown) => error)
        await expectReadable([next, old], things)
        await expectReadable([old, next], things)
        expect(await client([next, old]).rekey()).toMatchObject({ complete: true, failed: [] })
        current = next
        await expectReadable(next, things)
        for (const handler of things.handlers) await client(next).kms.delete(handler)
        for (const slug of things.slugs) await client(next).deleteSecret(slug, { purge: true })
        if (!(cut instanceof Error)) break
        expect(cut).toMatchObject({ code: 'NETWORK' })
        interrupted++
      }
      expect(interrupted).toBeGreaterThan(isLong ? 12 : 3)
    },
    120_000,
  )
})

describe('while others write', () => {
  test('nobody’s value is lost, and none is sealed under the old key any more', async () => {
    const { old, next, handlers } = await given()
    const [handler = ''] = handlers
    const writer = client([old, next])
    const written: string[] = []
    let rekeying = true
    const write = async () => {
      for (let n = 0; rekeying || n < 5; n++) {
        await writer.kms.put(handler, `written ${n}`)
        written.push(`written ${n}`)
      }
    }
    const stale = client(old)
    await stale.kms.put(handler, 'by a client that has the old key alone')
    const rekey = client([next, old])
      .rekey()
      .finally(() => (rekeying = false))
    const [report] = await Promise.all([rekey, write()])
    expect(report.failed).toEqual([])
    current = next
    expect((await client(next).kms.reveal(handler)).text).toBe(written.at(-1))
    expect((await errorOf(stale.kms.put(handler, 'too late'))).code).toBe('WRONG_KEY')
    expect(await client(next).verifyRekey()).toMatchObject({ complete: true })
  })
})

describe('what can’t be moved', () => {
  test('because the address isn’t allowed is reported by name, and moved by a later run', async () => {
    const { old, next, handlers } = await given()
    const [handler = ''] = handlers
    await client(old).kms.update(handler, { whitelist: ['192.0.2.1'] })
    const report = await client([next, old]).rekey()
    expect(report).toMatchObject({ complete: false, failed: [{ name: handler, code: 'PERMISSION_DENIED' }] })
    current = next
    await client([next, old]).kms.update(handler, { whitelist: null })
    expect(await client([next, old]).rekey()).toMatchObject({ complete: true, failed: [] })
    expect((await client(next).kms.reveal(handler)).text).toBe(`value of ${handler}`)
  })

  test('because nobody can read it any more is skipped by name', async () => {
    const { old, next, handlers } = await given()
    const [handler = ''] = handlers
    await client(old).kms.destroyVersion(handler, 2)
    expect(await client([next, old]).rekey()).toMatchObject({ complete: true, skipped: [handler] })
    current = next
    expect((await client(next).kms.get(handler)).name).toBe(`Name of ${handler}`)
    await client(next).kms.delete(handler)
  })
})

test('with neither of the workspace’s keys changes nothing', async () => {
  const things = await given()
  const [wrong, next] = [await newKey(), await newKey()]
  const before = await client(things.old).getWorkspace()
  expect((await errorOf(client([next, wrong]).rekey())).code).toBe('WRONG_KEY')
  expect((await errorOf(client([next]).rekey())).code).toBe('VALIDATION_ERROR')
  expect(await client(things.old).getWorkspace()).toEqual(before)
  await expectReadable(things.old, things)
})

test('a client with both keys seals under the one that the workspace has', async () => {
  const { old, next, handlers } = await given()
  const [handler = ''] = handlers
  await client([next, old]).kms.put(handler, 'before')
  expect((await client(old).kms.reveal(handler)).text).toBe('before')
  await client([next, old]).rekey()
  current = next
  await client([old, next]).kms.put(handler, 'after')
  expect((await client(next).kms.reveal(handler)).text).toBe('after')
})
