import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createBridge } from '../src/bridge.ts'
import { parseSettings, readSettings, SettingsRefused, type BridgeSettings } from '../src/settings.ts'

const settings: BridgeSettings = { server: 'https://halfkey.example', workspaceKey: 'A'.repeat(43) }
const account = { user: 'me', apiToken: 't', token: 'hkt_a_b' }
const home = mkdtempSync(path.join(tmpdir(), 'halfkey-bridge-'))
afterAll(() => rmSync(home, { recursive: true }))

describe('settings that are wrong stop the start with a sentence that names them', () => {
  test.each<[string, object, RegExp]>([
    ['no server', { server: undefined }, /^server: must be an http\(s\) URL/],
    ['a server of another scheme', { server: 'ftp://x.example' }, /^server: /],
    ['a server with a password', { server: 'https://u:p@x.example' }, /^server: /],
    ['a short workspace key', { workspaceKey: 'A'.repeat(42) }, /^workspaceKey: must be 32 bytes/],
    [
      'a token of another form',
      { accounts: [{ ...account, token: 'x' }] },
      /^accounts\.0\.token: must have the form hkt_<id>_<secret>/,
    ],
    ['an account without a user', { accounts: [{ ...account, user: '' }] }, /^accounts\.0\.user: /],
    ['a user twice', { accounts: [account, account] }, /^accounts: must not contain a user twice/],
    ['a region that no host begins with', { regions: { 'E U': 'https://x.example' } }, /^regions/],
    ['mail without a sender', { mail: { smtpUrl: 'smtp://x.example' } }, /^mail\.from: /],
    ['a proxy that is no address', { trustedProxies: ['10.0.0.0/33'] }, /^trustedProxies: .*10\.0\.0\.0\/33/],
    ['a port that is none', { listen: '127.0.0.1:65536' }, /^listen: must have a port of at most 65535/],
    ['a certificate without its key', { tls: { cert: 'x' } }, /^tls\.key: /],
    ['a setting that there isn’t', { acounts: [] }, /^acounts: there is no such setting\.$/m],
  ])('%s', (_, change, sentence) => {
    expect(() => createBridge({ ...settings, ...change })).toThrow(SettingsRefused)
    expect(() => parseSettings({ ...settings, ...change })).toThrow(sentence)
  })

  test('all of them at once', () => {
    const wrong = { server: 'x', workspaceKey: 'y', listen: 'z' }
    expect(() => parseSettings(wrong)).toThrow(/^server: .*\nworkspaceKey: .*\nlisten: /)
  })

  test('a missing workspace key comes with a new one, each time another', () => {
    const sentence = () => {
      try {
        parseSettings({ server: settings.server })
      } catch (error) {
        return (error as Error).message
      }
      return ''
    }
    const [, key] = /^workspaceKey is missing\. Here is a new one; keep it safe: ([\w-]{43})$/.exec(sentence()) ?? []
    expect(() => parseSettings({ ...settings, workspaceKey: key })).not.toThrow()
    expect(sentence()).not.toContain(key)
  })
})

describe('the environment', () => {
  test('alone is enough', () => {
    const read = readSettings({
      HALFKEY_URL: 'https://halfkey.example',
      HALFKEY_WORKSPACE_KEY: `${'A'.repeat(43)},${'B'.repeat(42)}A`,
      HALFKEY_TOKEN: 'hkt_a_b',
      HALFKEY_BRIDGE_USER: 'me@example.com',
      HALFKEY_BRIDGE_API_TOKEN: 'secret',
      HALFKEY_BRIDGE_LISTEN: '[::1]:9000',
      HALFKEY_BRIDGE_URL: 'https://ots.example',
      HALFKEY_SMTP_URL: 'smtp://127.0.0.1',
      HALFKEY_MAIL_FROM: 'me@example.com',
      HALFKEY_BRIDGE_TLS_CERT: 'cert.pem',
      HALFKEY_BRIDGE_TLS_KEY: 'key.pem',
    })
    expect(parseSettings(read)).toMatchObject({
      server: { server: 'https://halfkey.example', shareUrl: 'https://halfkey.example' },
      accounts: [{ user: 'me@example.com', apiToken: 'secret', token: 'hkt_a_b' }],
      workspaceKey: [expect.any(Uint8Array), expect.any(Uint8Array)],
      listen: { host: '::1', port: 9000 },
      mail: { smtpUrl: 'smtp://127.0.0.1', from: 'me@example.com' },
      tls: { cert: 'cert.pem', key: 'key.pem' },
    })
  })

  test('wins over the file, whose accounts it adds to', () => {
    const file = path.join(home, 'bridge.json')
    writeFileSync(file, JSON.stringify({ ...settings, accounts: [account], anonymous: false }))
    const environment = {
      HALFKEY_BRIDGE_SETTINGS: file,
      HALFKEY_URL: 'https://other.example',
      HALFKEY_WORKSPACE_KEY: '',
      HALFKEY_TOKEN: 'hkt_c_d',
      HALFKEY_BRIDGE_USER: 'you',
      HALFKEY_BRIDGE_API_TOKEN: 's',
    }
    expect(readSettings(environment)).toEqual({
      ...settings,
      server: 'https://other.example',
      anonymous: false,
      accounts: [account, { user: 'you', apiToken: 's', token: 'hkt_c_d' }],
    })
  })

  test('with half an account is refused', () => {
    expect(() => readSettings({ HALFKEY_BRIDGE_USER: 'me' })).toThrow(/must be set together/)
  })
})

test('a file’s byte order mark isn’t read; UTF-16 is refused by name', () => {
  const file = path.join(home, 'windows.json')
  writeFileSync(file, `\ufeff${JSON.stringify(settings)}`)
  expect(readSettings({}, file)).toEqual(settings)
  writeFileSync(file, Buffer.from(JSON.stringify(settings), 'utf16le'))
  expect(() => readSettings({}, file)).toThrow(/Can't read the settings file .*windows\.json: it is UTF-16 text/)
})

test('a file that is no JSON, or isn’t there, is refused without quoting it', () => {
  const file = path.join(home, 'broken.json')
  writeFileSync(file, '{"workspaceKey": hidden')
  expect(() => readSettings({}, file)).toThrow(/Can't read the settings file .*broken\.json: it isn't valid JSON\.$/)
  expect(() => readSettings({}, `${file}x`)).toThrow(/ENOENT/)
})

test('a file that any user may read is warned of, with what to do', () => {
  const file = path.join(home, 'modes.json')
  writeFileSync(file, JSON.stringify(settings))
  const warnings = (mode: number): string[] => {
    const said: string[] = []
    chmodSync(file, mode)
    readSettings({}, file, (warning) => said.push(warning))
    return said
  }
  expect(warnings(0o644)).toEqual([
    expect.stringMatching(/^WARNING: \S*modes\.json contains keys.*chmod o= \S*modes\.json$/),
  ])
  expect(warnings(0o602)).toHaveLength(1)
  for (const mode of [0o600, 0o640]) expect(warnings(mode)).toEqual([])
})
