/** halfkey import, against a server that runs. */
import { Halfkey } from '@halfkey/sdk'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { bin } from './halfkey.ts'
import { useHalfkey } from './running.ts'

const { halfkey, server } = useHalfkey()
const workspaceKey = randomBytes(32).toString('base64url')
let client: Halfkey
/** Each test's handlers are its own. */
let prefix: string
let tests = 0

beforeAll(() => {
  client = new Halfkey({ baseUrl: server().url, token: server().token, workspaceKey })
  Object.assign(halfkey.env, { HALFKEY_TOKEN: server().token, HALFKEY_WORKSPACE_KEY: workspaceKey })
})
beforeEach(() => {
  prefix = `test-${++tests}/`
})

function fileOf(name: string, text: string): string {
  const file = path.join(halfkey.home, name)
  writeFileSync(file, text)
  return file
}

const importOf = (file: string, ...args: string[]) => halfkey.run(['import', file, '--prefix', prefix, ...args])
const versionsOf = async () => {
  const { entries } = await client.kms.list({ prefix })
  return Object.fromEntries(entries.map(({ handler, version }) => [handler.slice(prefix.length), version]))
}
const textOf = async (handler: string) => (await client.kms.reveal(prefix + handler)).text

const env = `# a comment
export DB_URL="hidden one
of two lines"
API_KEY='hidden two'
EMPTY=
`

it('puts every secret of a file, to the byte, and says so by name alone', async () => {
  const { code, text, stderr } = await importOf(fileOf('.env', env))
  expect([code, stderr]).toEqual([0, '3 new, 0 changed, 0 unchanged.\n'])
  expect(text).toBe(['db_url', 'api_key', 'empty'].map((name) => `created    ${prefix}${name}  version 1\n`).join(''))
  expect(await textOf('db_url')).toBe('hidden one\nof two lines')
  expect(await textOf('api_key')).toBe('hidden two')
  expect(await textOf('empty')).toBe('')
  expect(await client.kms.get(`${prefix}db_url`)).toMatchObject({ name: 'DB_URL', version: 1 })
})

it('a dry run puts nothing, and says what an import would', async () => {
  await client.kms.put(`${prefix}api_key`, 'hidden two')
  await client.kms.put(`${prefix}empty`, 'not yet')
  const { code, text, stderr } = await importOf(fileOf('.env', env), '--dry-run')
  expect([code, stderr]).toEqual([0, '1 new, 1 changed, 1 unchanged. Dry run (format: dotenv): nothing was stored.\n'])
  expect(text.split('\n')).toEqual([
    `would be created  ${prefix}db_url  version 1`,
    `unchanged         ${prefix}api_key  version 1`,
    `would be updated  ${prefix}empty  version 2`,
    '',
  ])
  expect(await versionsOf()).toEqual({ api_key: 1, empty: 1 })
})

it('run again, it makes no version of an equal value, and one of each that changed', async () => {
  await importOf(fileOf('.env', env))
  expect((await importOf(fileOf('.env', env))).stderr).toBe('0 new, 0 changed, 3 unchanged.\n')
  const { text } = await importOf(fileOf('.env', env.replace('hidden two', 'hidden three')))
  expect(text).toContain(`updated    ${prefix}api_key  version 2\n`)
  expect(await versionsOf()).toEqual({ db_url: 1, api_key: 2, empty: 1 })
  expect(await textOf('api_key')).toBe('hidden three')
})

it('what somebody noted of an entry stays as it is when its value changes', async () => {
  const noted = { name: 'The key', properties: { owner: 'ada' }, whitelist: ['127.0.0.0/8'] }
  await client.kms.put(`${prefix}api_key`, 'old', noted)
  await importOf(fileOf('.env', env))
  expect(await client.kms.get(`${prefix}api_key`)).toMatchObject({ ...noted, version: 2 })
})

it('reads from a pipe and prints an object a line for programs', async () => {
  await client.kms.put(`${prefix}b`, 'hidden')
  const input = 'handler,value,name\na,hidden,The one\nb,hidden,\n'
  const { code, text } = await halfkey.run(['import', '-', '--prefix', prefix, '--json'], input)
  expect(code).toBe(0)
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { line: 2, handler: `${prefix}a`, status: 'created', version: 1, dry_run: false },
    { line: 3, handler: `${prefix}b`, status: 'unchanged', version: 1, dry_run: false },
  ])
  expect(await client.kms.get(`${prefix}a`)).toMatchObject({ name: 'The one' })
})

it('goes on from the versions of an entry that was deleted, or whose newest value is destroyed', async () => {
  for (const handler of ['db_url', 'api_key']) await client.kms.put(prefix + handler, 'x')
  await client.kms.delete(`${prefix}db_url`)
  await client.kms.destroyVersion(`${prefix}api_key`, 1)
  expect((await importOf(fileOf('.env', env))).code).toBe(0)
  expect(await versionsOf()).toEqual({ db_url: 2, api_key: 2, empty: 1 })
})

it('if anything is wrong with the file, all of it is said by line, and nothing is put', async () => {
  const file = fileOf('wrong.json', '{\n"good": "hidden",\n"a b": "hidden",\n"list": ["hidden"],\n"Good": "hidden"\n}')
  const { code, text, stderr } = await importOf(file)
  expect([code, text]).toEqual([2, ''])
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^Line 3 \(a b\) would become the handler ".*a b", which must be segments of a-z/),
    "Line 4 (list) has a value that isn't text.",
    `Line 5 (Good) becomes the handler ${prefix}good, like line 2.`,
    'Nothing was stored.',
    '',
  ])
  expect(await versionsOf()).toEqual({})
  const lines = (await importOf(file, '--json')).text.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { line: 3, key: 'a b', status: 'refused' },
    { line: 4, key: 'list', status: 'refused', reason: "has a value that isn't text" },
    { line: 5, key: 'Good', status: 'refused' },
  ])
})

it.each([
  ['a file that isn’t there', 'none.env', undefined, [], "Can't read the file: ENOENT"],
  ['a broken file', 'broken.env', 'A="hidden', [], "line 1 has a quote that isn't closed"],
  ['a file of no known format', 'x.txt', 'hidden', [], 'has an unknown format. Use --from'],
  ['an empty file', 'empty.env', '', [], 'There are no secrets in'],
  ['another format than it has', 'x.json', '["hidden"]', ['--from', 'vault'], 'line 1 must start a JSON object'],
  ['a format that there isn’t', '.env', 'A=hidden', ['--from', 'yaml'], 'Allowed choices are'],
])('%s is refused before the server is asked', async (_, name, text, args, words) => {
  const file = text === undefined ? path.join(halfkey.home, name) : fileOf(name, text)
  const result = await halfkey.run(['import', file, ...args], '', { HALFKEY_URL: 'http://127.0.0.1:1' })
  expect([result.code, result.text]).toEqual([2, ''])
  expect(result.stderr).toContain(words)
  expect(result.stderr).not.toContain('hidden')
})

it('what can’t be revealed to compare is refused before anything is put', async () => {
  await client.kms.put(`${prefix}api_key`, 'x', { whitelist: ['192.0.2.1'] })
  const { code, stderr } = await importOf(fileOf('.env', env))
  expect(code).toBe(2)
  expect(stderr).toContain(
    `becomes ${prefix}api_key, which exists, but this token or address may not read and reveal it for comparison`,
  )
  expect(await versionsOf()).toEqual({ api_key: 1 })
})

/** Passes everything on but for PUTs of one handler, which it refuses while `refuse` says so. */
async function startBarrier(handler: string) {
  const barrier = { refuse: true, url: '', close: () => proxy.close() }
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming
    if (barrier.refuse && method === 'PUT' && url.endsWith(encodeURIComponent(handler))) {
      const error = { code: 'QUOTA_EXCEEDED', message: 'The workspace’s plan is used up' }
      incoming.resume()
      return void outgoing.writeHead(403).end(JSON.stringify({ success: false, error }))
    }
    const forwarded = request(server().url + url, { method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(outgoing)
    })
    incoming.pipe(forwarded)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  barrier.url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  return barrier
}

it('one that ends in the middle says what was put; run again, it puts the rest and nothing twice', async () => {
  const barrier = await startBarrier(`${prefix}api_key`)
  const through = { HALFKEY_URL: barrier.url }
  const args = ['import', fileOf('.env', env), '--prefix', prefix]
  const { code, text, stderr } = await halfkey.run(args, '', through)
  expect([code, text]).toEqual([6, `created    ${prefix}db_url  version 1\n`])
  expect(stderr).toContain(`Stopped at ${prefix}api_key: stored 1 of 3, as listed above. Run the command again`)
  expect(stderr).toContain('plan is used up')
  expect(await versionsOf()).toEqual({ db_url: 1 })

  barrier.refuse = false
  expect((await halfkey.run(args, '', through)).stderr).toBe('2 new, 0 changed, 1 unchanged.\n')
  expect(await versionsOf()).toEqual({ db_url: 1, api_key: 1, empty: 1 })
  barrier.close()
})

it('each example of its --help runs as printed', async () => {
  const { text } = await halfkey.run(['import', '--help'])
  const [examples = ''] = (text.split('Examples:\n')[1] ?? '').split('\n\n')
  const lines = examples.split('\n').map((line) => line.trim())
  expect(lines.length).toBeGreaterThan(3)
  fileOf('.env', env)
  fileOf('secrets.csv', 'handler,value\na,hidden')
  fileOf('vault.json', JSON.stringify({ request_id: '1', data: { b: 'hidden' } }))
  fileOf('halfkey', `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
  chmodSync(path.join(halfkey.home, 'halfkey'), 0o755)
  const options = { cwd: halfkey.home, env: { ...halfkey.env, PATH: `${halfkey.home}:${process.env['PATH'] ?? ''}` } }
  for (const line of lines) await expect(promisify(execFile)('sh', ['-c', line], options), line).resolves.toBeDefined()
})

it('no value is in anything that is printed, verbose or not', async () => {
  const file = fileOf('.env', env)
  for (const args of [['--dry-run'], [], ['--json'], ['--verbose']]) {
    const { text, stderr } = await importOf(file, ...args)
    expect(text + stderr).not.toMatch(/hidden|two lines/)
  }
})
