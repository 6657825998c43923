/** What a Halfkey server sees, keeps and logs of what goes through a bridge (claim C1 of spec/protocol.md). */
import type { WireCreateRequest } from '@halfkey/sdk'
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { readFiles } from '../../../../apps/api/test/support/files.ts'
import { addKey, addText, decrypt, deriveHidden } from '../../../../apps/api/test/support/needles.ts'
import { Patterns } from '../../../../apps/api/test/support/search.ts'
import { deriveKeyB } from '../../src/keys.ts'
import { apiToken, basic, useBridge, user } from '../support/bridge.ts'

const { another, app, problems } = useBridge({ anonymous: true })

/** Everything that travelled between bridge and server, both ways. */
const wire: string[] = []
const creates: WireCreateRequest[] = []
const hidden = new Patterns()
const logged: string[] = []

const randomText = (): string => randomBytes(24).toString('base64') + 'ü\u{1f511}'

async function record(input: unknown, init?: RequestInit): Promise<Response> {
  const request = new Request(input as string, init)
  const body = await request.clone().text()
  if (request.method === 'POST' && request.url.endsWith('/secrets')) creates.push(JSON.parse(body) as WireCreateRequest)
  const response = await app().fetch(request)
  const headers = (of: Headers) => JSON.stringify([...of])
  wire.push(request.url, headers(request.headers), body, headers(response.headers), await response.clone().text())
  return response
}

beforeAll(async () => {
  const workspaceKey = randomBytes(32)
  const { call } = another({ workspaceKey: workspaceKey.toString('base64url') }, { fetch: record })
  const post = async (path: string, params: Record<string, string> = {}, headers = {}) =>
    (await call('POST', `/api/v1${path}`, { body: params, headers })).json

  for (let i = 0; i < 12; i++) {
    const [secret, password] = [randomText(), i % 2 ? randomText() : undefined]
    const headers = i % 3 ? basic() : {}
    const params = { ...(password !== undefined && { passphrase: password }) }
    const made = await post(i % 4 ? '/share' : '/generate', { secret, length: '40', ...params }, headers)
    const content = (made.value as string | undefined) ?? secret
    await call('GET', `/secret/${made.secret_key}`)
    await call('GET', `/api/v1/private/${made.metadata_key}`, { headers })
    if (password !== undefined) {
      await post(`/secret/${made.secret_key}`, { passphrase: randomText() })
      await post(`/private/${made.metadata_key}/burn`, { passphrase: randomText() })
    }
    if (i % 5) expect(await post(`/secret/${made.secret_key}`, params)).toMatchObject({ value: content })
    else expect(await post(`/private/${made.metadata_key}/burn`, params)).toHaveProperty('secret_shortkey')

    const sent = creates.at(-1) as WireCreateRequest
    const keyB = Buffer.from((await deriveKeyB(made.secret_key)) ?? [])
    const texts = { content, 'secret key': made.secret_key as string, 'metadata key': made.metadata_key as string }
    const { texts: allTexts, keys } = await deriveHidden(sent, { keyB, workspaceKey, password, texts })
    expect(decrypt(sent, keys['contentKey'] as Buffer)).toBe(content)
    for (const [name, text] of Object.entries(allTexts)) addText(hidden, `${name} of ${i}`, text)
    for (const [name, key] of Object.entries(keys)) addKey(hidden, `${name} of ${i}`, key)
    for (const [name, key] of [
      ['secret key', made.secret_key],
      ['metadata key', made.metadata_key],
    ])
      addKey(hidden, `${name} of ${i}, its bytes`, bytesOf(key as string, name === 'metadata key' ? 9 : 0))
  }
  await call('GET', '/api/v1/private/recent', { headers: basic() })
  addText(hidden, 'user', user)
  addText(hidden, 'API token', apiToken)
  logged.push(...problems)
})

/** The bytes of a key from `start` on, read as spec/bridge.md has them: a metadata key's first 9 are the slug's. */
function bytesOf(key: string, start: number): Buffer {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  const value = Array.from(key).reduce((sum, digit) => sum * 62n + BigInt(alphabet.indexOf(digit)), 0n)
  return Buffer.from(value.toString(16).padStart(46, '0'), 'hex').subarray(start)
}

describe('of texts, passphrases, the keys that were handed out and every key derived from them', () => {
  test('nothing goes to the server', () => {
    expect(wire.length).toBeGreaterThan(300)
    expect(hidden.findIn(Buffer.from(wire.join('\n')))).toEqual(new Set())
  })

  test('nothing is in what it stores', () => {
    const files = readFiles(app().home.root)
    expect(files.size).toBeGreaterThan(2)
    for (const [name, bytes] of files) expect([name, hidden.findIn(bytes)]).toEqual([name, new Set()])
  })

  test('nothing is in what the bridge logs', () => {
    expect(hidden.findIn(Buffer.from(logged.join('\n')))).toEqual(new Set())
  })

  test('the search would find it', () => {
    for (const { slug, key_a, meta = '' } of creates) {
      const told = new Patterns()
      for (const [name, value] of Object.entries({ slug, key_a, meta })) told.add(name, Buffer.from(value))
      expect(told.findIn(Buffer.from(wire.join('\n')))).toEqual(new Set(['slug', 'key_a', 'meta']))
    }
  })
})
