import type { WireEvent, WireSuccess } from '@halfkey/sdk'
import { Halfkey, openLink } from '@halfkey/sdk'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { useServer } from './support/running.ts'
import { newId, seal } from './support/sender.ts'
import { makeHome, startServer } from './support/server.ts'

const { server, call, bearer, create, status, reveal, events, details } = useServer()

/** Faults found in other programs of this kind, and where each is shown to be absent: the file, and the test's name. */
const elsewhere: [fault: string, file: string, name: string][] = [
  ['any reader of the link may delete it', 'owner.test.ts', 'is nothing that a reader of the link has'],
  ['a mistyped link spends the view', 'packages/sdk/test/property.link.test.ts', 'every substitution of a character'],
  ['one key and iv seal two things', 'packages/sdk/test/claims.test.ts', 'no key and iv ever meet twice'],
  ['leaving the password out opens the secret', 'endings.test.ts', 'missing is asked for, wrong is counted'],
  ['attempts are checked before they are counted', 'race.test.ts', 'wrong ones at once exactly the limit is tried'],
  ['the last view only sets a flag', 'destroy.test.ts', 'its last view was acked'],
  ['many at once read a one-time secret', 'race.test.ts', 'exactly so many get it'],
  ['a GET consumes', 'oracle.test.ts', 'GET, HEAD and the rest never spend a view'],
  ['a robot that runs scripts consumes', 'apps/web/test/quiet.chromium.test.ts', 'a robot that runs scripts'],
  ['the page sends the fragment', 'apps/web/test/quiet.chromium.test.ts', 'never holds the fragment'],
  ['health says 200 with the store down', 'disk.test.ts', "toMatchObject({ status: 503, body: { status: 'unavailable'"],
  ['a retried create makes two secrets', 'race.test.ts', 'of the same bytes one makes the secret'],
  ['the secret is lost with the reply', 'packages/sdk/test/client.api.test.ts', 'C6: replies that are lost'],
  ['content is trimmed', 'packages/sdk/test/create.test.ts', 'opens what the server was given, byte for byte'],
  ['passwords lose bits', 'packages/sdk/test/claims.test.ts', 'in all planes of Unicode'],
  [
    'documented options are ignored',
    'bad-input.test.ts',
    'a field that doesn’t exist, on every level and by every name',
  ],
  ['CIDR checks accept 999.1.1.1/99', 'addresses.test.ts', "'999.1.1.1/99'"],
  ['CIDR checks refuse IPv6', 'addresses.test.ts', "['2001:db8::/32'], '2001:db8:ffff::1'"],
  ['an address rule is skipped when the header is absent', 'policies.test.ts', 'only those who the list names learn'],
  ['webhooks go to any URL', 'webhook-addresses.test.ts', 'is not connected to'],
  ['webhooks carry a right to delete', 'witness.outside.test.ts', 'nothing is in the server’s %s'],
  ['flags never reach the request', 'packages/cli/test/commands.test.ts', 'each option of create has its effect'],
]

test.each(elsewhere)('«%s» is tested in %s', (_, file, name) => {
  const base = file.includes('/') ? '../../../' : './'
  const source = readFileSync(new URL(base + file, import.meta.url), 'utf8')
  expect([name, source.includes(name)]).toEqual([name, true])
})

describe('every forwarding header is believed', () => {
  const forged = {
    'X-Forwarded-For': '203.0.113.9',
    'X-Real-IP': '203.0.113.9',
    Forwarded: 'for=203.0.113.9',
    'CF-Connecting-IP': '203.0.113.9',
    'True-Client-IP': '203.0.113.9',
    'X-Forwarded-Host': 'evil.test',
    'X-Forwarded-Proto': 'https',
    'X-HTTP-Method-Override': 'DELETE',
  }

  test('without a trusted proxy none is: who called is the peer', async () => {
    const sealed = seal()
    await create(sealed, forged)
    const headers = { ...forged, 'Halfkey-Access': sealed.access }
    await call('POST', `/api/v1/links/${sealed.slug}/reveal`, { reveal_id: newId() }, headers)
    const { data } = (await events(sealed)).body as WireSuccess<WireEvent[]>
    expect(data.map(({ type, ip }) => [type, ip])).toEqual([
      ['created', '127.0.0.1'],
      ['opened', '127.0.0.1'],
    ])
  })

  test('nor do they, or Host, change where links point, or what is done', async () => {
    const { data } = (await create(seal(), { ...forged, Host: 'evil.test' })).body
    expect(data.share_url).toMatch(new RegExp(`^${server().url}/\\w{13}$`))
  })
})

describe('anyone who knows an id can burn it by failing', () => {
  test('without the link a wrong password is neither tried nor counted', async () => {
    const sealed = seal({ password: true, fields: { max_attempts: 1, on_lockout: 'burn' } })
    await create(sealed)
    for (let n = 0; n < 20; n++) {
      const guess = { password_proof: seal().access }
      expect((await reveal({ ...sealed, access: seal().access }, newId(), guess)).status).toBe(404)
    }
    expect((await status(sealed, {})).body.data.attempts_left).toBe(1)
    expect((await reveal(sealed, newId(), { password_proof: sealed.passwordProof })).status).toBe(200)
  })

  test('by default even a holder of the link can only lock it, which its owner undoes', async () => {
    const sealed = seal({ password: true })
    await create(sealed)
    for (let n = 0; n < 12; n++) await reveal(sealed, newId(), { password_proof: sealed.access })
    expect((await details(sealed)).body.data.status).toBe('locked')
  })
})

describe('a default key is shipped', () => {
  test('every installation makes its own', async () => {
    const homes = [makeHome(), makeHome()]
    const keys = homes.map(async (home) => {
      await (await startServer(home)).stop()
      return readFileSync(home.serverKey, 'utf8')
    })
    expect(new Set(await Promise.all(keys)).size).toBe(2)
    for (const home of homes) home.remove()
  })
})

describe('client and server disagree on the size limit', () => {
  const largest = 2 ** 20 - '{"text":""}'.length
  const owner = () => new Halfkey({ baseUrl: server().url, token: server().token })

  test('the largest text that the SDK takes is taken by the server, and one byte more is refused before it is sent', async () => {
    const { shareUrl } = await owner().createSecret('x'.repeat(largest))
    expect((await (await openLink(shareUrl)).reveal()).text).toHaveLength(largest)
    const sent: unknown[] = []
    const counting = new Halfkey({
      baseUrl: server().url,
      fetch(...request) {
        sent.push(request)
        return fetch(...request)
      },
    })
    await expect(counting.createSecret('x'.repeat(largest + 1))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    expect(sent).toEqual([])
  })

  test('the server takes no ciphertext above that, whoever sends it', async () => {
    expect((await create(seal({ size: 1_081_360 }), bearer())).status).toBe(201)
    expect((await create(seal({ size: 1_081_361 }), bearer())).status).toBe(422)
  })
})
