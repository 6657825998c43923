/** Calls without a right proof: no operation answers them without end, and nobody who has the proof pays for them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { operations } from '../src/app.ts'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import { conversation, newId, seal } from './support/sender.ts'

const proxy = '192.0.2.1'
const most = 4
const settings = {
  HALFKEY_RATE_LIMIT: 'on',
  HALFKEY_RATE_CREATE: String(most),
  HALFKEY_RATE_OPEN: String(most),
  HALFKEY_RATE_KMS_REVEAL: String(most),
  HALFKEY_RATE_UNPROVEN: String(most),
  HALFKEY_TRUSTED_PROXIES: proxy,
}

let app: TestApp
let addresses = 0
beforeEach(async () => {
  app = await openApp(settings, { peer: proxy })
})
afterEach(() => app.close())

/** Of a /24 of its own, so that no case counts with another. */
const newAddress = (): string => `100.${64 + (++addresses >> 8)}.${addresses & 255}.1`

const wrong = () => seal()
const proofs: Record<string, () => Record<string, string>> = {
  'no proof': () => ({}),
  'a token that there isn’t': () => ({ Authorization: `Bearer hkt_abcdefgh_${wrong().access}` }),
  'a token with another secret': () => ({
    Authorization: app.token.replace(/^(hkt_[^_]+_).*$/, `Bearer $1${wrong().access}`),
  }),
  'no token at all': () => ({ Authorization: 'Bearer x' }),
  'wrong keys': () => ({
    'Halfkey-Manage': wrong().manageKey,
    'Halfkey-Access': wrong().access,
    'Halfkey-Grant': wrong().access,
  }),
}

const table = () => operations.map((define) => define(app.deps))

describe.each(Object.keys(proofs))('with %s', (name) => {
  test.each(['a known slug', 'an unknown slug'])('every operation refuses after its limit: %s', async (kind) => {
    const known = seal()
    expect((await from('203.0.113.77').create(known)).status).toBe(201)
    const { slug } = kind === 'a known slug' ? known : seal()
    const unlimited: string[] = []
    for (const { method, path, body } of table()) {
      const target = path
        .replace('{slug}', slug)
        .replace('{id}', newId())
        .replaceAll(/\{\w+\}/g, '1')
      const address = newAddress()
      const statuses: number[] = []
      for (let n = 0; n <= most; n++) {
        const headers = { ...proofs[name]?.(), 'X-Forwarded-For': address }
        statuses.push((await app.call(method.toUpperCase(), target, body ? {} : undefined, headers)).status)
      }
      if (statuses.at(-1) !== 429 || statuses.slice(0, -1).includes(429))
        unlimited.push(`${method} ${path}: ${statuses.join()}`)
    }
    expect(unlimited).toEqual([])
  })
})

/** The API as seen from an address. */
function from(address: string) {
  return conversation((method, path, body, headers) =>
    app.call(method, path, body, { ...headers, 'X-Forwarded-For': address }),
  )
}

describe('whoever has the proof', () => {
  test('acknowledges and manages as before, however much others at the same address guess', async () => {
    const address = newAddress()
    const api = from(address)
    const sealed = seal()
    expect((await from('203.0.113.77').create(sealed)).status).toBe(201)
    const revealId = newId()
    expect((await api.reveal(sealed, revealId)).status).toBe(200)
    for (let n = 0; n < 20; n++) await api.ack(wrong(), revealId)
    expect((await api.ack(wrong(), revealId)).status).toBe(429)
    expect((await api.ack(sealed, revealId)).status).toBe(200)
    expect((await api.details(sealed)).status).toBe(200)
    const bearer = { Authorization: `Bearer ${app.token}`, 'X-Forwarded-For': address }
    expect((await app.call('GET', '/api/v1/stats', undefined, bearer)).status).toBe(200)
  })

  test('is limited where it proves nothing more: acks of reveals that there weren’t, and files without a grant', async () => {
    const sealed = seal()
    expect((await from('203.0.113.77').create(sealed)).status).toBe(201)
    const api = from(newAddress())
    const acks: number[] = []
    for (let n = 0; n <= most; n++) acks.push((await api.ack(sealed, newId())).status)
    expect(acks).toEqual([...Array<number>(most).fill(422), 429])
    const files: number[] = []
    const headers = { 'Halfkey-Access': sealed.access, 'X-Forwarded-For': newAddress() }
    for (let n = 0; n <= most; n++)
      files.push((await app.call('GET', `/api/v1/links/${sealed.slug}/files/${newId()}`, undefined, headers)).status)
    expect(files).toEqual([...Array<number>(most).fill(404), 429])
  })
})

describe('who has many addresses', () => {
  const allowed = async (addresses: string[]) => {
    let passed = 0
    for (const address of addresses) if ((await from(address).status(wrong())).status !== 429) passed++
    return passed
  }
  const hex = (n: number): string => n.toString(16)

  test('of an IPv6 /48 is held to 16 times the limit of a /64, and the next /48 isn’t', async () => {
    const site = (site: string) => Array.from({ length: 100 }, (_, n) => `2001:db8:${site}:${hex(n)}::1`)
    expect(await allowed(site('1'))).toBe(16 * most)
    expect(await allowed(site('2'))).toBe(16 * most)
  })

  test('of an IPv6 /32 is held to 256 times the limit of a /64, and the next /32 isn’t', async () => {
    const provider = (start: string) => Array.from({ length: 1100 }, (_, n) => `${start}:${hex(n)}::1`)
    expect(await allowed(provider('2001:db8'))).toBe(256 * most)
    expect(await allowed(provider('2001:db9').slice(0, 50))).toBe(50)
  })

  test('of an IPv4 /24 is held to 16 times the limit of an address, and the next /24 isn’t', async () => {
    const network = (third: number) => Array.from({ length: 100 }, (_, n) => `198.51.${third}.${n}`)
    expect(await allowed(network(100))).toBe(16 * most)
    expect(await allowed(network(101))).toBe(16 * most)
  })

  test('is told which limit it met', async () => {
    const api = Array.from({ length: 17 }, (_, n) => from(`198.51.100.${n}`))
    for (const { status } of api) for (let n = 0; n < most; n++) await status(wrong())
    const refused = await from('198.51.100.200').status(wrong())
    expect(refused.body.error).toMatchObject({ details: { limit: 'open-by-site', maximum: 16 * most } })
    expect(refused.headers.get('RateLimit-Policy')).toBe(`"open-by-site";q=${16 * most};w=60`)
  })

  test('an address past its own limit uses up nothing of its neighbours’', async () => {
    const api = from('198.51.100.1')
    for (let n = 0; n < 40 * most; n++) await api.status(wrong())
    expect(await allowed(Array.from({ length: 20 }, (_, n) => `198.51.100.${n + 2}`))).toBe(20)
  })
})
