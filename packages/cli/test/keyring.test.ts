/** Token and workspace key in the system's keyring: there and nowhere else, and never lost without a word. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { filesWith, newKey } from './named.ts'
import { makePrograms } from './programs.ts'
import { useHalfkey } from './running.ts'
import type { SecretService } from './secret-service.ts'
import { startSecretService } from './secret-service.ts'
import { terminalOf } from './terminal.ts'

const { halfkey, server } = useHalfkey()
const onTerminal = terminalOf(halfkey)
const workspaceKey = newKey()

let service: SecretService
/** No session bus that anything is on. */
const unreachable = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' }
beforeAll(async () => {
  service = await startSecretService()
  writeFileSync(path.join(halfkey.home, 'token.txt'), server().token)
  writeFileSync(path.join(halfkey.home, 'key.txt'), workspaceKey)
})
afterAll(() => service.stop())
afterEach(() => halfkey.run(['logout', '--forget-key'], '', service.env))

const file = path.join(halfkey.home, '.config', 'halfkey', 'config.json')
const profile = (): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8')).profiles.default
const files = (): string[] =>
  ['--token-file', 'token.txt', '--workspace-key-file', 'key.txt'].map((word) =>
    word.endsWith('.txt') ? path.join(halfkey.home, word) : word,
  )
const login = (more: string[] = [], env: Record<string, string> = service.env) =>
  halfkey.run(['login', ...files(), '--json', ...more], '', env)
const config = async (env: Record<string, string> = service.env): Promise<Record<string, unknown>> =>
  JSON.parse((await halfkey.run(['config', '--json'], '', env)).text)
const entries = (): string =>
  execFileSync('secret-tool', ['search', '--all', 'service', 'halfkey'], {
    env: { ...halfkey.env, ...service.env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })

describe('login', () => {
  it('puts token and key into the keyring; the file says where they are, and has neither', async () => {
    const { code, text } = await login()
    expect([code, JSON.parse(text)]).toMatchObject([0, { profile: 'default', keys_in: 'keyring' }])
    expect(profile()).toEqual({ url: server().url, keyring: expect.stringMatching(/^default-[0-9a-f]{16}$/) })
    const needles = [server().token, workspaceKey].flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
    const outside = filesWith(
      path.dirname(file),
      needles.map((needle) => Buffer.from(needle)),
    )
    expect(outside).toEqual([])
  })

  it('what it saved is what commands use', async () => {
    await login()
    expect(await config()).toMatchObject({ token_from: 'profile', workspace_key_from: 'profile', keys_in: 'keyring' })
    expect(await halfkey.run(['kms', 'put', 'a/b'], 'value', service.env)).toMatchObject({ code: 0 })
    expect(await halfkey.run(['kms', 'reveal', 'a/b'], '', service.env)).toMatchObject({ code: 0, text: 'value' })
  })

  it('gives them to the keyring’s program over stdin: they are in no arguments', async () => {
    const log = path.join(halfkey.home, 'arguments')
    const programs = makePrograms(halfkey)
    const real = execFileSync('which', ['secret-tool'], { encoding: 'utf8' }).trim()
    programs.add('secret-tool', `#!/bin/sh\necho "$@" >> '${log}'\nexec '${real}' "$@"\n`)
    expect((await login([], { ...service.env, PATH: programs.PATH })).code).toBe(0)
    const text = readFileSync(log, 'utf8')
    expect(text).toMatch(/^store .*\nlookup /)
    for (const secret of [server().token, workspaceKey]) {
      const encoded = Buffer.from(JSON.stringify({ token: server().token, workspaceKey })).toString('base64url')
      expect(text).not.toContain(secret)
      expect(text).not.toContain(encoded)
    }
  })

  it('again keeps the entry, and the former workspace key in it', async () => {
    await login()
    const before = profile()
    const next = newKey()
    expect((await login(['--workspace-key-file', keyFile(next)])).code).toBe(0)
    expect(profile()).toEqual(before)
    await halfkey.run(['kms', 'put', 'c/d'], 'new', { ...service.env, HALFKEY_WORKSPACE_KEY: workspaceKey })
    expect(await halfkey.run(['kms', 'reveal', 'c/d'], '', service.env)).toMatchObject({ code: 0, text: 'new' })
  })

  it('--no-keyring saves in the file, mode 0600, and takes them out of the keyring', async () => {
    await login()
    const { code, text } = await login(['--no-keyring'])
    expect([code, JSON.parse(text)]).toMatchObject([0, { keys_in: 'file' }])
    expect(profile()).toMatchObject({ token: server().token, workspaceKey })
    expect(entries()).toBe('')
  })

  it('where there is no keyring, saves in the file', async () => {
    expect(JSON.parse((await login([], {})).text)).toMatchObject({ keys_in: 'file' })
  })
})

const keyFile = (key: string): string => {
  const name = path.join(halfkey.home, 'other-key.txt')
  writeFileSync(name, key)
  return name
}

describe('a keyring that can’t be reached', () => {
  it('is said, and nothing is saved without the user’s say', async () => {
    const { code, stderr } = await login([], unreachable)
    expect([code, stderr]).toEqual([2, expect.stringMatching(/Can't use the keyring.*--no-keyring/s)])
    expect(existsSync(file)).toBe(false)
  })

  it.each([
    ['y\r', 0],
    ['\r', 2],
  ])('on a terminal, %j to whether the file may have them ends with %i', async (answer, code) => {
    const ended = await onTerminal(['login', ...files()], [['in the file instead?', answer]], unreachable)
    expect(ended).toMatchObject({ code, screen: expect.stringContaining("Can't use the keyring") })
    expect(existsSync(file)).toBe(code === 0)
  })

  it('ends a command whose keys are there, which must not go on without a token', async () => {
    await login()
    for (const env of [unreachable, {}]) {
      const { code, text, stderr } = await halfkey.run(['create', '-'], 'secret', env)
      expect([code, text]).toEqual([2, ''])
      expect(stderr).toContain('the token and key of the profile default')
    }
  })

  it('isn’t asked when the environment has both', async () => {
    await login()
    const env = { ...unreachable, HALFKEY_TOKEN: server().token, HALFKEY_WORKSPACE_KEY: workspaceKey }
    expect(await halfkey.run(['list'], '', env)).toMatchObject({ code: 0 })
  })
})

describe('logout', () => {
  it('removes them from the keyring too', async () => {
    await login()
    expect(entries()).toContain('Halfkey: default-')
    const refused = await halfkey.run(['logout'], '', service.env)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--forget-key')])
    expect(entries()).toContain('Halfkey: default-')
    expect(await halfkey.run(['logout', '--forget-key'], '', service.env)).toMatchObject({ code: 0 })
    expect([entries(), existsSync(file)]).toEqual(['', false])
  })

  it('forgets nothing if it can’t reach them', async () => {
    await login()
    const before = profile()
    expect(await halfkey.run(['logout'], '', unreachable)).toMatchObject({ code: 2 })
    expect(profile()).toEqual(before)
  })
})

it('an entry that was removed behind halfkey’s back is said', async () => {
  await login()
  const entry = String(profile()['keyring'])
  execFileSync('secret-tool', ['clear', 'service', 'halfkey', 'profile', entry], {
    env: { ...halfkey.env, ...service.env },
  })
  const { code, stderr } = await halfkey.run(['list'], '', service.env)
  expect([code, stderr]).toEqual([2, expect.stringContaining('Run halfkey login again')])
})
