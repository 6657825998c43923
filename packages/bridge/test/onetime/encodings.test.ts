/** Every parameter reaches its call however it is encoded. */
import { describe, expect, test } from 'vitest'
import { basic, useBridge, type CallInit } from '../support/bridge.ts'

const { call, post } = useBridge()

const secret = ' a&b=c+d% «ü» \u{1f511}\n'
const passphrase = 'pass & wörd'

type Params = Record<string, string>

const form = (params: Params): string => new URLSearchParams(params).toString()

/** As curl's -F writes it: line ends of values stay as they are. */
const multipart = (params: Params): string =>
  Object.entries(params)
    .map(([name, value]) => `--bound\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('') + '--bound--\r\n'

const typed = (type: string, body: string): CallInit => ({ headers: { 'Content-Type': type }, body })

/** A path and what is sent to it. */
const encodings: Record<string, (path: string, params: Params) => [string, CallInit]> = {
  'a form': (path, params) => [path, { body: params }],
  'a form with a charset': (path, params) => [
    path,
    typed('application/x-www-form-urlencoded; charset=utf-8', form(params)),
  ],
  'a multipart form': (path, params) => [path, typed('multipart/form-data; boundary=bound', multipart(params))],
  JSON: (path, params) => [path, typed('application/json', JSON.stringify(params))],
  'JSON with a charset': (path, params) => [path, typed('application/json; charset=UTF-8', JSON.stringify(params))],
  'the query of a POST without body and type': (path, params) => [`${path}?${form(params)}`, {}],
  'the query of a POST with an empty form': (path, params) => [
    `${path}?${form(params)}`,
    typed('application/x-www-form-urlencoded', ''),
  ],
  'the query of a POST with empty JSON': (path, params) => [`${path}?${form(params)}`, typed('application/json', '')],
  'JSON of no type': (path, params) => [path, { body: new TextEncoder().encode(JSON.stringify(params)) }],
  'JSON of an odd type': (path, params) => [path, typed('text/plain', JSON.stringify(params))],
  'a form of no type': (path, params) => [path, { body: new TextEncoder().encode(form(params)) }],
  'a form of an odd type': (path, params) => [path, typed('application/octet-stream', form(params))],
}

/** Each call with the parameters that it takes. */
describe.each(Object.entries(encodings))('as %s', (_, encode) => {
  const send = (path: string, params: Params) => call('POST', ...encode(`/api/v1${path}`, params))

  test('/share takes secret, ttl and passphrase, and /secret the passphrase', async () => {
    const shared = await send('/share', { secret, passphrase, ttl: '3600' })
    expect(shared.json).toMatchObject({ ttl: 3600, passphrase_required: true })
    const path = `/secret/${shared.json.secret_key}`
    expect((await send(path, { passphrase: 'another one' })).json.message).toBe('Unknown secret')
    expect((await send(path, { passphrase })).json).toMatchObject({ value: secret })
  })

  test('/create is /share', async () => {
    const created = await send('/create', { secret, ttl: '60' })
    expect(created.json).toMatchObject({ state: 'new', ttl: 60, secret_ttl: 60, metadata_ttl: 120 })
  })

  test('/generate takes length, ttl and passphrase, and burn the passphrase', async () => {
    const { json } = await send('/generate', { length: '20', ttl: '90', passphrase })
    expect(json).toMatchObject({ ttl: 90, passphrase_required: true, value: expect.stringMatching(/^.{20}$/) })
    const path = `/private/${json.metadata_key}/burn`
    expect((await send(path, { passphrase: 'another one' })).json.message).toBe('Double check that passphrase')
    expect((await send(path, { passphrase })).json.state.state).toBe('burned')
  })

  test('a receipt takes none, and ignores them', async () => {
    const { json } = await post('/share', { secret })
    expect((await send(`/private/${json.metadata_key}`, { key: 'x', passphrase })).json).toMatchObject({ state: 'new' })
  })
})

test('query and body are taken together, and the body wins', async () => {
  const { json } = await call('POST', '/api/v1/share?secret=query&ttl=120', { body: { secret: 'body' } })
  expect(json.ttl).toBe(120)
  expect((await post(`/secret/${json.secret_key}`)).json.value).toBe('body')
})

test('the key of the path wins over a parameter', async () => {
  const { json } = await post('/share', { secret })
  expect((await post(`/secret/${json.secret_key}`, { key: 'a'.repeat(31) })).json.value).toBe(secret)
})

test('numbers, booleans and objects of JSON are taken for what they are', async () => {
  const body = JSON.stringify({
    ttl: 90.9,
    length: 30,
    character_sets: { uppercase: false, lowercase: false, symbols: false },
  })
  const { json } = await call('POST', '/api/v1/generate', typed('application/json', body))
  expect(json).toMatchObject({ ttl: 90, value: expect.stringMatching(/^[2-9]{30}$/) })
})

test('a form’s character_sets[…] are an object', async () => {
  const sets = { 'character_sets[symbols]': 'false', 'character_sets[numbers]': '0', length: '128' }
  expect((await post('/generate', sets)).json.value).toMatch(/^[A-HJ-NP-Za-km-z]{128}$/)
})

test('a number is shared as its text', async () => {
  const { json } = await call('POST', '/api/v1/share', typed('application/json', '{"secret":12345}'))
  expect((await post(`/secret/${json.secret_key}`)).json.value).toBe('12345')
})

test.each([
  ['JSON', 'application/json', '{"secret":'],
  ['JSON that was guessed', 'text/plain', '{"secret":'],
  ['a multipart form', 'multipart/form-data; boundary=x', 'secret'],
])('malformed %s is 400 without a word, even to wrong credentials', async (_, type, body) => {
  for (const headers of [{}, basic('me@example.com', 'wrong')]) {
    const reply = await call('POST', '/api/v1/share', { headers: { ...headers, 'Content-Type': type }, body })
    expect([reply.status, reply.text]).toEqual([400, ''])
  }
})

test.each<[string, string]>([
  ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['lists, with an escape that has every text in it checked', `${'['.repeat(400_000)}"\\ud83d"${']'.repeat(400_000)}`],
])('deeply nested JSON is malformed, and overflows no stack: %s', async (_, body) => {
  const reply = await call('POST', '/api/v1/share', typed('application/json', body))
  expect([reply.status, reply.text]).toEqual([400, ''])
})

test('JSON may be nested 100 levels deep', async () => {
  const body = `{"secret":"x","ignored":${'['.repeat(99)}"\\ud83d\\udd11"${']'.repeat(99)}}`
  expect((await call('POST', '/api/v1/share', typed('application/json', body))).json).toMatchObject({ state: 'new' })
})

test.each(['[1,2]', '"text"', '12'])('JSON that is no object has no parameters: %s', async (body) => {
  const { json } = await call('POST', '/api/v1/share', typed('application/json', body))
  expect(json.message).toBe('You did not provide anything to share')
})

test('a body of more than 1 MiB is refused as too long a secret, with and without its length', async () => {
  const message = 'Secret value exceeds the maximum size of 10000 bytes'
  const body = `secret=${'x'.repeat(2 ** 20)}`
  expect((await call('POST', '/api/v1/share', typed('application/x-www-form-urlencoded', body))).json).toEqual({
    message,
  })
  const known = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(body.length) }
  expect((await call('POST', '/api/v1/share', { headers: known, body })).json).toEqual({ message })
})

const bytes = (...parts: (string | number)[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part)))))
const formType = 'application/x-www-form-urlencoded'

describe('what isn’t UTF-8 is refused rather than changed, so nothing of a secret is lost:', () => {
  const part = '--bound\r\nContent-Disposition: form-data; name="secret"'
  test.each<[string, string, CallInit]>([
    ['a Latin-1 byte, percent-encoded in a form', '', typed(formType, 'secret=caf%E9')],
    ['bytes of no text, percent-encoded in a form', '', typed(formType, 'secret=%FF%FE%00A')],
    ['a Latin-1 byte in a form', '', { headers: { 'Content-Type': formType }, body: bytes('secret=caf', 0xe9) }],
    ['a Latin-1 byte in a form of no type', '', { body: bytes('secret=caf', 0xe9) }],
    ['a Latin-1 byte in a query', '?secret=caf%E9', {}],
    ['a Latin-1 passphrase', '', typed(formType, 'secret=x&passphrase=caf%E9')],
    [
      'a Latin-1 byte in a multipart form',
      '',
      {
        headers: { 'Content-Type': 'multipart/form-data; boundary=bound' },
        body: bytes(part, '\r\n\r\ncaf', 0xe9, '\r\n--bound--\r\n'),
      },
    ],
    [
      'a binary file in a multipart form',
      '',
      {
        headers: { 'Content-Type': 'multipart/form-data; boundary=bound' },
        body: bytes(part, '; filename="key.der"\r\n\r\n', 0x30, 0x82, 0xff, '\r\n--bound--\r\n'),
      },
    ],
    [
      'a Latin-1 byte in JSON',
      '',
      { headers: { 'Content-Type': 'application/json' }, body: bytes('{"secret":"caf', 0xe9, '"}') },
    ],
    ['half a surrogate pair in JSON', '', typed('application/json', String.raw`{"secret":"\ud83d"}`)],
    ['half a surrogate pair in a list', '', typed('application/json', String.raw`{"recipient":["\uDC00"]}`)],
  ])('%s', async (_, query, init) => {
    const { status, json, headers } = await call('POST', `/api/v1/share${query}`, init)
    expect([status, json]).toEqual([404, { message: 'The request must be UTF-8 text. Nothing was stored.' }])
    expect(headers.get('X-OTS-Intended-Status')).toBe('400')
  })
})

test.each<[string, string, CallInit]>([
  ['a percent sign that encodes nothing', '100% of 5%-cent', typed(formType, 'secret=100% of 5%-cent')],
  ['all planes, percent-encoded', 'é€\u{1f511}', typed(formType, 'secret=%C3%A9%e2%82%AC%F0%9F%94%91')],
  ['an escaped pair', '\u{1f511}', typed('application/json', String.raw`{"secret":"\ud83d\udd11"}`)],
  ['a byte order mark in a form', '\ufeffx', typed(formType, 'secret=%EF%BB%BFx')],
  [
    'a byte order mark of a file in a multipart form',
    '\ufeffx',
    typed(
      'multipart/form-data; boundary=bound',
      '--bound\r\nContent-Disposition: form-data; name="secret"; filename="a"\r\n\r\n\ufeffx\r\n--bound--\r\n',
    ),
  ],
])('what is UTF-8 comes back exactly: %s', async (_, value, init) => {
  const { json } = await call('POST', '/api/v1/share', init)
  expect((await post(`/secret/${json.secret_key}`)).json.value).toBe(value)
})
