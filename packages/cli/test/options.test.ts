/** Options that reach the server, or are refused: none is dropped silently. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { useHalfkey } from './running.ts'

const { halfkey, server } = useHalfkey()

/** What create sends: to a server that notes the body and refuses it. */
async function bodyOf(options: string[]): Promise<Record<string, unknown>> {
  let body = ''
  const recorder = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => response.writeHead(400).end())
  }).listen(0, '127.0.0.1')
  try {
    await new Promise((resolve) => recorder.once('listening', resolve))
    const { port } = recorder.address() as AddressInfo
    await halfkey.run(['create', '-', ...options, '--url', `http://127.0.0.1:${port}`], 'x')
    return JSON.parse(body) as Record<string, unknown>
  } finally {
    recorder.close()
  }
}

describe('a policy reaches the server', () => {
  it.each<[string[], string, unknown]>([
    [['--ip', '10.0.0.0/8', '--ip', '::1'], 'ip_whitelist', ['10.0.0.0/8', '::1']],
    [['--ip', '10.0.0.0/8, ::1'], 'ip_whitelist', ['10.0.0.0/8', '::1']],
    [['--geo', 'fr', '--geo', 'US'], 'geolocation', ['FR', 'US']],
    [['--captcha'], 'captcha', true],
    [['--otp-email', 'a@b.example'], 'otp', { type: 'email', to: 'a@b.example' }],
    [['--otp-sms', '+3312345678'], 'otp', { type: 'sms', to: '+3312345678' }],
    [['--otp-totp', 'JBSWY3DPEHPK3PXP'], 'otp', { type: 'totp', secret: 'JBSWY3DPEHPK3PXP' }],
    [['--notify', 'a@b.example'], 'notify', { email: 'a@b.example' }],
    [['--max-attempts', '3'], 'max_attempts', 3],
    [['--on-lockout', 'burn'], 'on_lockout', 'burn'],
  ])('%j', async (options, field, value) => {
    expect((await bodyOf(options))[field]).toEqual(value)
  })
})

describe('what the server or this version can’t do is refused by name, and nothing is shared', () => {
  it.each([
    [['create', '-', '--hours', '1000'], 2, '--hours: Must be at most 720 hours for a sender without a token.'],
    [['create', '-', '--file', 'key.pem'], 2, '--file'],
    [['create', '-', '--recoverable'], 2, 'halfkey login'],
    [['create', '-', '--otp-sms', '1', '--otp-email', 'a@b.example'], 2, 'one of'],
    [['create', '-', '--ip', 'nowhere'], 2, '--ip: must be a list of IP addresses'],
    [['create', '-', '--on-lockout', 'explode'], 2, '--on-lockout: must be lock or burn'],
    [['create', 'text', '--password', '-'], 2, '--password-file -'],
    [['list', '--status', 'lost'], 2, '--status: must be active'],
    [['get', 'not-a-slug'], 2, 'slug'],
    [['create', '-', '--url', 'nowhere'], 2, '--url: must be an http'],
  ])('%j', async (args, exitCode, words) => {
    const { code, text, stderr } = await halfkey.run(args, 'x')
    expect([code, text]).toEqual([exitCode, ''])
    expect(stderr).toMatch(/^halfkey: /)
    expect(stderr).toContain(words)
  })
})

it('a server that takes too long is given up after --timeout, with exit code 8', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as AddressInfo
  const args = ['create', '-', '--timeout', '0.05', '--url', `http://127.0.0.1:${port}`]
  const { code, stderr } = await halfkey.run(args, 'x')
  silent.closeAllConnections()
  silent.close()
  expect([code, stderr]).toEqual([8, expect.stringContaining('50 ms')])
})

it('--verbose adds the code and the status that a maintainer asks for', async () => {
  const { stderr } = await halfkey.run(['list', '--verbose'])
  expect(stderr).toContain('(AUTHENTICATION_ERROR, status 401)')
})

it('a link that lists show, without its key, names its secret to get and delete', async () => {
  const { slug = '', manage_key: key = '' } = await halfkey.create([], 'x')
  const { code } = await halfkey.run(['delete', `${server().url}/${slug}`], '', { HALFKEY_MANAGE_KEY: key })
  expect(code).toBe(0)
})

it('no message, table or JSON of any command but open’s shows the content or the password', async () => {
  const env = { HALFKEY_TOKEN: server().token }
  const { text, stderr } = await halfkey.run(['create', '-', '--password', 'pass-word'], 'con-tent', env)
  const slug = /\w{13}(?=#)/.exec(text)?.[0] ?? ''
  const shown = [{ text, stderr }]
  for (const args of [['list'], ['list', '--json'], ['get', slug], ['get', slug, '--json', '--verbose']])
    shown.push(await halfkey.run(args, '', env))
  expect(JSON.stringify(shown)).not.toMatch(/pass-word|con-tent/)
})

/** What NODE_V8_COVERAGE writes, of the Chrome DevTools Protocol's Profiler.ScriptCoverage. */
interface CoverageReport {
  result: { functions: { functionName: string; ranges: { count: number }[] }[] }[]
}

it('start-up loads the command that is asked for, and no other', async () => {
  const coverage = mkdtempSync(path.join(tmpdir(), 'halfkey-coverage-'))
  await halfkey.run(['list', '--help'], '', { NODE_V8_COVERAGE: coverage })
  const reports = readdirSync(coverage).map(
    (name) => JSON.parse(readFileSync(path.join(coverage, name), 'utf8')) as CoverageReport,
  )
  rmSync(coverage, { recursive: true })
  // The bundler names the function that makes a module after the module's file.
  const loaded = reports
    .flatMap(({ result }) => result.flatMap(({ functions }) => functions))
    .filter(({ ranges: [whole] }) => whole !== undefined && whole.count > 0)
    .flatMap(({ functionName }) => /^src\/commands\/(.+)\.ts$/.exec(functionName)?.[1] ?? [])
  expect(loaded).toEqual(['list'])
})
