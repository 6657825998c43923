/** login, logout, config, test: where the command connects to, as whom, and what never goes anywhere else. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { useOwner } from './owner.ts'
import { terminalOf } from './terminal.ts'

const owner = useOwner()
const { halfkey, server, workspaceKey } = owner
const onTerminal = terminalOf(halfkey)

const folder = path.join(halfkey.home, '.config', 'halfkey')
const file = path.join(folder, 'config.json')
const pathOf = (name: string): string => path.join(halfkey.home, name)

type Profile = Record<string, unknown>
const saved = (): Record<string, Profile> =>
  (JSON.parse(readFileSync(file, 'utf8')) as { profiles: Record<string, Profile> }).profiles

function save(profiles: Record<string, Profile>): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, JSON.stringify({ profiles }))
}

/** With the profile alone: nothing of the environment. */
const run = (args: string[], env: Record<string, string> = {}) => halfkey.run(args, '', { HALFKEY_URL: '', ...env })

const mine = () => ({ url: server().url, token: server().token, workspaceKey })
const config = async (args: string[] = [], env: Record<string, string> = {}): Promise<Profile> =>
  JSON.parse((await run(['config', '--json', ...args], env)).text) as Profile

beforeEach(() => rmSync(folder, { recursive: true, force: true }))

describe('login', () => {
  it('asks for address, token and key, shows neither secret, and saves for its user alone', async () => {
    const { url, token } = mine()
    const answers: [string, string][] = [
      ['Server', `${url}\r`],
      ['Token', `${token}\r`],
      ['Workspace key', `${workspaceKey}\r`],
    ]
    const { code, screen } = await onTerminal(['login'], answers, { HALFKEY_URL: '' })
    expect([code, screen]).toEqual([0, expect.stringContaining('Saved the profile default')])
    expect(screen).not.toContain(token.slice(-20))
    expect(screen).not.toContain(workspaceKey)
    expect(saved()).toEqual({ default: mine() })
    expect([statSync(file).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700])
    expect(readdirSync(folder)).toEqual(['config.json'])
    expect(await run(['list'])).toMatchObject({ code: 0 })
  })

  it('takes the environment and files without asking', async () => {
    const { url, token } = mine()
    writeFileSync(pathOf('token.txt'), `${token}\r\n`)
    writeFileSync(pathOf('key.txt'), `${workspaceKey}\n`)
    const files = ['--token-file', pathOf('token.txt'), '--workspace-key-file', pathOf('key.txt')]
    expect((await run(['login', '--profile', 'work', ...files, '--url', url])).code).toBe(0)
    expect((await run(['login'], { HALFKEY_URL: url, ...owner.env() })).code).toBe(0)
    expect(saved()).toEqual({ work: mine(), default: mine() })
  })

  it('takes the 24 words of the recovery sheet for the key', async () => {
    const sheet = await owner.print(['workspace', 'sheet'])
    const [, rows = ''] = sheet.split('accepts too:\n')
    const words = [...rows.matchAll(/\d ([a-z]+)/g)].map(([, word]) => word)
    expect(words).toHaveLength(24)
    const env = { ...owner.env(), HALFKEY_WORKSPACE_KEY: words.join(' ') }
    expect((await halfkey.run(['login'], '', env)).code).toBe(0)
    expect(saved()['default']?.['workspaceKey']).toBe(workspaceKey)
    const mistaken = { ...env, HALFKEY_WORKSPACE_KEY: [words[1], words[0], ...words.slice(2)].join(' ') }
    const { code, stderr } = await halfkey.run(['login'], '', mistaken)
    expect([code, stderr]).toEqual([2, expect.stringContaining('24 words')])
  })

  it.each<[string, Record<string, string>, string]>([
    ['address', { HALFKEY_URL: 'http://127.0.0.1:1' }, 'because the address doesn'],
    ['token', { HALFKEY_TOKEN: `hkt_abc_${'A'.repeat(43)}` }, 'because the token doesn'],
    ['key', { HALFKEY_WORKSPACE_KEY: randomBytes(32).toString('base64url') }, 'because the workspace key doesn'],
    ['form of the key', { HALFKEY_WORKSPACE_KEY: 'short' }, '32 bytes'],
  ])('saves nothing that doesn’t work, and names it: the %s', async (_, wrong, words) => {
    const { code, text, stderr } = await halfkey.run(['login'], '', { ...owner.env(), ...wrong })
    expect([code, text, stderr]).toEqual([2, '', expect.stringContaining(words)])
    expect(existsSync(file)).toBe(false)
  })

  it('again keeps the workspace keys that it had: what they sealed would be lost with them', async () => {
    const [older, oldest] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
    save({ default: { ...mine(), workspaceKey: older, formerWorkspaceKeys: [oldest] } })
    expect((await halfkey.run(['login'], '', owner.env())).code).toBe(0)
    expect(saved()['default']).toEqual({ ...mine(), formerWorkspaceKeys: [older, oldest] })
    expect((await halfkey.run(['login'], '', { HALFKEY_TOKEN: server().token })).code).toBe(0)
    expect(saved()['default']).toEqual({ ...mine(), formerWorkspaceKeys: [older, oldest] })
  })

  it('to another server never replaces a profile’s workspace key without a question', async () => {
    const before = { url: 'http://127.0.0.1:1', token: 'hkt_other_x', workspaceKey }
    save({ default: before })
    const { code, stderr } = await halfkey.run(['login'], '', owner.env())
    expect([code, stderr]).toEqual([2, expect.stringContaining('--forget-key')])
    expect(saved()).toEqual({ default: before })
    expect((await halfkey.run(['login', '--forget-key'], '', owner.env())).code).toBe(0)
    expect(saved()).toEqual({ default: mine() })
  })
})

describe('which connection is used', () => {
  const other = { url: 'http://127.0.0.1:1', token: 'hkt_other_x', workspaceKey: 'other' }

  it('options win over the environment, and that over the profile', async () => {
    save({ default: mine(), other })
    expect(await config()).toMatchObject({ url: mine().url, url_from: 'profile', token_from: 'profile' })
    expect(await config([], { HALFKEY_TOKEN: 'hkt_mine_y' })).toMatchObject({
      token: 'hkt_mine',
      token_from: 'environment',
    })
    expect(await config([], { HALFKEY_PROFILE: 'other' })).toMatchObject({ url: other.url, profile: 'other' })
    const both = { HALFKEY_PROFILE: 'other', HALFKEY_URL: 'http://127.0.0.1:2' }
    expect(await config(['--profile', 'default'], both)).toMatchObject({
      url: 'http://127.0.0.1:2',
      profile: 'default',
    })
    expect(await config(['--url', 'http://127.0.0.1:3'], both)).toMatchObject({ url: 'http://127.0.0.1:3' })
    expect((await run(['list'])).code).toBe(0)
  })

  it('a profile’s token and key go to its own address alone', async () => {
    save({ default: mine() })
    const heard: string[] = []
    const stranger = createServer((request, response) => {
      heard.push(JSON.stringify(request.headers))
      response.writeHead(401, { 'Content-Type': 'application/json' }).end('{}')
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => stranger.once('listening', resolve))
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
    for (const call of [run(['list', '--url', url]), run(['stats'], { HALFKEY_URL: url }), run(['test', '--url', url])])
      expect((await call).code).not.toBe(0)
    stranger.close()
    expect(heard.length).toBeGreaterThan(0)
    expect(heard.join()).not.toContain('hkt_')
    expect(await config(['--url', url])).toMatchObject({ token: null, workspace_key_from: null })
    const sameServer = `${mine().url.replace('http', 'HTTP')}/`
    expect(await config(['--url', sameServer])).toMatchObject({ token_from: 'profile' })
  })

  it('config shows neither token nor key, whatever was taken for one', async () => {
    save({ default: mine() })
    const shown = [await run(['config']), await run(['config', '--json']), await run(['config', '--verbose'])]
    shown.push(await run(['config'], { HALFKEY_TOKEN: workspaceKey }))
    const printed = JSON.stringify(shown)
    for (const secret of [workspaceKey, mine().token.slice(-43)]) expect(printed).not.toContain(secret)
    expect(printed).toContain('not a token')
  })

  it('a profile that there isn’t is an error, not the standard server', async () => {
    for (const name of ['work', 'constructor', '__proto__']) {
      const { code, stderr } = await run(['list', '--profile', name])
      expect([code, stderr]).toEqual([2, expect.stringContaining(`There is no profile ${name}`)])
    }
    expect((await run(['list', '--profile', '../x'])).stderr).toContain('--profile must be')
  })

  it.each([
    ['no JSON', 'x'],
    ['half of it', '{"profiles":{"default":{"url":"http'],
    ['other JSON', '[]'],
    ['a profile without an address', '{"profiles":{"default":{"token":"x"}}}'],
    ['a token that is no text', '{"profiles":{"default":{"url":"http://127.0.0.1:1","token":1}}}'],
  ])('a broken file is said, and left as it is: %s', async (_, text) => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, text)
    for (const args of [['list'], ['logout'], ['config']]) {
      const { code, stderr } = await run(args)
      expect([code, stderr]).toEqual([2, expect.stringContaining(`${file} isn't a valid halfkey profile file`)])
    }
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('XDG_CONFIG_HOME is where profiles are; where none can be saved, that is said', async () => {
    writeFileSync(pathOf('a-file'), '')
    const { code, stderr } = await halfkey.run(['login'], '', { ...owner.env(), XDG_CONFIG_HOME: pathOf('a-file') })
    expect([code, stderr]).toEqual([2, expect.stringContaining('ENOTDIR')])
    await halfkey.run(['login'], '', { ...owner.env(), XDG_CONFIG_HOME: pathOf('elsewhere') })
    expect(existsSync(pathOf('elsewhere/halfkey/config.json'))).toBe(true)
  })
})

describe('logout', () => {
  it('forgets one profile, and with the last one the file', async () => {
    save({ default: mine(), work: mine() })
    expect(await run(['logout', '--forget-key', '--profile', 'work'])).toMatchObject({ code: 0 })
    expect(saved()).toEqual({ default: mine() })
    const forget = ['logout', '--forget-key', '--json']
    expect((await run(forget)).text).toBe('{"profile":"default","removed":true}\n')
    expect(existsSync(file)).toBe(false)
    expect((await run(forget)).text).toBe('{"profile":"default","removed":false}\n')
  })

  it('never removes a workspace key without a question: without a terminal it needs --forget-key', async () => {
    save({ default: mine() })
    const { code, stderr } = await run(['logout'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--forget-key')])
    expect(saved()).toEqual({ default: mine() })
  })

  it.each(['\r', 'n\r', 'what?\r'])('on a terminal, %j to the question keeps it', async (typed) => {
    save({ default: mine() })
    const { code, screen } = await onTerminal(['logout'], [['Remove it? [y/N]', typed]], { HALFKEY_URL: '' })
    expect([code, screen]).toEqual([2, expect.stringContaining('Nothing was removed')])
    expect(saved()).toEqual({ default: mine() })
  })

  it('on a terminal, yes removes it', async () => {
    save({ default: mine() })
    expect((await onTerminal(['logout'], [['Remove it? [y/N]', 'y\r']], { HALFKEY_URL: '' })).code).toBe(0)
    expect(existsSync(file)).toBe(false)
  })

  it('of a profile without a key asks nothing', async () => {
    const { url, token } = mine()
    save({ default: { url, token } })
    expect(await run(['logout'])).toMatchObject({ code: 0 })
  })
})

describe('test names what is wrong, with the exit code of its kind:', () => {
  const stranger = { HALFKEY_WORKSPACE_KEY: randomBytes(32).toString('base64url') }
  it.each<[string, () => Record<string, string>, number, [boolean | null, boolean | null, boolean | null] | [false]]>([
    ['nothing', () => owner.env(), 0, [true, true, true]],
    ['neither token nor key', () => ({}), 0, [true, null, null]],
    ['the address', () => ({ ...owner.env(), HALFKEY_URL: 'http://127.0.0.1:1' }), 8, [false]],
    ['the token', () => ({ ...owner.env(), HALFKEY_TOKEN: 'hkt_no_x' }), 6, [true, false, null]],
    ['the key', () => ({ ...owner.env(), ...stranger }), 7, [true, true, false]],
    [
      'the older of two keys',
      () => ({ ...owner.env(), HALFKEY_WORKSPACE_KEY: `${stranger.HALFKEY_WORKSPACE_KEY},${workspaceKey}` }),
      0,
      [true, true, true],
    ],
  ])('%s', async (_, env, exitCode, oks) => {
    const { code, text } = await halfkey.run(['test', '--json'], '', env())
    const checks = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { check: string; ok: boolean | null })
    expect([code, checks.map(({ ok }) => ok)]).toEqual([exitCode, oks])
    expect(checks.map(({ check }) => check)).toEqual(['address', 'token', 'workspace key'].slice(0, oks.length))
    const { text: shown } = await halfkey.run(['test'], '', env())
    expect(shown.includes('FAILED')).toBe(exitCode !== 0)
  })
})
