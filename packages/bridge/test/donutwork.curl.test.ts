/**
 * What stands in Donutwork's documents, run as it stands but for the host: curl and a script, against a bridge and a
 * Halfkey server that are processes and sockets; and C1: what that server sees.
 */
import { Halfkey } from '@halfkey/sdk'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFiles } from '../../../apps/api/test/support/files.ts'
import { addKey, addText } from '../../../apps/api/test/support/needles.ts'
import { startProxy, type Proxy } from '../../../apps/api/test/support/proxy.ts'
import { Patterns } from '../../../apps/api/test/support/search.ts'
import { makeHome, startServer, type ServerProcess } from '../../../apps/api/test/support/server.ts'
import { startSmtpServer, type TestSmtpServer } from '../../../apps/api/test/support/smtp.ts'
import { serveBridge, type RunningBridge } from '../src/serve.ts'

const home = makeHome()
const workspaceKey = randomBytes(32)
const apiToken = `donut-${randomBytes(12).toString('base64url')}`
const text = (what: string): string => `${what} ${randomBytes(12).toString('base64url')} ключ`
const hidden = { name: text('the name'), content: text('the content'), message: text('the message') }
const named = { name: text('the entry'), value: text('the value'), property: text('the property') }

let server: ServerProcess
let proxy: Proxy
let smtp: TestSmtpServer
let bridge: RunningBridge
let owner: Halfkey
let closed: Promise<unknown>
const problems: string[] = []

beforeAll(async () => {
  server = await startServer(home, { HALFKEY_TRUSTED_PROXIES: '127.0.0.1' })
  closed = once(server.child, 'close')
  proxy = await startProxy(server.url)
  smtp = await startSmtpServer({ disabledCommands: ['STARTTLS'] })
  const keys = { token: server.token, workspaceKey: workspaceKey.toString('base64url') }
  owner = new Halfkey({
    baseUrl: server.url,
    ...keys,
    fetch: (input, init) =>
      fetch(input, { ...init, headers: { ...(init?.headers as object), 'X-Forwarded-For': '82.1.4.22' } }),
  })
  await owner.setWorkspaceCheck()
  bridge = await serveBridge(
    {
      server: { server: proxy.url, shareUrl: server.url },
      workspaceKey: keys.workspaceKey,
      accounts: [{ user: 'me@company.example', apiToken, token: server.token }],
      mail: { smtpUrl: `smtp://127.0.0.1:${smtp.port}`, from: 'bridge@company.example' },
      trustedProxies: ['127.0.0.1'],
      listen: '127.0.0.1:0',
    },
    { log: (problem) => problems.push(problem) },
  )
})
afterAll(async () => {
  await bridge.stop()
  await smtp.close()
  await proxy.close()
  await server.stop()
  home.remove()
})

async function curl(...args: string[]): Promise<{ status: number; json: any }> {
  const { stdout } = await promisify(execFile)('curl', ['--silent', '--write-out', '\n%{http_code}', ...args])
  const [body = '', status] = stdout.split(/\n(?=\d+$)/)
  return { status: Number(status), json: JSON.parse(body) }
}

const reveal = (address: string) =>
  curl(
    '--location',
    '--request',
    'GET',
    `${bridge.address}/2026-02-01/kms/reveal/aws-s3-prod-credentials.json`,
    '--header',
    `Authorization: Bearer ${apiToken}`,
    '--header',
    `X-Forwarded-For: ${address}`,
  )

test('the documents’ curl reveals a named secret to an address of its whitelist, and to no other', async () => {
  await owner.kms.put('aws-s3-prod-credentials', named.value, {
    name: named.name,
    properties: { region: named.property },
    whitelist: ['52.1.2.3'],
  })
  expect(await reveal('52.1.2.3')).toEqual({ status: 200, json: { content: named.value } })
  const error = 'Unauthorized to reveal this KMS Entry'
  expect(await reveal('52.1.2.4')).toEqual({ status: 403, json: { error } })
  expect((await owner.kms.events('aws-s3-prod-credentials')).events).toMatchObject([
    { type: 'kms.denied', reason: 'whitelist', ip: '52.1.2.4', userAgent: expect.stringMatching(/^curl\//) },
    { type: 'kms.revealed', ip: '52.1.2.3', userAgent: expect.stringMatching(/^curl\//) },
    { type: 'kms.put', ip: '82.1.4.22' },
  ])
})

/** As the documents' `createShareSecret(secretPayload)` calls it. */
async function call(method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(`${bridge.address}/2026-02-01/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${apiToken}`,
      'X-Forwarded-For': '52.1.2.3',
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return response.json()
}

test('the documents’ script shares, mails, lists, follows and revokes', async () => {
  const secretPayload = {
    shareSecret: {
      name: hidden.name,
      content: hidden.content,
      sendTo: { email: 'security-ops@acme.example', message: hidden.message },
    },
  }
  const response = await call('POST', 'share-secrets.json', secretPayload)
  expect(response).toMatchObject({ name: hidden.name, readed: false, sendTo: { status: true } })
  expect(smtp.received).toMatchObject([{ to: ['security-ops@acme.example'] }])

  const opened = await (await owner.openLink(response.url)).reveal()
  expect(opened.text).toBe(hidden.content)
  await opened.done()

  const { elements } = await call('GET', 'share-secrets.json?size=10&page=1')
  expect(elements).toEqual([{ id: response.id, name: hidden.name, url: response.url, readed: true }])
  const { readerInfo } = await call('GET', `share-secrets/${response.id}.json`)
  expect(readerInfo).toMatchObject({ ip: '82.1.4.22', ts: expect.any(Number) })
  expect(await call('DELETE', `share-secrets/${response.id}.json`)).toEqual({ id: response.id, deleted: true })

  const { url, id } = await call('POST', 'share-secrets.json', secretPayload)
  expect(await call('DELETE', `share-secrets/${id}.json`)).toEqual({ id, deleted: true })
  await expect(owner.openLink(url)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('connection and ping tell the caller’s address and that all is well', async () => {
  expect(await call('GET', 'ping.json')).toMatchObject({ status: 'success' })
  expect((await call('GET', 'connection.json')).client.ips).toEqual({ ipv4: '52.1.2.3' })
})

test('the Halfkey server is sent, keeps and prints nothing of contents, names, messages and keys', async () => {
  await call('POST', 'share-secrets.json', { shareSecret: { name: hidden.name, content: hidden.content } })
  const { elements } = await call('GET', 'share-secrets.json')
  const running = readFiles(home.root)
  await server.stop()
  await closed
  const seen = new Map([...running, ...readFiles(home.root), ['the wire', proxy.recorded()]])
  seen.set('what it prints', Buffer.from(server.output()))

  const needles = new Patterns()
  for (const [what, value] of Object.entries({ ...hidden, ...named, apiToken })) addText(needles, what, value)
  for (const { url } of elements as { url: string }[]) addText(needles, 'fragment', url.split('#')[1] ?? '')
  addKey(needles, 'workspace key', workspaceKey)
  expect(needles.findIn(Buffer.from(JSON.stringify({ hidden, named }))).size).toBeGreaterThan(5)
  for (const [name, bytes] of seen) expect([name, needles.findIn(bytes)]).toEqual([name, new Set()])
  expect(problems).toEqual([])
})
