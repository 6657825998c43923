import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { makeCertificate } from '../../../apps/api/test/support/smtp.ts'
import { serveBridge } from '../src/serve.ts'
import { SettingsRefused, type BridgeSettings } from '../src/settings.ts'

const settings: BridgeSettings = { server: 'http://127.0.0.1:1', workspaceKey: 'A'.repeat(43), listen: '127.0.0.1:0' }
const home = mkdtempSync(path.join(tmpdir(), 'halfkey-bridge-'))
afterAll(() => rmSync(home, { recursive: true }))

/** The server of these settings can't be reached, which is logged. */
const log = (): void => undefined

function writeCertificate() {
  const { key, cert } = makeCertificate()
  const files = { cert: path.join(home, 'cert.pem'), key: path.join(home, 'key.pem') }
  writeFileSync(files.cert, cert)
  writeFileSync(files.key, key, { mode: 0o600 })
  return { files, cert }
}

test('with a certificate the bridge speaks https', async () => {
  const { files, cert } = writeCertificate()
  const bridge = await serveBridge({ ...settings, tls: files }, { log })
  expect(bridge.address).toMatch(/^https:/)
  const reply = await new Promise<string>((resolve, reject) => {
    request(`${bridge.address}/healthz`, { ca: cert, agent: false }, (response) => resolve(text(response)))
      .on('error', reject)
      .end()
  })
  expect(JSON.parse(reply)).toMatchObject({ status: 'failing' })
  await bridge.stop()
})

test.each([
  [false, /WARNING: the bridge listens on 0\.0\.0\.0[^]*plaintext[^]*NOT encrypted[^]*HALFKEY_BRIDGE_TLS_CERT/],
  [true, /WARNING: the bridge listens on 0\.0\.0\.0[^]*plaintext(?![^]*NOT encrypted)/],
])('an address that others reach is warned of, with TLS: %s', async (secure, expected) => {
  const warnings: string[] = []
  const tls = secure ? { tls: writeCertificate().files } : {}
  const warn = (warning: string) => warnings.push(warning)
  const bridge = await serveBridge({ ...settings, ...tls, listen: '0.0.0.0:0' }, { warn, log })
  await bridge.stop()
  expect(warnings).toEqual([expect.stringMatching(expected)])
  expect(bridge.address).toMatch(/^https?:\/\/0\.0\.0\.0:\d+$/)
})

test.each(['127.0.0.1:0', '[::1]:0', 'localhost:0'])('%s is not warned of', async (listen) => {
  const warnings: string[] = []
  const bridge = await serveBridge({ ...settings, listen }, { warn: (warning) => warnings.push(warning), log })
  expect(bridge.address).toMatch(/^http:\/\/(127\.0\.0\.1|\[::1\]|localhost):\d+$/)
  await bridge.stop()
  expect(warnings).toEqual([])
})

test('a certificate that can’t be read stops the start', async () => {
  const tls = { cert: path.join(home, 'none.pem'), key: path.join(home, 'none.pem') }
  await expect(serveBridge({ ...settings, tls })).rejects.toThrow(/^tls: can't read .*none\.pem: ENOENT\.$/)
})

test.each<[string, (files: { cert: string; key: string }) => { cert: string; key: string }, RegExp]>([
  ['swapped with its key', ({ cert, key }) => ({ cert: key, key: cert }), /^tls\.cert: \S*key\.pem must be a PEM cert/],
  ['given as its key too', ({ cert }) => ({ cert, key: cert }), /^tls\.key: \S*cert\.pem must be a PEM private key/],
  [
    'of another key',
    ({ cert }) => ({ cert, key: otherKey() }),
    /^tls\.key: \S*other\.pem isn't the key .*cert\.pem\.$/,
  ],
])('a certificate that is %s stops the start and is named', async (_, change, sentence) => {
  const { files } = writeCertificate()
  const starting = serveBridge({ ...settings, tls: change(files) })
  await expect(starting).rejects.toThrow(SettingsRefused)
  await expect(starting).rejects.toThrow(sentence)
})

function otherKey(): string {
  const file = path.join(home, 'other.pem')
  writeFileSync(file, makeCertificate().key, { mode: 0o600 })
  return file
}

test('a key that any user may read is warned of', async () => {
  const { files } = writeCertificate()
  chmodSync(files.key, 0o644)
  const warnings: string[] = []
  const warn = (warning: string) => warnings.push(warning)
  await (await serveBridge({ ...settings, tls: files }, { warn, log })).stop()
  expect(warnings).toEqual([expect.stringMatching(/^WARNING: \S*key\.pem contains keys.*chmod o= \S*key\.pem$/)])
})

test('an address that is taken stops the start, and is named', async () => {
  const bridge = await serveBridge(settings, { log })
  const { host } = new URL(bridge.address)
  const starting = serveBridge({ ...settings, listen: host })
  await expect(starting).rejects.toThrow(SettingsRefused)
  await expect(starting).rejects.toThrow(`listen: can't listen on ${host}: another program is already using the port.`)
  await bridge.stop()
})
