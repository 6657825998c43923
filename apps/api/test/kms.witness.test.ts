/** C1 for named secrets: every form of what the server must not know, searched for in all that it is sent and keeps. */
import { Halfkey } from '@halfkey/sdk'
import { createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFiles } from './support/files.ts'
import { addKey, addText } from './support/needles.ts'
import { startProxy } from './support/proxy.ts'
import { Patterns } from './support/search.ts'
import { b64 } from './support/sender.ts'
import { makeHome, startServer } from './support/server.ts'

const home = makeHome()
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)]
const hidden = new Patterns()
let wire: Buffer
let files: Map<string, Buffer>
let output: string

/** HKDF with SHA-256 (RFC 5869), 32 bytes, by node:crypto alone. */
const hkdf = (ikm: Buffer, salt: Buffer | string, info: Buffer | string): Buffer =>
  Buffer.from(hkdfSync('sha256', ikm, salt, info, 32))

function u64be(version: number): Buffer {
  const number = Buffer.alloc(8)
  number.writeBigUInt64BE(BigInt(version))
  return number
}

/** Every key of the tree from W down to a handler's entry (spec/protocol.md section 8). */
function treeKeys(workspaceKey: Buffer, handler: string): { folders: Buffer[]; entry: Buffer } {
  let key = hkdf(workspaceKey, '', 'halfkey/v1 kms')
  const folders = [key]
  for (const segment of handler.split('/')) {
    key = hkdf(key, '', `halfkey/v1 kms segment\0${segment}`)
    folders.push(key)
  }
  return { folders, entry: hkdf(key, '', 'halfkey/v1 kms entry') }
}

interface Sent {
  path: string
  body: { version: number; key_a: string; envelope: { salt: string; iv: string; ciphertext: string } }
}

/** Adds the keys of a version that was put; its plaintext shows that they are the ones that matter. */
function addVersion({ path, body }: Sent): string {
  const handler = decodeURIComponent(path.split('/').at(-1) ?? '')
  const unb64 = (text: string): Buffer => Buffer.from(text, 'base64url')
  const { salt, iv, ciphertext } = body.envelope
  const number = u64be(body.version)
  const label = Buffer.concat([Buffer.from(`halfkey/v1 kms\0${handler}\0`), number])
  const sealed = unb64(ciphertext)
  for (const workspaceKey of [oldKey, newKey]) {
    const { entry } = treeKeys(workspaceKey, handler)
    const keyB = hkdf(entry, '', Buffer.concat([Buffer.from('halfkey/v1 kms version\0'), number]))
    const contentKey = hkdf(Buffer.concat([unb64(body.key_a), keyB]), unb64(salt), 'halfkey/v1 content')
    const name = `version ${body.version} of ${handler}`
    addKey(hidden, `keyB of ${name}`, keyB)
    addKey(hidden, `contentKey of ${name}`, contentKey)
    const decipher = createDecipheriv('aes-256-gcm', contentKey, unb64(iv)).setAAD(label)
    decipher.setAuthTag(sealed.subarray(-16))
    try {
      const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
      return padded.subarray(0, padded.lastIndexOf(0x80)).toString()
    } catch {
      continue
    }
  }
  return ''
}

const values = Array.from({ length: 12 }, (_, n) => `the value number ${n} ${b64(randomBytes(12))} ключ`)
const names = values.map((_, n) => `the name number ${n} ${b64(randomBytes(12))}`)
const opened: string[] = []

beforeAll(async () => {
  const server = await startServer(home)
  const proxy = await startProxy(server.url)
  const closed = once(server.child, 'close')
  const sent: Sent[] = []
  const client = (keys: (Buffer | string)[]) =>
    new Halfkey({
      baseUrl: proxy.url,
      token: server.token,
      workspaceKey: keys.map((key) => (typeof key === 'string' ? key : b64(key))),
      fetch(input, init) {
        const path = new URL(input as string).pathname
        if (init?.method === 'PUT' && path.includes('/kms/'))
          sent.push({ path, body: JSON.parse(init.body as string) as Sent['body'] })
        return fetch(input, init)
      },
    })
  const before = client([oldKey])
  await before.setWorkspaceCheck()
  await Promise.all(
    values.map(async (value, n) => {
      const handler = `prod/entry-${n}`
      const name = names[n] ?? ''
      await before.kms.put(handler, value, { name, properties: { [name]: value }, whitelist: ['127.0.0.1'] })
      if (n % 2 === 0) proxy.cutReplyTo(`/${encodeURIComponent(handler)}/reveal`)
      expect((await before.kms.reveal(handler, { ttl: 60 })).text).toBe(value)
      if (n % 3 === 0) await before.kms.rollback(handler, 1)
      await before.kms.update(handler, { name: `${name} again` })
      if (n % 4 === 0) await before.kms.destroyVersion(handler, 1)
      await before.kms.events(handler)
    }),
  )
  for await (const entry of before.kms.entries()) expect(entry.name).toContain('again')
  const texts = await Promise.all(['prod/', 'prod/entry-0'].map((name) => before.kms.deriveKey(name)))
  for (const text of texts) {
    // The key's own characters: the check value that follows them is for the server.
    addText(hidden, 'the text of a key', text.slice(text.indexOf(':') + 2).slice(0, 42))
    const machine = client([text])
    await machine.kms.put('prod/entry-0', values[0] ?? '')
    expect((await machine.kms.reveal('prod/entry-0')).text).toBe(values[0])
    await machine.kms.update('prod/entry-0', { name: `${names[0] ?? ''} again` })
    await expect(machine.kms.reveal('elsewhere')).rejects.toThrow()
  }
  await client([newKey, oldKey]).rekey()
  await client([newKey]).kms.delete('prod/entry-1')
  await expect(before.kms.reveal('prod/none')).rejects.toThrow()

  const running = readFiles(home.root)
  await proxy.close()
  await server.stop()
  await closed
  const stopped = [...readFiles(home.root)].map(([name, bytes]): [string, Buffer] => [`${name}, stopped`, bytes])
  files = new Map([...running, ...stopped])
  wire = proxy.recorded()
  output = server.output()

  opened.push(...sent.map(addVersion))
  for (const [n, value] of values.entries()) {
    addText(hidden, `value ${n}`, value)
    addText(hidden, `name ${n}`, names[n] ?? '')
    for (const workspaceKey of [oldKey, newKey]) {
      const { folders, entry } = treeKeys(workspaceKey, `prod/entry-${n}`)
      for (const [depth, key] of folders.entries()) addKey(hidden, `folder key ${depth} of ${n}`, key)
      addKey(hidden, `entry key ${n}`, entry)
      addKey(hidden, `metaKey ${n}`, hkdf(entry, '', 'halfkey/v1 kms meta'))
    }
  }
  addKey(hidden, 'old workspace key', oldKey)
  addKey(hidden, 'new workspace key', newKey)
}, 60_000)
afterAll(() => home.remove())

test('the keys looked for are those that open what was sent, and the search sees what the server is told', () => {
  expect(new Set(opened)).toEqual(new Set(values))
  const told = new Patterns()
  for (let n = 0; n < values.length; n++) told.add(`prod%2Fentry-${n}`, Buffer.from(`prod%2Fentry-${n}`))
  expect(told.findIn(wire).size).toBe(values.length)
  const planted = Buffer.concat([randomBytes(99), Buffer.from(JSON.stringify({ v: values[0] })), randomBytes(99)])
  expect(hidden.findIn(planted).size).toBeGreaterThan(0)
})

test('nothing of values, names, properties and every key goes over the wire, rekeying included', () => {
  expect(hidden.findIn(wire)).toEqual(new Set())
})

test('nothing of them is in the database, its WAL or the server key’s file, while it runs and after', () => {
  for (const [name, bytes] of files) expect([name, hidden.findIn(bytes)]).toEqual([name, new Set()])
})

test('nothing of them, and no handler, is in what the server prints and logs', () => {
  expect(hidden.findIn(Buffer.from(output))).toEqual(new Set())
  expect(output).not.toContain('entry-')
})
