/** Every call of the client against the real server. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { HalfkeyOptions } from '../src/client-options.ts'
import { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { openLink } from '../src/open.ts'
import { random } from '../src/provider.ts'
import { errorOf } from './refusal.ts'
import { startLossyProxy, startServer, type RealServer } from './server.ts'

let server: RealServer
let workspaceKey: string

beforeAll(async () => {
  server = await startServer()
  workspaceKey = b64(await random(32))
})

afterAll(() => server.stop())

const anonymous = (options: Partial<HalfkeyOptions> = {}) => new Halfkey({ baseUrl: server.url, ...options })
const owner = (options: Partial<HalfkeyOptions> = {}) => anonymous({ token: server.token, workspaceKey, ...options })

const codeOf = async (promise: Promise<unknown>) => (await errorOf(promise)).code

async function lossy(ending: string) {
  const proxy = await startLossyProxy(server.url, ending)
  onTestFinished(proxy.stop)
  return proxy
}

describe('sharing', () => {
  test('a text goes from sender to recipient byte for byte, once', async () => {
    const content = ' \r\n\t🔑 \0 \ufeff пароль \n'
    const secret = await anonymous().createSecret(content)
    expect(secret.shareUrl).toContain(`${server.url}/${secret.slug}#1`)
    expect(secret.maximumViews).toBe(1)
    expect(secret.expiration.getTime() - secret.createdAt.getTime()).toBe(24 * 3_600_000)

    const link = await openLink(secret.shareUrl)
    expect(link.needs).toEqual({ password: false, otp: null, captcha: false })
    expect(link.viewsLeft).toBe(1)
    const opened = await link.reveal()
    expect(opened.text).toBe(content)
    await opened.done()
    await opened.done()

    const error = await errorOf(openLink(secret.shareUrl))
    expect(error).toMatchObject({ code: 'GONE', status: 410, details: { cause: 'viewed' } })
    expect(await codeOf(link.reveal())).toBe('GONE')
  })

  test('the largest text goes through', async () => {
    const content = 'é'.repeat((2 ** 20 - 20) / 2)
    const secret = await owner().createSecret(content)
    expect((await (await openLink(secret.shareUrl)).reveal()).text).toBe(content)
  })

  test('the message is read before the reveal, views and expiry are as asked for', async () => {
    const secret = await anonymous().createSecret('content', { message: 'Use today', views: 5, hours: 1.5 })
    const link = await openLink(secret.shareUrl)
    expect(link.note).toBe('Use today')
    expect(link.viewsLeft).toBe(5)
    expect(link.expiration).toEqual(secret.expiration)
    expect(secret.expiration.getTime() - secret.createdAt.getTime()).toBe(5_400_000)
    const unlimited = await anonymous().createSecret('content', { views: null })
    expect((await openLink(unlimited.shareUrl)).viewsLeft).toBeNull()
  })

  test('a password is asked for, a wrong one costs an attempt and no view, the right one opens', async () => {
    const secret = await anonymous().createSecret('content', { password: 'ｐａß', maxAttempts: 3 })
    expect(secret.hasPassword).toBe(true)
    const link = await openLink(secret.shareUrl)
    expect(link.needs.password).toBe(true)
    expect(link.attemptsLeft).toBe(3)
    expect(await codeOf(link.reveal())).toBe('PASSWORD_REQUIRED')
    expect(await errorOf(link.reveal({ password: 'wrong' }))).toMatchObject({
      code: 'PASSWORD_WRONG',
      details: { attempts_left: 2 },
    })
    expect((await openLink(secret.shareUrl)).viewsLeft).toBe(1)
    expect((await link.reveal({ password: 'ｐａß' })).text).toBe('content')
  })

  test('too many wrong passwords lock the secret until its owner unlocks it', async () => {
    const secret = await anonymous().createSecret('content', { password: 'p', maxAttempts: 1 })
    const link = await openLink(secret.shareUrl)
    expect(await codeOf(link.reveal({ password: 'wrong' }))).toBe('PASSWORD_WRONG')
    expect(await codeOf(link.reveal({ password: 'p' }))).toBe('LOCKED')
    const manage = { manageKey: secret.manageKey }
    expect((await anonymous().getSecretDetails(secret.slug, manage)).status).toBe('locked')
    expect((await anonymous().patchSecret(secret.slug, { unlock: true, ...manage })).status).toBe('active')
    expect((await link.reveal({ password: 'p' })).text).toBe('content')
  })

  test('too many wrong passwords burn the secret if the sender chose so', async () => {
    const secret = await anonymous().createSecret('content', { password: 'p', maxAttempts: 1, onLockout: 'burn' })
    await errorOf((await openLink(secret.shareUrl)).reveal({ password: 'wrong' }))
    expect(await errorOf(openLink(secret.shareUrl))).toMatchObject({ code: 'GONE', details: { cause: 'locked_out' } })
  })

  test.each([
    ['geolocation', { geolocation: ['FR'] }],
    ['ip_whitelist', { ipWhitelist: ['10.0.0.0/8'] }],
    ['captcha', { captcha: true }],
    ['otp', { otp: { type: 'email', to: 'a@b.example' } as const }],
    ['notify', { notify: 'a@b.example' }],
  ])('%s is enforced or refused by name, never dropped', async (field, options) => {
    const outcome = await anonymous()
      .createSecret('content', options)
      .catch((error: unknown) => error)
    if (outcome instanceof Error) {
      const fields = Object.keys((outcome as Error & { details?: object }).details ?? {})
      expect(fields.map((name) => name.split('.')[0])).toContain(field)
    } else {
      expect(outcome).toHaveProperty('slug')
    }
  })

  test('bytes that aren’t text come back to the byte, beside files too, and can’t be changed by their first reader', async () => {
    const content = Uint8Array.from({ length: 786_000 }, (_, i) => 255 - i)
    const file = Uint8Array.of(0, 255)
    const secret = await owner().createSecret(content, { attachments: [file], password: 'p' })
    const opened = await (await openLink(secret.shareUrl)).reveal({ password: 'p' })
    expect(opened.text).toBeUndefined()
    opened.bytes()?.fill(0)
    expect(Buffer.compare(opened.bytes() ?? file, content)).toBe(0)
    expect(await opened.files[0]?.bytes()).toEqual(file)
  })

  test('bytes() of a text is its UTF-8, and of files alone undefined', async () => {
    const text = await owner().createSecret('ü')
    expect((await (await openLink(text.shareUrl)).reveal()).bytes()).toEqual(Uint8Array.of(0xc3, 0xbc))
    const files = await owner().createSecret('', { attachments: [Uint8Array.of(1)] })
    expect((await (await openLink(files.shareUrl)).reveal()).bytes()).toBeUndefined()
  })

  test('a link to nothing is NOT_FOUND', async () => {
    const secret = await owner().createSecret('content')
    await owner().deleteSecret(secret.slug, { purge: true })
    expect(await codeOf(openLink(secret.shareUrl))).toBe('NOT_FOUND')
  })
})

describe('C6: replies that are lost', () => {
  test('after the server committed the reveal: the retry gets the secret, and one view is spent', async () => {
    const secret = await owner().createSecret('content', { views: 3 })
    const proxy = await lossy('/reveal')
    const link = await openLink(secret.shareUrl.replace(server.url, proxy.url))
    expect((await link.reveal()).text).toBe('content')
    expect(proxy.seen).toHaveLength(2)
    expect(proxy.seen[1]).toBe(proxy.seen[0])
    expect((await owner().getSecretDetails(secret.slug)).currentViews).toBe(1)
    const opened = (await owner().getEvents(secret.slug)).filter(({ type }) => type === 'opened')
    expect(opened).toHaveLength(1)
  })

  test('of the last view, with a client that crashed: the saved reveal id opens it', async () => {
    const secret = await anonymous().createSecret('content', { password: 'p' })
    const proxy = await lossy('/reveal')
    const shareUrl = secret.shareUrl.replace(server.url, proxy.url)
    const crashed = await openLink(shareUrl, { retries: 0 })
    expect(await codeOf(crashed.reveal({ password: 'p' }))).toBe('NETWORK')
    expect(await codeOf(openLink(shareUrl))).toBe('GONE')

    const { revealId } = crashed
    const link = await openLink(shareUrl, { revealId })
    const opened = await link.reveal({ password: 'p' })
    expect(opened.text).toBe('content')
    await opened.done()
    expect(await codeOf((await openLink(shareUrl, { revealId })).reveal({ password: 'p' }))).toBe('GONE')
  })

  test('of a create: the retry makes no second secret', async () => {
    const before = await owner().getStats()
    const proxy = await lossy('/secrets')
    const secret = await owner({ baseUrl: proxy.url }).createSecret('content')
    expect(proxy.seen).toHaveLength(2)
    expect((await owner().getStats()).totalSecrets).toBe(before.totalSecrets + 1)
    expect((await (await openLink(secret.shareUrl)).reveal()).text).toBe('content')
  })

  test('of an ack: the retry is a success', async () => {
    const secret = await anonymous().createSecret('content')
    const proxy = await lossy('/ack')
    const opened = await (await openLink(secret.shareUrl.replace(server.url, proxy.url))).reveal()
    await opened.done()
    expect(proxy.seen).toHaveLength(2)
  })
})

describe('owning', () => {
  test('the workspace remembers its key by the check value, and another key is refused before a seal', async () => {
    expect((await owner().getWorkspace()).workspaceCheck).toBeNull()
    const { workspaceCheck } = await owner().setWorkspaceCheck()
    expect(await owner().setWorkspaceCheck()).toMatchObject({ workspaceCheck })
    expect(await owner().getWorkspace()).toMatchObject({ workspaceCheck })
    const stranger = owner({ workspaceKey: b64(await random(32)) })
    expect(await codeOf(stranger.createSecret('content'))).toBe('WRONG_KEY')
    expect(await codeOf(stranger.setWorkspaceCheck())).toBe('CONFLICT')
  })

  test('details show what the owner noted, to whoever has the workspace key', async () => {
    const noted = { description: 'Database', message: 'Use today' }
    const secret = await owner().createSecret('content', { ...noted, views: 2, recoverable: true })
    const details = await owner().getSecretDetails(secret.slug)
    expect(details).toMatchObject({
      slug: secret.slug,
      creator: 'admin',
      maximumViews: 2,
      currentViews: 0,
      status: 'active',
      isExpired: false,
      hasPassword: false,
      ...noted,
    })
    expect(details.expiration).toEqual(secret.expiration)
    expect(`${details.shareUrl}#${details.fragment ?? ''}`).toBe(secret.shareUrl)
    const bare = await anonymous({ token: server.token }).getSecretDetails(secret.slug)
    expect(bare).toMatchObject({ description: undefined, message: undefined, fragment: undefined })
    const stranger = owner({ workspaceKey: b64(await random(32)) })
    expect(await codeOf(stranger.getSecretDetails(secret.slug))).toBe('WRONG_KEY')
    const { secrets } = await stranger.listSecrets({ limit: 1 })
    expect(secrets).toMatchObject([{ slug: secret.slug, metaError: true }])
  })

  test('lists page by page, newest first, and over all pages each secret once', async () => {
    const made: string[] = []
    for (let i = 0; i < 5; i++) made.unshift((await owner().createSecret('content', { description: `${i}` })).slug)
    const { secrets, pagination } = await owner().listSecrets({ status: 'active', limit: 2, page: 2 })
    expect(pagination).toMatchObject({ currentPage: 2, perPage: 2 })
    expect(secrets.map(({ description }) => description)).toEqual(['2', '1'])
    const all: string[] = []
    for await (const { slug } of owner().secrets({ limit: 3 })) all.push(slug)
    expect(all.slice(0, 5)).toEqual(made)
    expect(new Set(all).size).toBe((await owner().listSecrets()).pagination.total)
    expect(all).toHaveLength(new Set(all).size)
  })

  test('lists by status and creator', async () => {
    const secret = await owner().createSecret('content')
    await owner().deleteSecret(secret.slug)
    const { secrets } = await owner().listSecrets({ status: 'burned', creator: 'admin' })
    expect(secrets.map(({ slug }) => slug)).toContain(secret.slug)
    expect(new Set(secrets.map(({ status }) => status))).toEqual(new Set(['burned']))
    expect((await owner().listSecrets({ creator: 'nobody' })).secrets).toEqual([])
  })

  test('a patch shortens, lowers and describes, and can’t loosen', async () => {
    const secret = await owner().createSecret('content', { views: 5, message: 'kept' })
    const patched = await owner().patchSecret(secret.slug, { hours: 1, views: 2, description: 'new' })
    expect(patched).toMatchObject({ maximumViews: 2, description: 'new', message: 'kept' })
    expect(patched.expiration.getTime()).toBeLessThan(secret.expiration.getTime())
    expect(await owner().getSecretDetails(secret.slug)).toMatchObject({ maximumViews: 2, description: 'new' })
    const error = await errorOf(owner().patchSecret(secret.slug, { hours: 2, views: 3 }))
    expect(error.code).toBe('VALIDATION_ERROR')
    expect(Object.keys(error.details ?? {}).sort()).toEqual(['hours', 'views'])
  })

  test('deleting burns at once, twice is the same, and purging removes the record', async () => {
    const secret = await owner().createSecret('content')
    await owner().deleteSecret(secret.slug)
    await owner().deleteSecret(secret.slug)
    expect(await errorOf(openLink(secret.shareUrl))).toMatchObject({ code: 'GONE', details: { cause: 'burned' } })
    expect((await owner().getSecretDetails(secret.slug)).status).toBe('burned')
    await owner().deleteSecret(secret.slug, { purge: true })
    expect(await codeOf(owner().getSecretDetails(secret.slug))).toBe('NOT_FOUND')
  })

  test('a manage key does what the owner may, to its own secret alone', async () => {
    const [mine, other] = [await anonymous().createSecret('content'), await anonymous().createSecret('content')]
    const { slug, manageKey } = mine
    expect((await anonymous().getSecretDetails(slug, { manageKey })).slug).toBe(slug)
    expect((await anonymous().getEvents(slug, { manageKey })).map(({ type }) => type)).toEqual(['created'])
    expect((await anonymous().patchSecret(slug, { hours: 1, manageKey })).slug).toBe(slug)
    expect(await codeOf(anonymous().getSecretDetails(other.slug, { manageKey }))).toBe('NOT_FOUND')
    expect(await codeOf(owner().getSecretDetails(slug))).toBe('NOT_FOUND')
    await anonymous().deleteSecret(slug, { manageKey })
    expect(await errorOf(openLink(mine.shareUrl))).toMatchObject({ details: { cause: 'burned' } })
  })

  test('events tell who did what, in order', async () => {
    const secret = await owner().createSecret('content', { password: 'p' })
    const link = await openLink(secret.shareUrl)
    await errorOf(link.reveal({ password: 'wrong' }))
    await (await link.reveal({ password: 'p' })).done()
    const events = await owner().getEvents(secret.slug)
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([
      ['created', null],
      ['denied', 'PASSWORD_WRONG'],
      ['opened', null],
      ['acked', null],
    ])
    for (const { at, ip } of events) {
      expect(at).toBeInstanceOf(Date)
      expect(ip).toBe('127.0.0.1')
    }
  })

  test('statistics count what happened', async () => {
    const before = await owner().getStats()
    const secret = await owner().createSecret('content', { password: 'p' })
    await (await openLink(secret.shareUrl)).reveal({ password: 'p' })
    const after = await owner().getStats()
    expect(after).toMatchObject({
      totalSecrets: before.totalSecrets + 1,
      totalViews: before.totalViews + 1,
      secretsWithPassword: before.secretsWithPassword + 1,
      expiredSecrets: before.expiredSecrets + 1,
    })
  })

  test('calls without a token, or with an unknown one, are AUTHENTICATION_ERROR', async () => {
    for (const client of [anonymous(), anonymous({ token: 'hkt_nobody_c2VjcmV0' })]) {
      const calls = [client.listSecrets(), client.getStats(), client.getWorkspace()]
      for (const error of await Promise.all(calls.map(errorOf))) {
        expect(error).toMatchObject({ code: 'AUTHENTICATION_ERROR', status: 401 })
      }
    }
  })
})
