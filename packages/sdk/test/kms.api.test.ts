/** Named secrets through the client, against the real server and against one that lies. */
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { HalfkeyOptions } from '../src/client-options.ts'
import { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { random } from '../src/provider.ts'
import type { WireScope } from '../src/wire.ts'
import { findLeaks } from './leaks.ts'
import { errorOf } from './refusal.ts'
import { startLossyProxy, startServer, type RealServer } from './server.ts'

let server: RealServer
let workspaceKey: string
let names = 0

beforeAll(async () => {
  server = await startServer({ HALFKEY_RATE_LIMIT: 'off' })
  workspaceKey = b64(await random(32))
})

afterAll(() => server.stop())

const owner = (options: Partial<HalfkeyOptions> = {}) =>
  new Halfkey({ baseUrl: server.url, token: server.token, workspaceKey, ...options })
const newName = () => `prod/db-${++names}`
const codeOf = async (promise: Promise<unknown>) => (await errorOf(promise)).code

/** A client whose server's replies are changed on the way: `change` gets path and body, and returns the new body. */
function lied(change: (path: string, body: any) => unknown, options: Partial<HalfkeyOptions> = {}) {
  return owner({
    async fetch(input, init) {
      const reply = await fetch(input, init)
      const changed = change(new URL(input as string).pathname, await reply.json())
      return new Response(JSON.stringify(changed), { status: reply.status })
    },
    ...options,
  })
}

describe('a value', () => {
  test.each([
    ['text', ' \r\n🔑 \0 пароль '],
    ['nothing', ''],
    ['bytes', Uint8Array.from({ length: 5000 }, (_, i) => i % 256)],
    ['1 MiB', new Uint8Array(2 ** 20).fill(0x80)],
  ])('of %s comes back byte for byte', async (_, value) => {
    const name = newName()
    expect(await owner().kms.put(name, value)).toEqual({ handler: name, version: 1 })
    const revealed = await owner().kms.reveal(name)
    expect(revealed.version).toBe(1)
    expect(Buffer.from(revealed.bytes).equals(Buffer.from(value as string))).toBe(true)
    if (typeof value === 'string') expect(revealed.text).toBe(value)
  })

  test('of more than 1 MiB is refused before it is sent', async () => {
    const error = await errorOf(owner().kms.put(newName(), new Uint8Array(2 ** 20 + 1)))
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', status: undefined })
  })

  test('that isn’t text is bytes alone', async () => {
    const name = newName()
    await owner().kms.put(name, Uint8Array.of(0xff))
    const revealed = await owner().kms.reveal(name)
    expect(() => revealed.text).toThrow(expect.objectContaining({ code: 'MALFORMED' }))
    expect([...revealed.bytes]).toEqual([0xff])
  })

  test('is shown by nothing that prints, logs or serialises it, nor by the client', async () => {
    const name = newName()
    const client = owner()
    await client.kms.put(name, 'hunter2 hunter2')
    const revealed = await client.kms.reveal(name, { ttl: 60 })
    expect(findLeaks([revealed, client, client.kms], { value: 'hunter2 hunter2', workspaceKey })).toEqual([])
    expect([String(revealed), JSON.stringify(revealed), inspect(revealed)]).toEqual([
      `${name} 1`,
      `{"handler":"${name}","version":1}`,
      `KmsRevealed ${name} 1`,
    ])
  })
})

describe('versions', () => {
  test('are told apart by number, and a rollback is a new one with the old value', async () => {
    const { kms } = owner()
    const name = newName()
    for (const value of ['one', 'two', 'three']) await kms.put(name, value)
    expect((await kms.reveal(name)).text).toBe('three')
    expect((await kms.reveal(name, { version: 1 })).text).toBe('one')
    expect(await kms.rollback(name, 1)).toEqual({ handler: name, version: 4 })
    expect((await kms.reveal(name)).text).toBe('one')
    expect((await kms.reveal(name, { version: 3 })).text).toBe('three')
    const { versions, pagination } = await kms.versions(name, { limit: 3 })
    expect(versions.map(({ version }) => version)).toEqual([4, 3, 2])
    expect(pagination).toMatchObject({ total: 4, lastPage: 2 })
    await kms.destroyVersion(name, 4)
    expect(await codeOf(kms.reveal(name))).toBe('PERMISSION_DENIED')
  })

  test('put by many clients at once follow each other without a gap or a loss', async () => {
    const name = newName()
    const values = Array.from({ length: 40 }, (_, index) => `value ${index}`)
    const put = await Promise.all(values.map((value) => owner().kms.put(name, value)))
    expect(put.map(({ version }) => version).sort((a, b) => a - b)).toEqual(values.map((_, index) => index + 1))
    const revealed = await Promise.all(put.map(({ version }) => owner().kms.reveal(name, { version })))
    expect(revealed.map(({ text }) => text)).toEqual(values)
  })

  test('a put ends with an error that says what to do, even if the server refuses every attempt', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    onTestFinished(() => void vi.restoreAllMocks())
    let puts = 0
    const refusing = owner({
      async fetch(input, init) {
        if (init?.method !== 'PUT') return fetch(input, init)
        if (++puts > 1000) throw new Error('put is still trying')
        const error = { code: 'CONFLICT', message: 'Not the next version', details: { newest: puts } }
        return Response.json({ success: false, error }, { status: 409 })
      },
    })
    const error = await errorOf(refusing.kms.put(newName(), 'value'))
    expect(error).toMatchObject({ code: 'CONFLICT', message: expect.stringMatching(/Nothing was stored. Try again/) })
    expect(puts).toBe(200)
  })

  test('a number that was named is never another: CONFLICT names the newest', async () => {
    const name = newName()
    await owner().kms.put(name, 'one', { version: 1 })
    const error = await errorOf(owner().kms.put(name, 'other', { version: 1 }))
    expect(error).toMatchObject({ code: 'CONFLICT', details: { newest: 1 } })
    expect((await owner().kms.reveal(name)).text).toBe('one')
  })

  test('a put whose reply is lost makes one version, with the same bytes in every attempt', async () => {
    const name = newName()
    const proxy = await startLossyProxy(server.url, encodeURIComponent(name))
    onTestFinished(proxy.stop)
    expect(await owner({ baseUrl: proxy.url }).kms.put(name, 'value')).toEqual({ handler: name, version: 1 })
    expect(proxy.seen).toHaveLength(2)
    expect(proxy.seen[1]).toBe(proxy.seen[0])
    expect((await owner().kms.get(name)).version).toBe(1)
  })

  test('each attempt at a number is sealed anew: no key, salt or iv is used twice', async () => {
    const sent: string[] = []
    let looks = 0
    const client = owner({
      async fetch(input, init) {
        if (init?.method === 'PUT') sent.push(init.body as string)
        const reply = await fetch(input, init)
        if (init?.method !== 'GET' || !(input as string).includes('/kms/') || ++looks > 1) return reply
        // An older number at the first look, so that the first attempt is at one that is taken.
        const body = (await reply.json()) as { data: { version: number } }
        return new Response(JSON.stringify({ ...body, data: { ...body.data, version: 0 } }), { status: 200 })
      },
    })
    const name = newName()
    await owner().kms.put(name, 'one')
    await client.kms.put(name, 'two')
    await client.kms.put(name, 'two')
    const parts = sent.map((body) => JSON.parse(body) as { version: number; key_a: string; envelope: any })
    expect(parts.map(({ version }) => version)).toEqual([1, 2, 3])
    for (const part of [
      (one: (typeof parts)[0]) => one.key_a,
      (one: (typeof parts)[0]) => one.envelope.salt,
      (one: (typeof parts)[0]) => one.envelope.iv,
    ])
      expect(new Set(parts.map(part)).size).toBe(3)
  })
})

describe('the configuration', () => {
  test('is what was put; name and properties are opened by the workspace key alone', async () => {
    const name = newName()
    const properties = { region: 'eu', ports: [5432] }
    const options = { name: 'Production', properties, whitelist: ['127.0.0.0/8'], rotateAfter: 3600, expiresIn: 7200 }
    await owner().kms.put(name, 'value', options)
    const entry = await owner().kms.get(name)
    expect(entry).toMatchObject({
      handler: name,
      name: 'Production',
      properties,
      whitelist: ['127.0.0.0/8'],
      version: 1,
    })
    expect(entry).toMatchObject({ rotateAfter: 3600, rotationDue: false, destroyedAt: null })
    const keyless = await owner({ workspaceKey: undefined }).kms.get(name)
    expect([keyless.name, keyless.properties, keyless.version]).toEqual([undefined, undefined, 1])
    const stranger = owner({ workspaceKey: b64(await random(32)) })
    expect(await codeOf(stranger.kms.get(name))).toBe('WRONG_KEY')
    const listed = (await stranger.kms.list({ prefix: name })).entries
    expect(listed).toMatchObject([{ handler: name, metaError: true, name: undefined }])
  })

  test('changes by an update, which keeps what isn’t given', async () => {
    const { kms } = owner()
    const name = newName()
    await kms.put(name, 'value', { name: 'Old', properties: { a: 1 }, whitelist: ['127.0.0.1'] })
    const changed = await kms.update(name, { name: 'New', rotateAfter: 600 })
    expect(changed).toMatchObject({ name: 'New', properties: { a: 1 }, whitelist: ['127.0.0.1'], rotateAfter: 600 })
    expect(await kms.update(name, { whitelist: null, rotateAfter: null })).toMatchObject({
      name: 'New',
      whitelist: [],
      rotateAfter: null,
    })
    await kms.put(name, 'next')
    expect(await kms.get(name)).toMatchObject({ name: 'New', properties: { a: 1 }, version: 2 })
  })

  test('changed by two at once keeps what each of them changed', async () => {
    const name = newName()
    await owner().kms.put(name, 'value', { name: 'Old', properties: { n: 1 } })
    let isFirst = true
    const slower = owner({
      async fetch(input, init) {
        if (init?.method === 'PATCH' && isFirst) {
          isFirst = false
          await owner().kms.update(name, { properties: { n: 2 } })
        }
        return fetch(input, init)
      },
    })
    const both = { name: 'New', properties: { n: 2 } }
    expect(await slower.kms.update(name, { name: 'New' })).toMatchObject(both)
    expect(await owner().kms.get(name)).toMatchObject(both)
  })

  test('of all is listed by page and as a whole', async () => {
    const prefix = `list-${names}/`
    for (let n = 0; n < 5; n++) await owner().kms.put(`${prefix}${n}`, 'value', { name: `Entry ${n}` })
    const { entries, pagination } = await owner().kms.list({ prefix, limit: 2, page: 2 })
    expect(entries.map(({ name }) => name)).toEqual(['Entry 2', 'Entry 3'])
    expect(pagination).toMatchObject({ total: 5, lastPage: 3 })
    const all: string[] = []
    for await (const { handler } of owner().kms.entries({ prefix, limit: 2 })) all.push(handler)
    expect(all).toEqual([0, 1, 2, 3, 4].map((n) => `${prefix}${n}`))
  })

  test('and values of a deleted one are gone, and the number goes on', async () => {
    const { kms } = owner()
    const name = newName()
    await kms.put(name, 'value')
    await kms.delete(name)
    await kms.delete(name)
    expect([await codeOf(kms.get(name)), await codeOf(kms.reveal(name))]).toEqual(['NOT_FOUND', 'NOT_FOUND'])
    expect(await owner().kms.put(name, 'again')).toEqual({ handler: name, version: 2 })
  })

  test('says who did what, with the reason of a refusal', async () => {
    const name = newName()
    await owner().kms.put(name, 'value', { whitelist: ['192.0.2.1'] })
    expect(await codeOf(owner().kms.reveal(name))).toBe('PERMISSION_DENIED')
    const { events, next } = await owner().kms.events(name)
    expect(next).toBeNull()
    expect(events).toMatchObject([
      { type: 'kms.denied', reason: 'whitelist', ip: '127.0.0.1', token: 'admin', version: 1 },
      { type: 'kms.put', reason: null },
    ])
    const entries = owner().audit.entries({ handler: name, type: 'kms.denied' })
    expect((await entries.next()).value).toMatchObject({ handler: name, reason: 'whitelist', slug: null })
  })
})

describe('C1, C5: a server that lies', () => {
  test('about which entry or version it is is refused', async () => {
    const [one, other] = [newName(), newName()]
    const { kms } = owner()
    for (const value of ['first', 'second']) await kms.put(one, value)
    await kms.put(other, 'other')
    const replies = new Map<string, any>()
    const recording = lied((path, body) => {
      replies.set(path, body)
      return body
    })
    await recording.kms.reveal(other)
    const otherReply = [...replies.values()].at(-1)
    await recording.kms.reveal(one, { version: 1 })
    const firstReply = [...replies.values()].at(-1)

    const swapped = lied((path, body) => (path.endsWith('/reveal') ? otherReply : body))
    expect(await codeOf(swapped.kms.reveal(one, { version: 1 }))).toBe('WRONG_KEY')
    const older = lied((path, body) => (path.endsWith('/reveal') ? firstReply : body))
    expect(await codeOf(older.kms.reveal(one, { version: 2 }))).toBe('TAMPERED')
    const renumbered = lied((path, body) =>
      path.endsWith('/reveal') ? { ...firstReply, data: { ...firstReply.data, version: 2 } } : body,
    )
    expect(await codeOf(renumbered.kms.reveal(one, { version: 2 }))).toBe('WRONG_KEY')
    expect(await codeOf(renumbered.kms.reveal(one))).toBe('WRONG_KEY')
  })

  test('about any part of an envelope is refused', async () => {
    const name = newName()
    await owner().kms.put(name, 'value')
    const flip = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
    for (const [part, code] of [
      ['salt', 'WRONG_KEY'],
      ['commitment', 'WRONG_KEY'],
      ['iv', 'TAMPERED'],
      ['ciphertext', 'TAMPERED'],
    ] as const) {
      const client = lied((path, body) => {
        if (path.endsWith('/reveal')) body.data.envelope[part] = flip(body.data.envelope[part] as string)
        return body
      })
      expect(await codeOf(client.kms.reveal(name)), part).toBe(code)
    }
    const keyA = lied((path, body) => {
      if (path.endsWith('/reveal')) body.data.key_a = flip(body.data.key_a as string)
      return body
    })
    expect(await codeOf(keyA.kms.reveal(name))).toBe('WRONG_KEY')
  })

  test('about which entry name and properties are of is refused', async () => {
    const [one, other] = [newName(), newName()]
    await owner().kms.put(one, 'value', { name: 'One' })
    await owner().kms.put(other, 'value', { name: 'Other' })
    let meta = ''
    await lied((_path, body) => {
      meta = body.data.meta as string
      return body
    }).kms.get(other)
    const swapped = lied((_path, body) => ({ ...body, data: { ...body.data, meta } }))
    expect(await codeOf(swapped.kms.get(one))).toBe('WRONG_KEY')
  })

  test('sees neither value, name, properties nor workspace key', async () => {
    const seen: string[] = []
    const client = owner({
      fetch(input, init) {
        seen.push(JSON.stringify([input, init?.headers, init?.body]))
        return fetch(input, init)
      },
    })
    const name = newName()
    const secrets = { value: 'the value itself', label: 'the name itself', property: 'the property itself' }
    await client.kms.put(name, secrets.value, { name: secrets.label, properties: { [secrets.property]: 1 } })
    await client.kms.reveal(name)
    await client.kms.update(name, { name: secrets.label })
    await client.kms.rollback(name, 1)
    expect(seen.length).toBeGreaterThan(5)
    expect(findLeaks(seen, { ...secrets, workspaceKey })).toEqual([])
  })
})

describe('the cache', () => {
  async function counting() {
    let reveals = 0
    const client = owner({
      fetch(input, init) {
        if ((input as string).endsWith('/reveal')) reveals++
        return fetch(input, init)
      },
    })
    const name = newName()
    await client.kms.put(name, 'value')
    return { kms: client.kms, name, reveals: () => reveals }
  }

  test('is none unless it is asked for', async () => {
    const { kms, name, reveals } = await counting()
    await kms.reveal(name, { ttl: 60 })
    for (let n = 0; n < 3; n++) await kms.reveal(name)
    expect(reveals()).toBe(4)
  })

  test('gives a value for as long as it was asked for, of that handler and version, and of no other client', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
    onTestFinished(() => void vi.useRealTimers())
    const { kms, name, reveals } = await counting()
    for (let n = 0; n < 5; n++) expect((await kms.reveal(name, { ttl: 60 })).text).toBe('value')
    expect(reveals()).toBe(1)
    await kms.reveal(name, { ttl: 60, version: 1 })
    expect(reveals()).toBe(2)
    vi.advanceTimersByTime(59_000)
    await kms.reveal(name, { ttl: 3600 })
    expect(reveals()).toBe(2)
    await kms.reveal(name, { ttl: 30 })
    expect(reveals()).toBe(3)
    vi.advanceTimersByTime(30_000)
    await kms.reveal(name, { ttl: 3600 })
    expect(reveals()).toBe(4)
  })

  test('forgets what this client changed, and isn’t changed by its callers', async () => {
    const { kms, name } = await counting()
    ;(await kms.reveal(name, { ttl: 60 })).bytes.fill(0)
    expect((await kms.reveal(name, { ttl: 60 })).text).toBe('value')
    await kms.put(name, 'next')
    expect((await kms.reveal(name, { ttl: 60 })).text).toBe('next')
    await kms.destroyVersion(name, 2)
    expect(await codeOf(kms.reveal(name, { ttl: 60 }))).toBe('PERMISSION_DENIED')
  })
})

describe('tokens', () => {
  test('are made with limits, listed and revoked', async () => {
    const { tokens } = owner()
    const limits = { handlers: ['aws-*'], ips: ['127.0.0.1'], expiresIn: 3600 }
    const made = await tokens.create('backend', { scopes: ['kms:reveal'], ...limits })
    expect(made).toMatchObject({ name: 'backend', handlers: ['aws-*'], ips: ['127.0.0.1'], lastUsedAt: null })
    const name = `aws-${names}`
    await owner().kms.put(name, 'value')
    const backend = owner({ token: made.token })
    expect((await backend.kms.reveal(name)).text).toBe('value')
    expect(await codeOf(backend.kms.put(name, 'other'))).toBe('PERMISSION_DENIED')
    expect(await codeOf(backend.kms.reveal('prod/none'))).toBe('PERMISSION_DENIED')
    const listed = (await tokens.list()).find(({ id }) => id === made.id)
    expect(listed?.lastUsedAt).toBeInstanceOf(Date)
    await tokens.revoke(made.id)
    expect(await codeOf(backend.kms.reveal(name))).toBe('AUTHENTICATION_ERROR')
  })

  test('may have every scope, and the log is asked for every type of entry that the API knows', async () => {
    const { tokens, audit } = owner()
    const enums: string[][] = []
    JSON.parse(readFileSync(new URL('../../../spec/openapi.json', import.meta.url), 'utf8'), (key, value: unknown) => {
      if (key === 'enum') enums.push(value as string[])
      return value
    })
    const scopes = enums.find((names) => names.includes('kms:reveal')) as WireScope[]
    expect((await tokens.create('all', { scopes })).scopes).toEqual(expect.arrayContaining(scopes))
    const types = enums.find((names) => names.includes('request.asked') && names.includes('kms.put')) as 'kms.put'[]
    for (const type of types) expect(await audit.list({ type, limit: 1 })).toHaveProperty('entries')
  })

  test('that may only put need nothing more to do so', async () => {
    const { token } = await owner().tokens.create('writer', { scopes: ['kms:write'] })
    const name = newName()
    for (const version of [1, 2]) {
      expect(await owner({ token }).kms.put(name, 'value', { name: 'N' })).toEqual({ handler: name, version })
    }
  })

  test('that a revoked token made are named while they work, and revoked with it if asked', async () => {
    const made = async (by: string, ...scopes: WireScope[]) => owner({ token: by }).tokens.create('made', { scopes })
    const parent = await made(server.token, 'tokens:admin', 'kms:read')
    const child = await made(parent.token, 'tokens:admin', 'kms:read')
    const grandchild = await made(child.token, 'kms:read')
    expect([child.parentId, grandchild.parentId]).toEqual([parent.id, child.id])
    const idsOf = (tokens: { id: string }[]) => tokens.map(({ id }) => id).sort()
    const lives = ({ token }: { token: string }) =>
      owner({ token })
        .kms.list()
        .then(
          () => true,
          () => false,
        )

    const alone = await owner().tokens.revoke(parent.id)
    expect(idsOf(alone.revoked)).toEqual([parent.id])
    expect(idsOf(alone.validDescendants)).toEqual(idsOf([child, grandchild]))
    expect(await Promise.all([parent, child, grandchild].map(lives))).toEqual([false, true, true])

    const all = await owner().tokens.revoke(parent.id, { descendants: true })
    expect(idsOf(all.revoked)).toEqual(idsOf([parent, child, grandchild]))
    for (const { revokedAt } of all.revoked) expect(revokedAt).toBeInstanceOf(Date)
    expect(all.validDescendants).toEqual([])
    expect(await Promise.all([parent, child, grandchild].map(lives))).toEqual([false, false, false])
  })
})

describe('what is wrong is refused before anything is sent', () => {
  test.each<[string, (client: Halfkey) => Promise<unknown>, string]>([
    ['a handler', ({ kms }) => kms.put('Prod', 'v'), 'handler'],
    ['a value', ({ kms }) => kms.put('a', '\ud800'), 'value'],
    ['a version', ({ kms }) => kms.reveal('a', { version: 0 }), 'version'],
    ['a ttl', ({ kms }) => kms.reveal('a', { ttl: 0 }), 'ttl'],
    ['a whitelist', ({ kms }) => kms.put('a', 'v', { whitelist: [] }), 'whitelist'],
    ['an unknown option', ({ kms }) => kms.put('a', 'v', { ttl: 1 } as object), 'ttl'],
    ['properties', ({ kms }) => kms.put('a', 'v', { properties: [] as never }), 'properties'],
    ['an update of nothing', ({ kms }) => kms.update('a', {}), 'options'],
    ['scopes', ({ tokens }) => tokens.create('n', { scopes: ['all' as never] }), 'scopes'],
  ])('%s', async (_, call, field) => {
    const client = owner({ fetch: () => Promise.reject(new Error('sent')) })
    expect(await errorOf(call(client))).toMatchObject({
      code: 'VALIDATION_ERROR',
      status: undefined,
      details: { [field]: [expect.any(String)] },
    })
  })

  test('without a workspace key nothing is sealed or opened', async () => {
    const { kms } = owner({ workspaceKey: undefined, fetch: () => Promise.reject(new Error('sent')) })
    for (const call of [kms.put('a', 'v'), kms.reveal('a'), kms.rollback('a', 1), kms.update('a', { name: 'n' })])
      expect(await codeOf(call)).toBe('VALIDATION_ERROR')
  })
})
