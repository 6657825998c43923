import type { WireDetails, WireEvent, WireSuccess } from '@halfkey/sdk'
import { beforeAll, describe, expect, test } from 'vitest'
import { totpSecret } from './support/codes.ts'
import { readDatabase } from './support/database.ts'
import { sendRaw } from './support/raw.ts'
import { useServer } from './support/running.ts'
import type { Attached } from './support/attached.ts'
import { attachmentCalls, firstFile, sealWithFiles } from './support/attached.ts'
import type { Sealed } from './support/sender.ts'
import { newId, seal } from './support/sender.ts'
import { addWorkspace } from './support/strangers.ts'

const { home, server, call, bearer, create, status, reveal, ack, details, events, burn, purge } = useServer()

/** A reply as it came off the wire, without what differs for every request. */
async function rawReply(method: string, path: string, headers: Record<string, string>, body?: string): Promise<string> {
  const lines = Object.entries({
    Host: 'halfkey.test',
    Connection: 'close',
    ...(body !== undefined && {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
    }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  const request = [`${method} ${path} HTTP/1.1`, ...lines, '', body ?? ''].join('\r\n')
  const { text } = await sendRaw(server().url, [Buffer.from(request, 'latin1')])
  return text.replace(/^(x-request-id|date): .*\r\n/gim, '')
}

type State =
  | 'active'
  | 'uploading'
  | 'with a file'
  | 'of a workspace'
  | 'with a password'
  | 'with every policy'
  | 'locked'
  | 'viewed'
  | 'viewed and acked'
  | 'burned'
  | 'purged'

/** None of which the callers of this file meet. */
const everyPolicy = {
  ip_whitelist: ['203.0.113.0/24'],
  captcha: true,
  otp: { type: 'totp', secret: totpSecret },
}

/** Secrets in every state that a guesser could hope to tell apart. */
interface Scene {
  states: Record<State, Sealed> & Record<'uploading' | 'with a file', Attached>
  unknown: string[]
}

let scene: Scene
beforeAll(async () => {
  const named = (fields: Record<string, unknown> = {}, password = false) => seal({ password, fields })
  const states = {
    active: named(),
    uploading: sealWithFiles(),
    'with a file': sealWithFiles(),
    'of a workspace': named(),
    'with a password': named({}, true),
    'with every policy': named(everyPolicy, true),
    locked: named({ max_attempts: 1 }, true),
    viewed: named(),
    'viewed and acked': named(),
    burned: named(),
    purged: named(),
  }
  for (const [name, sealed] of Object.entries(states))
    expect((await create(sealed, name === 'of a workspace' ? bearer() : {})).status).toBe(201)
  const { put, complete } = attachmentCalls(call)
  expect((await put(states['with a file'])).status).toBe(200)
  expect((await complete(states['with a file'])).status).toBe(200)
  const wrongProof = { password_proof: states.locked.access }
  expect((await reveal(states.locked, newId(), wrongProof)).status).toBe(403)
  expect((await reveal(states.viewed)).status).toBe(200)
  const id = newId()
  expect((await reveal(states['viewed and acked'], id)).status).toBe(200)
  expect((await ack(states['viewed and acked'], id)).status).toBe(200)
  expect((await burn(states.burned)).status).toBe(200)
  expect((await purge(states.purged)).status).toBe(200)
  scene = { states, unknown: [seal().slug, seal().slug, '1'.repeat(13), 'z'.repeat(13), 'nonsense', '0OIl'] }
})

/** What somebody may send who has no right value for this slug. */
function wrongValues(own: string | undefined, others: string[]): (string | undefined)[] {
  const random = seal().access
  const malformed = ['', 'x', random.slice(1), `${random}A`, `${random}=`, `${random.slice(0, -1)}B`, '\xff'.repeat(43)]
  const near = own === undefined ? [] : [`${own.startsWith('A') ? 'B' : 'A'}${own.slice(1)}`, `${own}, ${own}`]
  return [undefined, random, ...malformed, ...near, ...others]
}

/** Asks with every wrong value at every slug, known or not; the different replies. */
async function askEverywhere(
  valueOf: (sealed: Sealed) => string,
  ask: (slug: string, value: string | undefined) => Promise<string>,
): Promise<{ asked: number; replies: Set<string> }> {
  const { states, unknown } = scene
  const known = Object.values(states)
  const replies = new Set<string>()
  let asked = 0
  for (const slug of [...known.map((sealed) => sealed.slug), ...unknown]) {
    const own = known.find((sealed) => sealed.slug === slug)
    const others = known.filter((sealed) => sealed !== own).map(valueOf)
    const values = wrongValues(own && valueOf(own), others)
    for (const reply of await Promise.all(values.map((value) => ask(slug, value)))) replies.add(reply)
    asked += values.length
  }
  return { asked, replies }
}

/** Everything that the server keeps of its secrets, but the access log: probes are written there, after the reply. */
const snapshot = () =>
  readDatabase(home.data, (db) =>
    ['secrets', 'vault', 'metas', 'reveals', 'codes', 'captchas', 'attachments', 'blobs', 'counts', 'days'].map(
      (table) => db.prepare(`SELECT * FROM ${table}`).all(),
    ),
  )

const bodies: Record<string, () => string> = {
  'a right body': () => JSON.stringify({ reveal_id: newId() }),
  'proof, code and captcha': () =>
    JSON.stringify({ reveal_id: newId(), password_proof: seal().passwordProof, otp: '123456', captcha: 'e30=' }),
  'a wrong body': () => '{"reveal_id":1,"nope":2}',
  'no JSON': () => 'nonsense',
}

describe('C3: without the right access', () => {
  test.each(
    ['status', 'otp', 'reveal', 'ack'].flatMap((step) =>
      Object.keys(bodies).map((body): [string, string] => [step, body]),
    ),
  )('%s with %s gets the same bytes and headers for every slug, and changes nothing', async (step, body) => {
    const before = snapshot()
    const { asked, replies } = await askEverywhere(
      ({ access }) => access,
      (slug, value) =>
        rawReply(
          'POST',
          `/api/v1/links/${slug}/${step}`,
          value === undefined ? {} : { 'Halfkey-Access': value },
          bodies[body]?.(),
        ),
    )
    expect(asked).toBeGreaterThan(100)
    expect([...replies]).toEqual([expect.stringMatching(/^HTTP\/1\.1 404 .*"code":"NOT_FOUND"/s)])
    expect(snapshot()).toEqual(before)
  })

  test.each(['GET', 'HEAD'])(
    '%s of a file gets the same bytes and headers for every slug, and changes nothing',
    async (method) => {
      const before = snapshot()
      const { 'with a file': attached } = scene.states
      for (const grant of [undefined, attached.access, 'x'.repeat(64)]) {
        const { asked, replies } = await askEverywhere(
          ({ access }) => access,
          (slug, value) =>
            rawReply(method, `/api/v1/links/${slug}/files/${firstFile(attached).id}`, {
              ...(value !== undefined && { 'Halfkey-Access': value }),
              ...(grant !== undefined && { 'Halfkey-Grant': grant }),
            }),
        )
        expect(asked).toBeGreaterThan(100)
        expect([...replies]).toEqual([expect.stringMatching(/^HTTP\/1\.1 404 /)])
      }
      expect(snapshot()).toEqual(before)
    },
  )

  test('a secret whose files aren’t there yet is unknown even to the right access', async () => {
    const before = snapshot()
    const { uploading } = scene.states
    const unknown = seal()
    for (const step of ['status', 'reveal', 'otp', 'ack']) {
      const ask = ({ slug, access }: Sealed) =>
        rawReply('POST', `/api/v1/links/${slug}/${step}`, { 'Halfkey-Access': access }, bodies['a right body']?.())
      expect([step, await ask(uploading)]).toEqual([step, await ask(unknown)])
    }
    expect(snapshot()).toEqual(before)
  })

  test('manage keys, tokens and passwords are no access', async () => {
    const { active, 'with a password': guarded } = scene.states
    for (const sealed of [active, guarded])
      for (const value of [sealed.manageKey, sealed.passwordProof, sealed.keyA, sealed.body['access_verifier']])
        expect((await status(sealed, {}, value as string)).status).toBe(404)
    const owner = { ...bearer(), 'Halfkey-Manage': active.manageKey }
    expect((await call('POST', `/api/v1/links/${active.slug}/status`, {}, owner)).status).toBe(404)
  })

  test('GET, HEAD and the rest never spend a view, even with the right access', async () => {
    const before = snapshot()
    const { active, 'with a password': guarded } = scene.states
    for (const { slug, access } of [active, guarded])
      for (const step of ['', '/status', '/otp', '/reveal', '/ack'])
        for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']) {
          const reply = await call(method, `/api/v1/links/${slug}${step}`, undefined, { 'Halfkey-Access': access })
          expect({ method, step, status: reply.status }).toEqual({ method, step, status: 404 })
        }
    expect(snapshot()).toEqual(before)
  })

  test('the page at /SLUG is the same bytes and headers for every slug, and spends nothing', async () => {
    const before = snapshot()
    const slugs = [...Object.values(scene.states).map(({ slug }) => slug), ...scene.unknown]
    for (const method of ['GET', 'HEAD']) {
      const pages = new Set(await Promise.all(slugs.map((slug) => rawReply(method, `/${slug}`, {}))))
      expect([...pages]).toEqual([expect.stringMatching(/^HTTP\/1\.1 200 .*content-type: text\/html/is)])
    }
    expect(snapshot()).toEqual(before)
  })

  test('the rightful recipient and owner see a secret that nobody has touched', async () => {
    const { active } = scene.states
    expect((await details(active)).body as WireSuccess<WireDetails>).toMatchObject({ data: { current_views: 0 } })
    const { data } = (await events(active)).body as WireSuccess<WireEvent[]>
    const probes = data.filter(({ reason }) => reason === 'NOT_FOUND')
    expect(probes.length).toBeGreaterThan(0)
    expect(data.filter((event) => !probes.includes(event)).map(({ type }) => type)).toEqual(['created'])
    expect((await status(active, {})).status).toBe(200)
  })
})

describe('without the right manage key', () => {
  const ownerCalls: [string, string][] = [
    ['GET SLUG', ''],
    ['GET SLUG/events', ''],
    ['PATCH SLUG', '{"maximum_views":1}'],
    ['PATCH SLUG', '{"nope":1}'],
    ['DELETE SLUG', ''],
    ['DELETE SLUG?purge=true', ''],
    ['DELETE SLUG?purge=nonsense', ''],
    ['PUT SLUG/files/AAAAAAAAAAAAAAAAAAAAAA/parts/0', '{}'],
    ['GET SLUG/files/AAAAAAAAAAAAAAAAAAAAAA/parts', ''],
    ['POST SLUG/complete', ''],
  ]
  const ask = (line: string, body: string, slug: string, headers: Record<string, string>) => {
    const [method = '', path = ''] = line.replace('SLUG', `/api/v1/secrets/${slug}`).split(' ')
    return rawReply(method, path, headers, body === '' ? undefined : body)
  }
  const everySlug = async (line: string, body: string, headers: Record<string, string>) => {
    const slugs = [...Object.values(scene.states).map(({ slug }) => slug), ...scene.unknown]
    return [...new Set(await Promise.all(slugs.map((slug) => ask(line, body, slug, headers))))]
  }

  test.each(ownerCalls)('%s %s gets the same bytes and headers for every slug, and changes nothing', async (...of) => {
    const before = snapshot()
    const { replies } = await askEverywhere(
      ({ manageKey }) => manageKey,
      (slug, value = '') => ask(...of, slug, { 'Halfkey-Manage': value }),
    )
    expect([...replies]).toEqual([expect.stringMatching(/^HTTP\/1\.1 404 /)])
    expect(await everySlug(...of, {})).toEqual([expect.stringMatching(/^HTTP\/1\.1 401 /)])
    expect(snapshot()).toEqual(before)
  })

  test.each(ownerCalls)('%s %s with another workspace’s token gets what it gets for an unknown slug', async (...of) => {
    const { text } = addWorkspace(home.data)
    const before = snapshot()
    const replies = await everySlug(...of, { Authorization: `Bearer ${text}` })
    expect(replies).toEqual([expect.stringMatching(/^HTTP\/1\.1 404 /)])
    expect(snapshot()).toEqual(before)
  })
})
