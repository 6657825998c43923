/** What the SDK returns may be logged whole: no credential shows. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Halfkey } from '../src/index.ts'
import { sealMeta } from '../src/protocol/owner.ts'
import { unb64 } from '../src/protocol/encoding.ts'
import { findLeaks } from './leaks.ts'

const at = '2026-01-01T00:00:00.000Z'
const workspaceKey = 'A'.repeat(43)
const slug = '1'.repeat(13)

/** A client whose every call gets this. */
const clientWith = (data: object, key?: string) =>
  new Halfkey({
    baseUrl: 'http://127.0.0.1:1',
    token: 'hkt_a_b',
    workspaceKey: key,
    fetch: () => Promise.resolve(Response.json({ success: true, message: '', data })),
  })

test('a client and the rooms of its calls: neither printed nor as JSON do they hold token, keys or passwords', async () => {
  const token = 'hkt_abc123_c2VjcmV0LW9mLXRoZS10b2tlbg'
  const secrets = {
    token,
    half: 'c2VjcmV0LW9mLXRoZS10b2tlbg',
    workspaceKey,
    old: 'B'.repeat(42) + 'A',
    smtp: 'smtp-password',
  }
  const mailer = { smtpUrl: `smtp://user:${secrets.smtp}@mail.example`, from: 'a@example.com' }
  const data = { name: 'w', workspace_check: null, limits: {}, usage: {} }
  const client = new Halfkey({
    baseUrl: 'http://127.0.0.1:1',
    token,
    workspaceKey: [workspaceKey, secrets.old],
    mailer,
    fetch: () => Promise.resolve(Response.json({ success: true, message: '', data })),
  })
  await client.getWorkspace()
  await client.workspaceCheck()
  for (const value of [client, client.tokens, client.kms, client.webhooks, client.audit])
    expect(findLeaks({ value }, secrets)).toEqual([])
  expect(JSON.stringify(client)).toBe('{}')
})

test('a new token', async () => {
  const token = 'hkt_id_secret'
  const lists = { scopes: ['kms:read'], handlers: [], ips: [] }
  const times = { created_at: at, expires_at: null, revoked_at: null, last_used_at: null }
  const made = await clientWith({ id: 'id', name: 'x', ...lists, ...times, token }).tokens.create('x', {
    scopes: ['kms:read'],
  })
  expect(inspect(made)).toContain("token: '[hidden]'")
  expect(inspect([{ made }], { depth: Infinity, showHidden: true })).not.toContain(token)
  expect([made.token, JSON.parse(JSON.stringify(made))]).toEqual([token, expect.objectContaining({ token })])
})

test('the secret of a webhook', async () => {
  const secret = 'whsec_secret'
  const data = { id: 'id', url: 'https://a.example', created_at: at, previous_until: null, secret }
  const made = await clientWith(data).webhooks.create('https://a.example')
  expect(inspect(made)).not.toContain(secret)
  expect(made.secret).toBe(secret)
})

test('the key of a recoverable link, among a secret’s details', async () => {
  const fragment = `1${'2'.repeat(44)}`
  const meta = await sealMeta(unb64(workspaceKey), slug, { description: 'shown', fragment })
  const flags = { has_password: false, has_attachments: false, captcha: false, is_expired: false }
  const counts = { maximum_views: 1, current_views: 0, attachments_count: 0, otp_type: null }
  const rest = { ip_whitelist: [], geolocation: [], status: 'active', share_url: `https://a.example/${slug}` }
  const times = { expiration: at, created_at: at, updated_at: at }
  const data = { slug, creator: 'x', ...flags, ...counts, ...rest, ...times, meta }
  const details = await clientWith(data, workspaceKey).getSecretDetails(slug)
  expect(inspect(details)).toContain('shown')
  expect(inspect(details)).not.toContain(fragment)
  expect(details.fragment).toBe(fragment)
})
