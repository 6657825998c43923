/** The service of docs/kms.md, as printed: its password from an allowed address, none from another, both in the log. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import type { AuditEntry } from '@halfkey/sdk'
import { beforeAll, expect, it } from 'vitest'
import { startOf, useNamedSecrets } from './named.ts'
import { makePrograms } from './programs.ts'

const { halfkey, owner } = useNamedSecrets()
const password = 'correct horse battery'
/** The loopback net is allowed here but for what `elsewhere` calls from. */
const allowed = '127.0.0.1/32'
const otherAddress = '127.0.0.2'

const text = readFileSync(new URL('../../../docs/kms.md', import.meta.url), 'utf8')
const section = /\n## Running a service\n(.*?)\n## /s.exec(text)?.[1] ?? ''
const [prepare = '', start = ''] = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, lines = '']) => lines)
const [, script = ''] = /```js\n(.*?)```/s.exec(section) ?? []

const inHome = (name: string): string => path.join(halfkey.home, name)
let token = ''
/** Has the command call from another address of this machine. */
let elsewhere: Record<string, string> = {}

beforeAll(async () => {
  halfkey.env['PATH'] = `${path.dirname(process.execPath)}:${makePrograms(halfkey).PATH}`
  writeFileSync(inHome('password.txt'), password)
  writeFileSync(inHome('server.mjs'), script)
  const preload = inHome('elsewhere.cjs')
  writeFileSync(preload, `require('node:http').globalAgent.options.localAddress = '${otherAddress}'\n`)
  elsewhere = { NODE_OPTIONS: `--require=${preload}` }

  const lines = prepare.replaceAll('10.1.0.0/16', allowed)
  await promisify(execFile)('sh', ['-ec', lines], { env: halfkey.env, cwd: halfkey.home })
  token = readFileSync(inHome('token.txt'), 'utf8').trim()
})

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

async function logOf(name: string): Promise<AuditEntry[]> {
  const found: AuditEntry[] = []
  for await (const entry of owner().audit.entries())
    if (entry.token === name && entry.handler === 'orders/db' && entry.type !== 'kms.put') found.push(entry)
  return found
}

it('a service gets its password from an allowed address, is refused from another, and the log has both', async () => {
  const port = await freePort()
  const env = { ...halfkey.env, HALFKEY_TOKEN: token, PORT: port }
  const service = execFile('sh', ['-c', `exec ${start}`], { env, cwd: halfkey.home })
  const ended = once(service, 'exit')
  const reply = await eventually(() => fetch(`http://127.0.0.1:${port}`))
  expect(await reply.text()).toBe(`a password of ${password.length} characters\n`)
  service.kill('SIGTERM')
  expect(await ended).toEqual([143, null])

  const refused = await promisify(execFile)('sh', ['-c', start], { env: { ...env, ...elsewhere }, cwd: halfkey.home })
    .then(() => 'ran')
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 6, stdout: '', stderr: expect.not.stringContaining(otherAddress) })

  const seen = { handler: 'orders/db', token: 'orders', userAgent: expect.stringMatching(/^halfkey\/\d/) }
  expect(await logOf('orders')).toMatchObject([
    { ...seen, type: 'kms.revealed', version: 1, ip: '127.0.0.1' },
    { ...seen, type: 'kms.denied', reason: 'token_ip', ip: otherAddress },
  ])
})

it('a token that may come from anywhere is refused by the whitelist, and the log says so', async () => {
  const made = await owner().tokens.create('roaming', { scopes: ['kms:reveal'] })
  const env = { HALFKEY_TOKEN: made.token, ...elsewhere }
  const running = startOf(halfkey, ['--env', 'DB_PASSWORD=orders/db', '--', 'echo', 'ran'], env)
  expect(await running.ended).toMatchObject({ code: 6, text: '', stderr: expect.not.stringContaining('whitelist') })
  expect(await logOf('roaming')).toMatchObject([{ type: 'kms.denied', reason: 'whitelist', ip: otherAddress }])
})

it('that token can’t do anything else', async () => {
  const env = { HALFKEY_TOKEN: token }
  await owner().kms.put('billing/db', 'x')
  for (const args of [
    ['kms', 'reveal', 'billing/db'],
    ['kms', 'list'],
    ['kms', 'delete', 'orders/db'],
    ['token', 'list'],
    ['list'],
  ])
    expect(await halfkey.run(args, '', env), args.join(' ')).toMatchObject({ code: 6, text: '' })
  expect(await halfkey.run(['kms', 'put', 'orders/db'], 'x', env)).toMatchObject({ code: 6 })
})

async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
