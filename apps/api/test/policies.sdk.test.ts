/** The SDK against a server with a real mail server, gateway and database of countries: every policy in one secret. */
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import path from 'node:path'
import { Halfkey, HalfkeyError, openLink } from '@halfkey/sdk'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { systemClock } from '../src/adapters/clock.ts'
import type { Started } from '../src/start.ts'
import { start } from '../src/start.ts'
import { fastDirectory } from './support/app.ts'
import { codeIn, totpAt, totpSecret } from './support/codes.ts'
import type { OutsideServices } from './support/outside.ts'
import { startOutside } from './support/outside.ts'

const directory = mkdtempSync(path.join(fastDirectory, 'halfkey-sdk-'))
let outside: OutsideServices
let server: Started
let client: Halfkey

beforeAll(async () => {
  outside = await startOutside(directory)
  const { config } = readConfig({
    HALFKEY_LISTEN: '127.0.0.1:0',
    HALFKEY_DATA_DIR: path.join(directory, 'data'),
    HALFKEY_TRUSTED_PROXIES: '127.0.0.1',
    ...outside.settings,
    HALFKEY_CAPTCHA_COST: '2000',
  })
  server = await start(config, systemClock, pino({ enabled: false }))
  client = new Halfkey({ baseUrl: server.address, token: server.firstToken ?? '' })
})
afterAll(async () => {
  await server.stop()
  await outside.close()
  rmSync(directory, { recursive: true })
})

/** A recipient whose proxy names this address. */
const from = (address: string) => ({
  fetch: (input: string | URL | Request, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    headers.set('X-Forwarded-For', address)
    return fetch(input, { ...init, headers })
  },
})

/** The link's bearer value, as the SDK sends it. */
async function accessOf(shareUrl: string): Promise<string> {
  let access = ''
  const fetchSeen: typeof fetch = (input, init) => {
    access = new Headers(init?.headers).get('Halfkey-Access') ?? ''
    return fetch(input, init)
  }
  await openLink(shareUrl, { fetch: fetchSeen }).catch(() => undefined)
  return access
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  return error instanceof HalfkeyError ? error.code : 'no refusal'
}

test('a secret with every policy opens for who meets them all, and its mail tells nothing of it', async () => {
  const password = 'correct horse'
  const secret = await client.createSecret('the content', {
    message: 'the note',
    password,
    ipWhitelist: ['203.0.113.0/24', '192.0.2.0/24'],
    geolocation: ['FR'],
    captcha: true,
    otp: { type: 'email', to: 'annabel@example.com' },
  })
  expect(await codeOf(openLink(secret.shareUrl, from('198.51.100.1')))).toBe('IP_DENIED')
  expect(await codeOf(openLink(secret.shareUrl, from('192.0.2.1')))).toBe('GEO_DENIED')

  const link = await openLink(secret.shareUrl, from('203.0.113.5'))
  expect(link.needs).toEqual({ password: true, otp: { type: 'email', to: 'a…l@example.com' }, captcha: true })
  expect(await codeOf(link.requestCode({ password: 'wrong' }))).toBe('PASSWORD_WRONG')
  expect(outside.smtp.received).toEqual([])
  expect(await link.requestCode({ password })).toMatchObject({ type: 'email', to: 'a…l@example.com' })
  expect(outside.smtp.received).toMatchObject([{ from: 'halfkey@sender.example', to: ['annabel@example.com'] }])
  const raw = outside.smtp.received[0]?.raw ?? ''

  expect(await codeOf(link.reveal({ password, otp: 'wrong' }))).toBe('OTP_WRONG')
  const opened = await link.reveal({ password, otp: codeIn({ text: raw }) })
  expect(opened.text).toBe('the content')
  await opened.done()
  for (const part of ['the content', 'the note', password, secret.slug, new URL(secret.shareUrl).hash.slice(1)])
    expect(raw).not.toContain(part)
})

test('codes by SMS and of an app open too, with secrets and numbers written as people write them', async () => {
  const bySms = await client.createSecret('sms', { otp: { type: 'sms', to: '+49 151 12345678' } })
  const link = await openLink(bySms.shareUrl)
  await link.requestCode()
  expect(outside.texts).toMatchObject([{ to: '+4915112345678' }])
  expect((await link.reveal({ otp: codeIn(outside.texts[0] ?? { text: '' }) })).text).toBe('sms')

  const byApp = await client.createSecret('totp', { otp: { type: 'totp', secret: totpSecret.toLowerCase() } })
  const opened = await (await openLink(byApp.shareUrl)).reveal({ otp: totpAt(Date.now()) })
  expect(opened.text).toBe('totp')
})

test('of several lines of the forwarding header the last is the proxy’s own', async () => {
  const secret = await client.createSecret('the content', { ipWhitelist: ['203.0.113.0/24'] })
  const access = await accessOf(secret.shareUrl)
  const statusWith = (lines: string[]) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'Halfkey-Access': access, 'X-Forwarded-For': lines }
      const url = `${server.address}/api/v1/links/${secret.slug}/status`
      const sent = request(url, { method: 'POST', headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      sent.on('error', reject).end()
    })
  expect(await statusWith(['203.0.113.5', '192.0.2.1'])).toBe(403)
  expect(await statusWith(['192.0.2.1', '203.0.113.5'])).toBe(200)
  expect(await statusWith(['192.0.2.1, 203.0.113.5', '127.0.0.1'])).toBe(200)
  expect(await statusWith(['203.0.113.5', ''])).toBe(403)
})
