/** `halfkey run` gives a program none of Halfkey's own credentials; a new setting can't be forgotten. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { credentials } from '../src/credentials.ts'
import { node, useNamedSecrets } from './named.ts'

const { halfkey, owner } = useNamedSecrets()
const root = path.join(import.meta.dirname, '../../..')

/** Addresses, names, files and limits: what they hold is no secret. */
const harmless = new Set(
  `LISTEN PUBLIC_URL DATA_DIR SERVER_KEY_FILE REGION CORS_ORIGINS ANONYMOUS ANONYMOUS_MAX_BYTES ANONYMOUS_MAX_EXPIRES_IN
  ANONYMOUS_MAX_FILE_BYTES ANONYMOUS_OTP GRACE_SECONDS RETENTION_DAYS SWEEP_SECONDS REQUESTS REQUEST_TIMEOUT_SECONDS
  STOP_TIMEOUT_SECONDS TRUSTED_PROXIES CLIENT_IP_HEADER GEO_DB MAIL_FROM SMS_BODY CAPTCHA_COST REQUIRE_PASSWORD
  MAX_EXPIRES_IN LOG_ADDRESSES RATE_LIMIT RATE_UNPROVEN ANONYMOUS_QUOTA_SECRETS ANONYMOUS_QUOTA_BYTES RATE_CREATE RATE_OPEN RATE_KMS_REVEAL QUOTA_SECRETS QUOTA_BYTES
  QUOTA_FILE_BYTES FILES MAX_FILE_BYTES WEBHOOKS_PRIVATE LOG URL PROFILE BRIDGE_SETTINGS BRIDGE_LISTEN BRIDGE_URL
  BRIDGE_USER BRIDGE_TLS_CERT BRIDGE_TLS_KEY`
    .split(/\s+/)
    .map((name) => `HALFKEY_${name}`),
)

const documents = [
  'README.md',
  ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`),
  'packages/cli/src/program.ts',
  'packages/bridge/src/settings.ts',
  'apps/api/src/config.ts',
]

it('every variable of the documents is known to be a credential or none', () => {
  const text = documents.map((name) => readFileSync(path.join(root, name), 'utf8')).join('\n')
  const named = [...new Set(text.match(/HALFKEY_[A-Z\d_]*[A-Z\d]/g))]
  expect(named.length).toBeGreaterThan(50)
  expect(
    named.filter((name) => !/_(VERSION|MANIFEST)$/.test(name) && !credentials.includes(name) && !harmless.has(name)),
  ).toEqual([])
  expect(credentials.filter((name) => harmless.has(name))).toEqual([])
})

it('a program gets none of them, unless --env names it', async () => {
  await owner().kms.put('prod/sms', 'given')
  const script = node(`
    const names = Object.keys(process.env).filter((name) => name.startsWith('HALFKEY_')).sort()
    console.log(JSON.stringify(names), process.env.HALFKEY_SMS_TOKEN)`)
  const others = credentials.filter((name) => !(name in halfkey.env))
  const set = Object.fromEntries(others.map((name) => [name, 'secret']))
  const { code, text } = await halfkey.run(['run', '--env', 'HALFKEY_SMS_TOKEN=prod/sms', ...script], '', {
    ...set,
    HALFKEY_PROFILE: '',
  })
  expect(code).toBe(0)
  expect(text).toBe('["HALFKEY_PROFILE","HALFKEY_SMS_TOKEN","HALFKEY_URL"] given\n')
})
