import type { WireCreateRequest } from '@halfkey/sdk'
import { Halfkey, openLink, parseLink } from '@halfkey/sdk'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFiles } from './support/files.ts'
import type { Hidden } from './support/needles.ts'
import { addKey, addText, decrypt, deriveHidden } from './support/needles.ts'
import type { Proxy } from './support/proxy.ts'
import { startProxy } from './support/proxy.ts'
import { newSeed, seeded } from './support/random.ts'
import { Patterns, piecesOf } from './support/search.ts'
import { b58, b64, caller, newId } from './support/sender.ts'
import type { ServerProcess } from './support/server.ts'
import { makeHome, startServer } from './support/server.ts'

const secrets = 30
const home = makeHome()
const random = seeded(newSeed())
const workspaceKey = randomBytes(32)

const special = `"'\\/%&+#?<>=;{}[] \u00a0\u2028`
const ranges = [
  [0x21, 0x7e],
  [0xa1, 0x17f],
  [0x400, 0x4ff],
  [0x4e00, 0x9fff],
  [0x1f300, 0x1f64f],
] as const

/** Random characters of many scripts, decomposed accents and what formats escape among them. */
function randomText(characters: number): string {
  const draw = (): string => {
    if (random.chance(0.1)) return random.pick(Array.from(special))
    if (random.chance(0.05)) return 'e\u0301'
    const [first, last] = random.pick(ranges)
    return String.fromCodePoint(first + random.below(last - first + 1))
  }
  return Array.from({ length: characters }, draw).join('')
}

interface Conversation {
  sent: WireCreateRequest
  hidden: Hidden
  burned: boolean
}

/** What was seen of all conversations, by where it was seen. */
interface Seen {
  wire: Buffer
  files: Map<string, Buffer>
  output: string
}

/** Of the requests that only the log is asked about. */
const planted = { path: `a${newId()}`, query: newId(), header: newId(), agent: newId(), body: newId(), token: newId() }
let conversations: Conversation[]
let seen: Seen
/** Every form of everything that is hidden. */
let hidden: Patterns

/** A sender, an owner and a recipient go through all that they may do with one secret. */
async function converse(proxy: Proxy, { url, token }: ServerProcess, index: number): Promise<Conversation> {
  const content = randomText(20 + random.below(index === 0 ? 40_000 : 500))
  const [message, description, replaced] = [randomText(40), randomText(40), randomText(40)]
  const password = index % 3 === 0 ? undefined : randomText(20)
  let body = ''
  const client = new Halfkey({
    baseUrl: proxy.url,
    workspaceKey: b64(workspaceKey),
    ...(index % 5 !== 0 && { token }),
    fetch(input, init) {
      if ((input as string).endsWith('/secrets')) body = init?.body as string
      return fetch(input, init)
    },
  })
  const file = {
    name: `${randomText(24)}.txt`.replaceAll(/[\\/]/g, '_'),
    type: `text/${randomText(20)}`,
    content: randomText(600),
  }
  const attached = () => ({
    name: file.name,
    type: file.type,
    size: Buffer.byteLength(file.content),
    stream: new Blob([file.content]).stream(),
  })
  const attachments = index % 2 === 0 ? [attached(), attached()] : []
  const options = {
    message,
    description,
    password,
    attachments,
    recoverable: index % 4 === 0,
    views: 2,
    hours: 1 + index,
  }
  const { slug, shareUrl, manageKey } = await client.createSecret(content, options)

  const link = await openLink(shareUrl.replace(url, proxy.url))
  expect(link.note).toBe(message)
  if (index % 6 === 1) await expect(link.reveal({ password: randomText(20) })).rejects.toThrow()
  if (index % 2 === 0) proxy.cutReplyTo(`/links/${slug}/reveal`)
  const opened = await link.reveal({ password })
  expect(opened.text).toBe(content)
  for (const each of opened.files) expect(new TextDecoder().decode(await each.bytes())).toBe(file.content)
  expect(opened.files).toHaveLength(attachments.length)

  await client.patchSecret(slug, { description: replaced, manageKey })
  expect((await client.getSecretDetails(slug, { manageKey })).description).toBe(replaced)
  await client.getEvents(slug, { manageKey })
  if (index % 3 === 0) await opened.done()
  const burned = index % 4 === 1
  if (burned) await client.deleteSecret(slug, { manageKey, purge: index % 8 === 1 })

  const { keyB } = await parseLink(shareUrl)
  const sent = JSON.parse(body) as WireCreateRequest
  const texts = {
    content,
    message,
    description,
    'new description': replaced,
    fragment: shareUrl.split('#')[1] ?? '',
    ...(attachments.length > 0 && { 'file name': file.name, 'media type': file.type, 'file content': file.content }),
  }
  const derived = await deriveHidden(sent, { keyB: Buffer.from(keyB), workspaceKey, password, texts })
  expect(decrypt(sent, derived.keys['contentKey'] as Buffer)).toBe(content)
  return { sent, hidden: derived, burned }
}

/** Requests that fail, each with something in it that must not reach the log. */
async function plant({ url }: ServerProcess): Promise<void> {
  const call = caller(url)
  const { path, query, header, agent, body, token } = planted
  const headers = { 'Halfkey-Access': header, 'User-Agent': agent, 'X-Anything': header, Cookie: header }
  for (const at of ['/api/v1/links/SLUG/reveal', '/api/v1/secrets', '/SLUG', '/nowhere/SLUG', '/api/v1/nowhere/SLUG'])
    for (const method of ['POST', 'PUT', 'DELETE'])
      await call(method, `${at.replace('SLUG', path)}?key=${query}&${query}`, { note: body, [body]: 1 }, headers)
  await call('GET', `/${path}?${query}`, undefined, { Authorization: `Bearer hkt_${token.replace(/\W/g, '')}_x` })
}

beforeAll(async () => {
  const server = await startServer(home)
  const proxy = await startProxy(server.url)
  const closed = once(server.child, 'close')
  const owner = new Halfkey({ baseUrl: proxy.url, token: server.token, workspaceKey: b64(workspaceKey) })
  await owner.setWorkspaceCheck()
  conversations = await Promise.all(Array.from({ length: secrets }, (_, index) => converse(proxy, server, index)))
  hidden = patternsOfAll(conversations)
  await owner.listSecrets({ limit: 100 })
  await owner.getStats()
  await plant(server)
  const running = readFiles(home.root)
  await proxy.close()
  await server.stop()
  await closed
  const stopped = [...readFiles(home.root)].map(([name, bytes]): [string, Buffer] => [`${name}, stopped`, bytes])
  seen = { wire: proxy.recorded(), files: new Map([...running, ...stopped]), output: server.output() }
}, 120_000)
afterAll(() => home.remove())

function patternsOfAll(all: Conversation[]): Patterns {
  const patterns = new Patterns()
  all.forEach(({ hidden: { texts, keys } }, index) => {
    for (const [name, text] of Object.entries(texts)) addText(patterns, `${name} of secret ${index}`, text)
    for (const [name, key] of Object.entries(keys)) addKey(patterns, `${name} of secret ${index}`, key)
  })
  return patterns
}

const patternsOf = (values: Record<string, Buffer | string>): Patterns => {
  const patterns = new Patterns()
  for (const [name, value] of Object.entries(values)) patterns.add(name, Buffer.from(value as string))
  return patterns
}

describe('the search can tell', () => {
  const junk = (): Buffer => randomBytes(50 + random.below(3))
  const key = randomBytes(32)
  const text = randomText(60)
  const asText = (encode: (value: Buffer) => string) => (value: Buffer | string) => encode(Buffer.from(value as string))
  const around = (value: Buffer): Buffer => Buffer.concat([junk(), value, junk()])

  const encodings: Record<string, (value: Buffer | string) => Buffer | string> = {
    raw: (value) => Buffer.from(value as string),
    'a part of it': (value) =>
      typeof value === 'string' ? Array.from(value).slice(5, 29).join('') : value.subarray(9, 24),
    hex: asText((bytes) => bytes.toString('hex')),
    HEX: asText((bytes) => bytes.toString('hex').toUpperCase()),
    'base64 inside more': asText((bytes) => around(bytes).toString('base64')),
    'base64url inside more': asText((bytes) => around(bytes).toString('base64url')),
    base58: asText((bytes) => b58(bytes, bytes.length * 2)),
    percent: asText((bytes) => bytes.reduce((line, byte) => `${line}%${byte.toString(16).padStart(2, '0')}`, '')),
    'a list of numbers': asText((bytes) => JSON.stringify([...bytes])),
  }
  const textEncodings: Record<string, (value: string) => Buffer | string> = {
    'percent-escaped': encodeURIComponent,
    'a query': (value) => new URLSearchParams({ value }).toString().replaceAll('+', '%20'),
    JSON: (value) => JSON.stringify({ value }),
    'ASCII-only JSON': (value) =>
      value.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    'UTF-16': (value) => Buffer.from(value, 'utf16le'),
  }

  test.each(Object.entries(encodings))('a key and a text are found as %s', (_, encode) => {
    const patterns = new Patterns()
    addKey(patterns, 'key', key)
    addText(patterns, 'text', text)
    for (const [name, value] of Object.entries({ key, text }))
      for (let n = 0; n < 10; n++) {
        const found = patterns.findIn(around(Buffer.from(encode(value) as string)))
        expect([...found].map((one) => one.split(' ')[0])).toContain(name)
      }
  })

  test.each(Object.entries(textEncodings))('a text is found as %s', (_, encode) => {
    const patterns = new Patterns()
    addText(patterns, 'text', text)
    expect(patterns.findIn(around(Buffer.from(encode(text) as string))).size).toBeGreaterThan(0)
  })

  test('nothing is found where nothing is', () => {
    expect(hidden.findIn(randomBytes(1_000_000))).toEqual(new Set())
  })

  test('what the server is told is found on the wire, unpacked and whole, for every secret', () => {
    for (const { sent } of conversations) {
      const { slug, key_a, envelope, note = '', meta = '' } = sent
      const told = { slug, key_a, note, meta, ciphertext: envelope.ciphertext }
      expect(patternsOf(told).findIn(seen.wire)).toEqual(new Set(Object.keys(told)))
    }
    expect(seen.wire.toString('latin1')).not.toMatch(/^(content|transfer)-encoding:/im)
  })

  test('what the server keeps is found in its files, for every secret that still has content', () => {
    const database = Buffer.concat([...seen.files.values()])
    const unb64 = (text: string): Buffer => Buffer.from(text, 'base64url')
    for (const { sent } of conversations.filter(({ burned }) => !burned)) {
      const { salt, ciphertext } = sent.envelope
      const told = { salt: unb64(salt), ciphertext: piecesOf(unb64(ciphertext), 64)[1] as Buffer }
      expect(patternsOf(told).findIn(database)).toEqual(new Set(Object.keys(told)))
    }
  })
})

describe('C1: of content, messages, descriptions, passwords, files, link fragments and every key that opens them', () => {
  test('nothing goes over the wire, lost replies and retries included', () => {
    const reveals = seen.wire.toString('latin1').match(/POST \S+\/reveal HTTP/g)
    expect(reveals?.length).toBeGreaterThanOrEqual(1.5 * secrets)
    expect(hidden.findIn(seen.wire)).toEqual(new Set())
  })

  test('nothing is in the database, its WAL or the server key’s file, while it runs and after', () => {
    expect([...seen.files.keys()]).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^data\/blobs\/../),
        'data/halfkey.sqlite',
        'data/halfkey.sqlite-wal',
        'server.key',
        'server.key, stopped',
      ]),
    )
    for (const [name, bytes] of seen.files) expect([name, hidden.findIn(bytes)]).toEqual([name, new Set()])
  })

  test('nothing is in what the server prints and logs', () => {
    expect(hidden.findIn(Buffer.from(seen.output))).toEqual(new Set())
  })
})

describe('the access log', () => {
  const lines = () =>
    seen.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  test('has a line for every request, which holds the route’s pattern and nothing else of the URL', () => {
    const routes = new Set(lines().map(({ route }) => route))
    for (const line of lines())
      expect(Object.keys(line).sort()).toEqual(['level', 'method', 'ms', 'request_id', 'route', 'status', 'time'])
    const patterns = ['', '/:slug/events', '/:slug'].map((suffix) => `/api/v1/secrets${suffix}`)
    const links = ['status', 'reveal', 'ack', 'files/:id'].map((step) => `/api/v1/links/:slug/${step}`)
    const uploads = ['files/:id/parts/:n', 'complete'].map((step) => `/api/v1/secrets/:slug/${step}`)
    const workspace = ['/api/v1/workspace', '/api/v1/workspace/check', '/api/v1/stats']
    expect(routes).toEqual(new Set([...patterns, ...links, ...uploads, ...workspace, '/:slug', 'none']))
    expect(lines().filter(({ route }) => route === '/api/v1/links/:slug/reveal').length).toBeGreaterThan(secrets)
  })

  test('holds no slug, path, query, header, body, key or id of any request', () => {
    const values: Record<string, string> = { ...planted }
    for (const { slug, key_a, access_verifier } of conversations.map(({ sent }) => sent))
      Object.assign(values, { [slug]: slug, [key_a]: key_a, [access_verifier]: access_verifier })
    for (const [, id = ''] of seen.wire.toString('latin1').matchAll(/"reveal_id":"([^"]+)"/g)) values[id] = id
    for (const [, value = ''] of seen.wire.toString('latin1').matchAll(/^(?:halfkey-\w+): (\S+)/gim))
      values[value] = value
    expect(Object.keys(values).length).toBeGreaterThan(5 * secrets)
    const log = seen.output.split('\n').filter((line) => line.startsWith('{'))
    expect(patternsOf(values).findIn(Buffer.from(log.join('\n')))).toEqual(new Set())
  })
})
