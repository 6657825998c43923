/** A new user of a new server: the first example of the service that people come from works. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Halfkey as Client } from '@halfkey/sdk'
import { beforeEach, describe, expect, it } from 'vitest'
import { addWorkspace } from '../../../apps/api/test/support/strangers.ts'
import { useHalfkey } from './running.ts'
import { linkIn, terminalOf } from './terminal.ts'

const { halfkey, server, data } = useHalfkey()
const onTerminal = terminalOf(halfkey)
const folder = path.join(halfkey.home, '.config', 'halfkey')
const saved = () =>
  (JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as { profiles: Record<string, object> }).profiles

const example = ['create', 'My secret content', '--hours', '24', '--views', '1']
const described = [...example, '--description', 'Database credentials']

let token = ''
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  token = addWorkspace(data(), Date.now()).text
})

const checkOf = async (): Promise<string | null> =>
  (await new Client({ baseUrl: server().url, token }).getWorkspace()).workspaceCheck

describe('without a terminal', () => {
  it('the server’s first words are a login line that runs as printed; then the example works, and get tells all', async () => {
    const output = server().output()
    const line = / {2}HALFKEY_TOKEN=(\S+) npm run -s halfkey -- (login .*)\n/.exec(output)
    expect(line?.index).toBeLessThan(output.indexOf('create -'))
    const [, given = '', words = ''] = line ?? []
    const { code, stderr } = await halfkey.run(words.split(' '), '', { HALFKEY_URL: '', HALFKEY_TOKEN: given })
    expect([code, stderr]).toEqual([0, expect.stringContaining('halfkey workspace sheet')])

    const file = path.join(halfkey.home, 'report.pdf')
    writeFileSync(file, 'x')
    const more = ['--message', 'Use today', '--file', file, '--json']
    const created = await halfkey.run([...described, ...more])
    expect(created.code).toBe(0)
    const { slug } = JSON.parse(created.text) as { slug: string }
    const { text } = await halfkey.run(['get', slug, '--json'])
    expect(JSON.parse(text)).toMatchObject({
      description: 'Database credentials',
      message: 'Use today',
      attachments: ['report.pdf'],
    })
    expect((await halfkey.run(['get', slug])).text).toMatch(/^attachments +report\.pdf$/m)
  })

  it('the error gives the one command, and after it the example works', async () => {
    const { code, text, stderr } = await halfkey.run(described, '', { HALFKEY_TOKEN: token })
    expect([code, text]).toEqual([2, ''])
    const [, command = ''] = /Run: halfkey (.*)\n$/.exec(stderr) ?? []
    expect((await halfkey.run(command.split(' '), '', { HALFKEY_TOKEN: token })).code).toBe(0)
    expect((await halfkey.run(described)).code).toBe(0)
  })

  it('kms put gives it, too', async () => {
    const { code, stderr } = await halfkey.run(['kms', 'put', 'prod/db'], 'x', { HALFKEY_TOKEN: token })
    expect([code, stderr]).toEqual([2, expect.stringContaining('Run: halfkey login')])
  })
})

describe('login', () => {
  it('makes the key of a workspace that has none, once, and the workspace knows it', async () => {
    const login = () => halfkey.run(['login', '--json'], '', { HALFKEY_TOKEN: token })
    expect(JSON.parse((await login()).text)).toMatchObject({ workspace_key_made: true })
    const { workspaceKey } = saved()['default'] as { workspaceKey: string }
    expect(await checkOf()).toBe(await new Client({ baseUrl: server().url, workspaceKey }).workspaceCheck())
    expect(JSON.parse((await login()).text)).toMatchObject({ workspace_key_made: false })
    expect(saved()['default']).toMatchObject({ workspaceKey })
  })

  it('never prints the key where no person reads it', async () => {
    const { text, stderr } = await halfkey.run(['login'], '', { HALFKEY_TOKEN: token })
    const { workspaceKey } = saved()['default'] as { workspaceKey: string }
    expect(text + stderr).not.toContain(workspaceKey)
  })

  it('with a token that may not make one saves the rest, and says whose turn it is', async () => {
    const admin = new Client({ baseUrl: server().url, token })
    const { token: small } = await admin.tokens.create('small', { scopes: ['secrets:read'] })
    const { code, stderr } = await halfkey.run(['login'], '', { HALFKEY_TOKEN: small })
    expect([code, stderr]).toEqual([0, expect.stringContaining('tokens:admin')])
    expect(saved()['default']).toEqual({ url: server().url, token: small })
    expect(await checkOf()).toBeNull()
  })
})

describe('on a terminal', () => {
  it('login shows the recovery sheet of the key that it made, and asks for none', async () => {
    const answers: [string, string][] = [
      ['Server', '\r'],
      ['Token', `${token}\r`],
    ]
    const { code, screen } = await onTerminal(['login', '--url', server().url], answers.slice(1), { HALFKEY_URL: '' })
    const { workspaceKey } = saved()['default'] as { workspaceKey: string }
    expect([code, screen]).toEqual([0, expect.stringContaining(workspaceKey)])
    expect(screen).toContain('As 24 words')
    expect(screen).not.toContain('Workspace key or its')
  })

  it('create --description offers the login on the spot, and then shares', async () => {
    const answers: [string, string][] = [
      ['Run halfkey login now? [Y/n]', '\r'],
      ['Token', `${token}\r`],
    ]
    const { code, screen } = await onTerminal(described, answers)
    expect([code, linkIn(screen)]).toEqual([0, expect.stringContaining('#1')])
    expect((await halfkey.run(['list', '--json', '--limit', '1'])).text).toContain(
      '"description":"Database credentials"',
    )
  })

  it('create --description shares nothing if it is declined', async () => {
    const { code, screen } = await onTerminal(described, [['[Y/n]', 'n\r']])
    expect([code, linkIn(screen)]).toEqual([2, ''])
    expect(existsSync(folder)).toBe(false)
  })
})
