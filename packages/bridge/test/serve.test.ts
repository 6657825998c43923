import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { makeCertificate } from '../../../apps/api/test/support/smtp.ts'
import { serveBridge } from '../src/serve.ts'
import type { BridgeSettings } from '../src/settings.ts'

const settings: BridgeSettings = { server: 'http://127.0.0.1:1', workspaceKey: 'A'.repeat(43), listen: '127.0.0.1:0' }
const home = mkdtempSync(path.join(tmpdir(), 'halfkey-bridge-'))
afterAll(() => rmSync(home, { recursive: true }))

function writeCertificate() {
  const { key, cert } = makeCertificate()
  const files = { cert: path.join(home, 'cert.pem'), key: path.join(home, 'key.pem') }
  writeFileSync(files.cert, cert)
  writeFileSync(files.key, key)
  return { files, cert }
}

test('with a certificate the bridge speaks https', async () => {
  const { files, cert } = writeCertificate()
  const bridge = await serveBridge({ ...settings, tls: files })
  expect(bridge.address).toMatch(/^https:/)
  const reply = await new Promise<string>((resolve, reject) => {
    request(`${bridge.address}/api/v1/status`, { ca: cert, agent: false }, (response) => resolve(text(response)))
      .on('error', reject)
      .end()
  })
  expect(JSON.parse(reply)).toMatchObject({ status: 'nominal' })
  await bridge.stop()
})

test.each([
  [false, /WARNING: the bridge listens on 0\.0\.0\.0[^]*plaintext[^]*NOT encrypted[^]*HALFKEY_BRIDGE_TLS_CERT/],
  [true, /WARNING: the bridge listens on 0\.0\.0\.0[^]*plaintext(?![^]*NOT encrypted)/],
])('an address that others reach is warned of, with TLS: %s', async (secure, expected) => {
  const warnings: string[] = []
  const tls = secure ? { tls: writeCertificate().files } : {}
  const warn = (warning: string) => warnings.push(warning)
  const bridge = await serveBridge({ ...settings, ...tls, listen: '0.0.0.0:0' }, { warn })
  await bridge.stop()
  expect(warnings).toEqual([expect.stringMatching(expected)])
})

test.each(['127.0.0.1:0', '[::1]:0', 'localhost:0'])('%s is not warned of', async (listen) => {
  const warnings: string[] = []
  const bridge = await serveBridge({ ...settings, listen }, { warn: (warning) => warnings.push(warning) })
  expect(bridge.address).toMatch(/^http:\/\/(127\.0\.0\.1|\[::1\]|localhost):\d+$/)
  await bridge.stop()
  expect(warnings).toEqual([])
})

test('a certificate that can’t be read stops the start', async () => {
  const tls = { cert: path.join(home, 'none.pem'), key: path.join(home, 'none.pem') }
  await expect(serveBridge({ ...settings, tls })).rejects.toThrow(/^tls: .*none\.pem can't be read: ENOENT\.$/)
})

test('an address that is taken stops the start', async () => {
  const bridge = await serveBridge(settings)
  const { host } = new URL(bridge.address)
  await expect(serveBridge({ ...settings, listen: host })).rejects.toThrow(/EADDRINUSE/)
  await bridge.stop()
})
