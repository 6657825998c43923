import { describe, expect, test } from 'vitest'
import { basic, useBridge, user } from '../support/bridge.ts'

const { post, app, problems, another } = useBridge()

/** What a refusal looks like: every status is 404. */
async function expectRefused(reply: ReturnType<typeof post>, message: string, intended: string | null = '400') {
  const { status, json, headers } = await reply
  expect({ status, json, intended: headers.get('X-OTS-Intended-Status') }).toEqual({
    status: 404,
    json: { message },
    intended,
  })
  expect(headers.get('Content-Type')).toBe('application/json; charset=utf-8')
}

describe('the reply to a share', () => {
  test('is the receipt record, flat, each field of its type', async () => {
    const { status, headers, json } = await post('/share', { secret: 'x', ttl: '3600' })
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toBe('application/json; charset=utf-8')
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('X-OTS-Intended-Status')).toBeNull()
    const key = expect.stringMatching(/^[A-Za-z0-9]{31}$/)
    const { metadata_key, secret_key } = json
    const created = Math.floor(app().clock.now() / 1000)
    const url = `http://bridge.test/receipt/${metadata_key}`
    expect(json).toEqual({
      custid: 'anon',
      metadata_key: key,
      secret_key: key,
      ttl: 3600,
      metadata_ttl: 7200,
      secret_ttl: 3600,
      state: 'new',
      created,
      updated: created,
      recipient: [],
      share_domain: '',
      metadata_url: url,
      passphrase_required: false,
      identifier: metadata_key,
      secret_identifier: secret_key,
      has_passphrase: false,
      recipients: [],
      receipt_ttl: 7200,
      receipt_url: url,
    })
  })

  test('to a generate is the same with a value', async () => {
    const { json } = await post('/generate', { ttl: '60' }, basic())
    const { value, secret_value, ...rest } = json
    expect(value).toMatch(/^.{12}$/)
    expect(secret_value).toBe(value)
    expect(rest).toMatchObject({ custid: user, state: 'new', ttl: 60 })
    expect((await post(`/secret/${json.secret_key}`)).json.value).toBe(value)
  })

  test('names the calling account, and no other keys twice', async () => {
    const [one, two] = [await post('/share', { secret: 'x' }, basic()), await post('/share', { secret: 'x' }, basic())]
    expect(one.json.custid).toBe(user)
    expect(one.json.secret_key).not.toBe(two.json.secret_key)
    expect(one.json.metadata_key).not.toBe(two.json.metadata_key)
  })
})

describe('ttl', () => {
  const day = 86_400
  test.each([
    [undefined, 7 * day, 7 * day],
    // What published clients send when their user gives no lifetime.
    ['', 7 * day, 7 * day],
    ['0', 7 * day, 7 * day],
    ['-5', 7 * day, 7 * day],
    ['soon', 7 * day, 7 * day],
    ['null', 7 * day, 7 * day],
    ['0.5', 60, 60],
    ['59', 60, 60],
    ['60', 60, 60],
    ['90.9', 90, 90],
    ['3600s', 3600, 3600],
    ['36e2', 3600, 3600],
    ['1e9', 7 * day, 30 * day],
    [String(7 * day), 7 * day, 7 * day],
    [String(30 * day), 7 * day, 30 * day],
    ['99999999999999999999', 7 * day, 30 * day],
  ])('%s is %i without an account, and %i with one', async (ttl, anonymous, account) => {
    const params = { secret: 'x', ...(ttl !== undefined && { ttl }) }
    expect((await post('/share', params)).json).toMatchObject({ ttl: anonymous, secret_ttl: anonymous })
    expect((await post('/share', params, basic())).json).toMatchObject({ ttl: account, metadata_ttl: 2 * account })
  })
})

describe('a secret', () => {
  test.each([
    ['of the most bytes', 'x'.repeat(10_000)],
    ['of the most bytes, some of them of one character', 'ü'.repeat(5000)],
    ['of white space', ' \n\t'],
    ['with a trailing line end', 'x\r\n'],
    ['with a byte order mark and a NUL', '\ufeffa\0b'],
  ])('%s comes back as it was', async (_, secret) => {
    const { json } = await post('/share', { secret })
    expect((await post(`/secret/${json.secret_key}`)).json.value).toBe(secret)
  })

  test.each([
    ['one byte more', 'x'.repeat(10_001)],
    ['of few characters, but many bytes', 'ü'.repeat(5001)],
  ])('%s is refused', async (_, secret) => {
    await expectRefused(post('/share', { secret }), 'Secret value exceeds the maximum size of 10000 bytes')
  })

  test.each([[{}], [{ secret: '' }]])('that is none is refused: %j', async (params: Record<string, string>) => {
    await expectRefused(post('/share', params), 'You did not provide anything to share')
  })
})

describe('a passphrase', () => {
  test.each([
    ['abc', 'Passphrase must be at least 4 characters long'],
    ['\u{1f511}'.repeat(3), 'Passphrase must be at least 4 characters long'],
    ['x'.repeat(129), 'Passphrase must be no more than 128 characters long'],
    ['line\nbreak', 'An unexpected error occurred :['],
  ])('%j is refused', async (passphrase, message) => {
    await expectRefused(post('/share', { secret: 'x', passphrase }), message)
  })

  test.each([['abcd'], ['\u{1f511}'.repeat(128)], ['    ']])('%j is taken', async (passphrase) => {
    expect((await post('/share', { secret: 'x', passphrase })).json.passphrase_required).toBe(true)
  })

  test('that is empty is none', async () => {
    const { json } = await post('/share', { secret: 'x', passphrase: '', recipient: '', 'recipient[]': '' })
    expect(json).toMatchObject({ passphrase_required: false, recipient: [] })
  })
})

describe('a recipient', () => {
  test('needs an account', async () => {
    await expectRefused(
      post('/share', { secret: 'x', recipient: 'a@example.com' }),
      'An account is required to send emails.',
    )
  })

  test('that no mail can be sent to is refused', async () => {
    await expectRefused(
      post('/share', { secret: 'x', recipient: 'nobody' }, basic()),
      'Undeliverable email address: nobody',
    )
  })
})

describe('a share_domain', () => {
  test.each([['bridge.test'], ['BRIDGE.test'], ['halfkey.test'], ['no host'], ['']])(
    'that is the bridge’s own, or none, is ignored: %s',
    async (share_domain) => {
      expect((await post('/share', { secret: 'x', share_domain }, basic())).json.share_domain).toBe('')
    },
  )

  test('of the account is taken', async () => {
    const { json } = await post('/share', { secret: 'x', share_domain: 'Secrets.Example.org' }, basic())
    expect(json.share_domain).toBe('secrets.example.org')
  })

  test('of another account, or of nobody, is refused by name', async () => {
    const own = 'You do not have permission to use domain: secrets.example.org'
    await expectRefused(post('/share', { secret: 'x', share_domain: 'secrets.example.org' }), own)
    await expectRefused(
      post('/share', { secret: 'x', share_domain: 'x.example' }, basic()),
      'Unknown domain: x.example',
    )
  })
})

test('what is wrong is told in this order: size, recipient, domain, passphrase, nothing to share', async () => {
  const wrong = {
    secret: 'x'.repeat(10_001),
    recipient: 'a@example.com',
    share_domain: 'x.example',
    passphrase: 'abc',
  }
  await expectRefused(post('/share', wrong), 'Secret value exceeds the maximum size of 10000 bytes')
  await expectRefused(post('/share', { ...wrong, secret: '' }), 'An account is required to send emails.')
  await expectRefused(post('/share', { ...wrong, secret: '', recipient: '' }), 'Unknown domain: x.example')
  const { passphrase } = wrong
  await expectRefused(post('/share', { secret: '', passphrase }), 'Passphrase must be at least 4 characters long')
})

describe('/generate', () => {
  test.each([
    ['129', 'Generated password length must be no more than 128 characters'],
    ['0', 'An unexpected error occurred :['],
    ['-1', 'An unexpected error occurred :['],
    ['long', 'An unexpected error occurred :['],
  ])('refuses a length of «%s»', async (length, message) => {
    await expectRefused(post('/generate', { length }), message)
  })

  test('refuses to draw from no set', async () => {
    const names = ['uppercase', 'lowercase', 'numbers', 'symbols']
    const none = Object.fromEntries(names.map((name) => [`character_sets[${name}]`, 'false']))
    await expectRefused(post('/generate', none), 'An unexpected error occurred :[')
  })

  test('draws from every set, and nothing ambiguous unless that is asked for', async () => {
    const { value } = (await post('/generate', { length: '128' })).json
    for (const set of [/[A-Z]/, /[a-z]/, /[2-9]/, /[^A-Za-z0-9]/]) expect(value).toMatch(set)
    expect(value).not.toMatch(/[0O1Il]/)
    const all = await Promise.all(
      Array.from({ length: 5 }, () => post('/generate', { length: '128', 'character_sets[exclude_ambiguous]': 'no' })),
    )
    expect(all.map(({ json }) => json.value).join('')).toMatch(/[0O1Il]/)
  })

  test('works with an empty body and the shortest length', async () => {
    expect((await post('/generate')).json.value).toHaveLength(12)
    expect((await post('/generate', { length: '' })).json.value).toHaveLength(12)
    expect((await post('/generate', { length: '1' })).json.value).toHaveLength(1)
  })
})

test('a server that is out of reach is an unexpected error, said to the operator', async () => {
  const { call } = another(
    { server: 'http://127.0.0.1:1' },
    { fetch: () => Promise.reject(new TypeError('fetch failed')) },
  )
  await expectRefused(call('POST', '/api/v1/share?secret=hidden'), 'An unexpected error occurred :[')
  expect(problems).toEqual([expect.stringMatching(/^NETWORK/)])
  expect(problems.join()).not.toContain('hidden')
})

test('without anonymous senders, sharing needs an account, and reading doesn’t', async () => {
  const { call } = another({ anonymous: false })
  const { secret_key } = (await post('/share', { secret: 'x' })).json
  for (const path of ['/share', '/create', '/generate'])
    await expectRefused(call('POST', `/api/v1${path}`, { body: { secret: 'x' } }), 'Not authorized', '401')
  expect((await call('POST', `/api/v1/secret/${secret_key}`)).json.value).toBe('x')
})
