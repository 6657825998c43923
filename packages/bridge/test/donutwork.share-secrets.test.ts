/** Donutwork's share secrets, call by call. */
import { describe, expect, test } from 'vitest'
import { startSmtpServer, readMail } from '../../../apps/api/test/support/smtp.ts'
import { bearer, useDonutwork } from './support/donutwork.ts'

const { bridge, get, send, share, client } = useDonutwork({ trustedProxies: ['198.51.100.7'] })

const unread = { ip: null, ua: null, isoDate: null, ts: null }
const missing = { error: 'This ShareSecret does not exist' }

async function read(url: string, headers: Record<string, string> = {}): Promise<string | undefined> {
  const opened = await (await client(headers).openLink(url)).reveal()
  await opened.done()
  return opened.text
}

test('what is shared has a link that opens once, with the content to the byte', async () => {
  const content = ' two\r\nlines, «ünïcode» \u{1f511}\0\n'
  const { status, json } = await share({ name: 'Deployment API Token', content })
  expect(status).toBe(200)
  expect(json).toEqual({
    id: expect.stringMatching(/^[\da-f]{24}$/),
    name: 'Deployment API Token',
    url: expect.stringMatching(/^https:\/\/halfkey\.test\/\w{13}#1\w{44}$/),
    readed: false,
    readerInfo: unread,
    sendTo: { status: false, messageId: null },
  })
  expect(await read(json.url)).toBe(content)
  await expect(read(json.url)).rejects.toMatchObject({ code: 'GONE' })
})

test('who read it is told with address, user agent and time, and that it was', async () => {
  const { clock } = bridge.app()
  clock.advance(Date.UTC(2026, 2, 3, 11) - clock.now())
  const { json } = await share({ name: 'Database', content: 'x' })
  expect((await get(`/share-secrets/${json.id}.json`)).json).toEqual({
    id: json.id,
    name: 'Database',
    url: json.url,
    readed: false,
    readerInfo: unread,
  })
  clock.advance(20 * 60_000)
  await read(json.url, { 'X-Forwarded-For': '82.1.4.22', 'User-Agent': 'Mozilla/5.0' })
  expect((await get(`/share-secrets/${json.id}.json`)).json).toMatchObject({
    readed: true,
    readerInfo: { ip: '82.1.4.22', ua: 'Mozilla/5.0', isoDate: '03/03/2026 11:20:00', ts: 1772536800 },
  })
})

test('the list has every secret of the workspace, newest first, with the links that opened them', async () => {
  const made = []
  for (const name of ['one', 'two', 'three']) {
    made.unshift((await share({ name, content: name })).json)
    bridge.app().clock.advance(1000)
  }
  await read(made[0].url)
  const { status, json } = await get('/share-secrets.json')
  expect(status).toBe(200)
  expect(json).toEqual({
    entities: 'ShareSecret',
    count: 3,
    per_page: 100,
    pages: { current: 1, max: 1 },
    elements: made.map(({ id, name, url }, index) => ({ id, name, url, readed: index === 0 })),
  })
})

test.each([
  ['size=2&page=2', { per_page: 2, pages: { current: 2, max: 2 } }, 1],
  ['size=2', { per_page: 2, pages: { current: 1, max: 2 } }, 2],
  ['size=2&page=9', { per_page: 2, pages: { current: 9, max: 2 } }, 0],
  ['size=1000', { per_page: 100, pages: { current: 1, max: 1 } }, 3],
  ['size=0&page=0', { per_page: 100, pages: { current: 1, max: 1 } }, 3],
  ['size=-1&page=x', { per_page: 100, pages: { current: 1, max: 1 } }, 3],
  ['size=&page=', { per_page: 100, pages: { current: 1, max: 1 } }, 3],
])('a list of 3 asked for with %s has its page', async (query, page, length) => {
  for (const name of ['one', 'two', 'three']) await share({ name, content: name })
  const { status, json } = await get(`/share-secrets.json?${query}`)
  expect(status).toBe(200)
  expect(json).toMatchObject({ count: 3, ...page })
  expect(json.elements).toHaveLength(length)
})

test('a list of none is one page', async () => {
  const empty = { entities: 'ShareSecret', count: 0, per_page: 100, pages: { current: 1, max: 1 }, elements: [] }
  expect((await get('/share-secrets.json')).json).toEqual(empty)
})

test('a secret that another program made in the workspace is listed by what it noted, without a key nobody kept', async () => {
  const made = await client().createSecret('x', { description: 'from elsewhere' })
  const { elements } = (await get('/share-secrets.json')).json
  expect(elements).toMatchObject([{ name: 'from elsewhere', url: `https://halfkey.test/${made.slug}` }])
})

test.each(['unread', 'read', 'expired'])(
  'deleting one that is %s removes it, its link and its record',
  async (state) => {
    const { json } = await share({ name: 'x', content: 'x' })
    if (state === 'read') await read(json.url)
    if (state === 'expired') bridge.app().clock.advance(25 * 3_600_000)
    const path = `/share-secrets/${json.id}.json`
    expect(await send('DELETE', path)).toMatchObject({ status: 200, json: { id: json.id, deleted: true } })
    expect(await get(path)).toMatchObject({ status: 404, json: missing })
    expect(await send('DELETE', path)).toMatchObject({ status: 404, json: missing })
    expect((await get('/share-secrets.json')).json.count).toBe(0)
    await expect(read(json.url)).rejects.toMatchObject({ code: state === 'unread' ? 'NOT_FOUND' : expect.any(String) })
  },
)

test.each(['0'.repeat(24), '000000ffffffffffffffffff', '6739782b', 'x', '..%2Fstats', 'F'.repeat(24), '%00', '%ZZ'])(
  'an id that no secret has, %s, is 404 by its own words',
  async (id) => {
    for (const method of ['GET', 'DELETE'])
      expect(await send(method, `/share-secrets/${id}.json`)).toMatchObject({ status: 404, json: missing })
  },
)

test('another bridge that knows the same settings serves the same ids: nothing is kept', async () => {
  const { json } = await share({ name: 'x', content: 'x' })
  const other = bridge.another()
  const { json: seen } = await other.call('GET', `/2026-02-01/share-secrets/${json.id}.json`, { headers: bearer() })
  expect(seen).toMatchObject({ id: json.id, name: 'x', url: json.url })
})

describe('what is wrong with a secret is said, all of it, and nothing is made', () => {
  const whole = { name: 'n', content: 'c' }
  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'The body must be JSON in UTF-8, nested at most 100 levels deep.'],
    ['no body', '', 'The body must be JSON in UTF-8, nested at most 100 levels deep.'],
    [
      'deeply nested JSON',
      `{"shareSecret":{"name":"n","content":"c","sendTo":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}}`,
      'The body must be JSON in UTF-8, nested at most 100 levels deep.',
    ],
    ['a list', [], 'The body must be an object.'],
    ['no secret', {}, 'shareSecret is required.'],
    ['null for the secret', { shareSecret: null }, 'shareSecret is required.'],
    ['a text for the secret', { shareSecret: 'x' }, 'shareSecret must be an object.'],
    ['nothing in it', { shareSecret: {} }, 'shareSecret.name is required. shareSecret.content is required.'],
    ['an empty name', { shareSecret: { ...whole, name: '' } }, 'shareSecret.name must not be empty.'],
    ['an empty content', { shareSecret: { ...whole, content: '' } }, 'shareSecret.content must not be empty.'],
    ['a number as name', { shareSecret: { ...whole, name: 7 } }, 'shareSecret.name must be text.'],
    ['an object as content', { shareSecret: { ...whole, content: {} } }, 'shareSecret.content must be text.'],
    [
      'half a character',
      { shareSecret: { ...whole, content: '\ud800' } },
      'shareSecret.content must be well-formed Unicode.',
    ],
    [
      'a long name',
      { shareSecret: { ...whole, name: 'n'.repeat(1001) } },
      'shareSecret.name must be at most 1000 characters.',
    ],
    ['what isn’t known', { shareSecret: { ...whole, ttl: 60 } }, 'shareSecret has unknown members: ttl.'],
    ['what isn’t known beside it', { shareSecret: whole, ttl: 60 }, 'The body has unknown members: ttl.'],
    ['a text as sendTo', { shareSecret: { ...whole, sendTo: 'a@b.example' } }, 'shareSecret.sendTo must be an object.'],
    [
      'a message to nobody',
      { shareSecret: { ...whole, sendTo: { message: 'm' } } },
      'shareSecret.sendTo.email is required.',
    ],
    [
      'no address',
      { shareSecret: { ...whole, sendTo: { email: 'x' } } },
      'shareSecret.sendTo.email must be one e-mail address.',
    ],
    [
      'two addresses',
      { shareSecret: { ...whole, sendTo: { email: 'a@b.example,c@d.example' } } },
      'shareSecret.sendTo.email must be one e-mail address.',
    ],
    [
      'a header in the address',
      { shareSecret: { ...whole, sendTo: { email: 'a@b.example\r\nBcc: c@d.example' } } },
      'shareSecret.sendTo.email must be one e-mail address.',
    ],
    [
      'a number as message',
      { shareSecret: { ...whole, sendTo: { email: 'a@b.example', message: 1 } } },
      'shareSecret.sendTo.message must be text.',
    ],
    [
      'a copy',
      { shareSecret: { ...whole, sendTo: { email: 'a@b.example', cc: 'c@d.example' } } },
      'shareSecret.sendTo has unknown members: cc.',
    ],
  ])('%s', async (_, body, error) => {
    expect(await send('POST', '/share-secrets.json', body)).toMatchObject({ status: 400, json: { error } })
    expect((await get('/share-secrets.json')).json.count).toBe(0)
  })

  test('more content than a secret holds: 413', async () => {
    const error = 'shareSecret.content is too large.'
    for (const length of [2 ** 20 + 1, 9 * 2 ** 20])
      expect(await share({ ...whole, content: 'x'.repeat(length) })).toMatchObject({ status: 413, json: { error } })
    expect((await get('/share-secrets.json')).json.count).toBe(0)
  })
})

test.each([
  ['nothing', undefined],
  ['null', null],
  ['an empty object', {}],
  ['empty texts', { email: '', message: '' }],
])('%s as sendTo mails nothing, and makes the secret', async (_, sendTo) => {
  const { status, json } = await share({ name: 'n', content: 'c', sendTo })
  expect([status, json.sendTo]).toEqual([200, { status: false, messageId: null }])
})

test('JSON is read whatever its content type says, as programs leave it out', async () => {
  const body = { shareSecret: { name: 'n', content: 'c' } }
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json; charset=utf-8'])
    expect((await send('POST', '/share-secrets.json', body, { ...bearer(), 'Content-Type': type })).status).toBe(200)
})

test('the link expires after the hours of the settings', async () => {
  const other = bridge.another({ shareSecretHours: 2 })
  const body = JSON.stringify({ shareSecret: { name: 'n', content: 'c' } })
  const { json } = await other.call('POST', '/2026-02-01/share-secrets.json', { headers: bearer(), body })
  bridge.app().clock.advance(2 * 3_600_000 - 1000)
  await client().openLink(json.url)
  bridge.app().clock.advance(2000)
  await expect(client().openLink(json.url)).rejects.toMatchObject({ code: 'GONE' })
})

describe('a link that is to be mailed', () => {
  const recipient = 'engineer@partner.example'
  const post = (settings: Parameters<typeof bridge.another>[0]) =>
    bridge.another(settings).call('POST', '/2026-02-01/share-secrets.json', {
      headers: bearer(),
      body: JSON.stringify({
        shareSecret: { name: 'n', content: 'c', sendTo: { email: recipient, message: 'Grüße:' } },
      }),
    })

  test('is, by the bridge, with the message and not with the name or the content', async () => {
    const smtp = await startSmtpServer({ disabledCommands: ['STARTTLS'] })
    try {
      const mail = { smtpUrl: `smtp://127.0.0.1:${smtp.port}`, from: 'bridge@company.example' }
      const { json } = await post({ mail })
      expect(json.sendTo).toEqual({ status: true, messageId: expect.stringMatching(/^<.+@company\.example>$/) })
      expect(smtp.received).toMatchObject([{ from: mail.from, to: [recipient] }])
      const words = readMail(smtp.received[0]?.raw ?? '')
      expect(words).toContain(`Message-ID: ${json.sendTo.messageId}`)
      expect(words).toContain('Grüße:')
      expect(words).toContain(json.url)
      expect(await read(json.url)).toBe('c')
    } finally {
      await smtp.close()
    }
  })

  test.each([
    ['no mail server', {}],
    ['a mail server that isn’t there', { mail: { smtpUrl: 'smtp://127.0.0.1:1', from: 'bridge@company.example' } }],
  ])('and can’t be, with %s: the reply and the log say so, and the reply has the link', async (_, settings) => {
    const { status, json } = await post(settings)
    expect([status, json.sendTo]).toEqual([200, { status: false, messageId: null }])
    expect(await read(json.url)).toBe('c')
    expect(bridge.problems.join()).toMatch(/mail/)
    expect(bridge.problems.join()).not.toContain(recipient)
  })
})
