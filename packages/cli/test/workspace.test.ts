/** workspace init, sheet and rekey: no key is lost, whenever it is interrupted. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Halfkey as Client } from '@halfkey/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addWorkspace } from '../../../apps/api/test/support/strangers.ts'
import { startProxy } from './proxy.ts'
import { decodeQr } from './qr-reader.ts'
import { useHalfkey } from './running.ts'

const { halfkey, server, data } = useHalfkey()
const folder = path.join(halfkey.home, '.config', 'halfkey')

interface Profile {
  url: string
  token: string
  workspaceKey?: string
  formerWorkspaceKeys?: string[]
}

const profile = (): Profile =>
  (JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as { profiles: { default: Profile } }).profiles
    .default

function save(saved: Profile): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ profiles: { default: saved } }))
}

const newKey = (): string => randomBytes(32).toString('base64url')
const run = (args: string[], env: Record<string, string> = {}) =>
  halfkey.run(['workspace', ...args], '', { HALFKEY_URL: '', ...env })

/** A new workspace, and its owner's profile. */
let token: string
const clientOf = (...workspaceKey: string[]) => new Client({ baseUrl: server().url, token, workspaceKey })
beforeEach(() => {
  token = addWorkspace(data(), Date.now()).text
  save({ url: server().url, token })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('init', () => {
  it('makes a key that the workspace remembers, prints it alone on stdout, and saves it in the profile', async () => {
    const { code, text, stderr } = await run(['init'])
    expect([code, text]).toEqual([0, expect.stringMatching(/^[\w-]{43}\n$/)])
    expect(stderr).toContain('saved in your profile')
    const key = text.trim()
    expect(profile().workspaceKey).toBe(key)
    expect((await clientOf(key).getWorkspace()).workspaceCheck).toBe(await clientOf(key).workspaceCheck())
  })

  it('again prints the same key, and whoever lacks it makes no second one', async () => {
    const { text } = await run(['init'])
    expect(await run(['init'])).toMatchObject({ code: 0, text })
    save({ url: server().url, token })
    const { code, text: nothing, stderr } = await run(['init'])
    expect([code, nothing, stderr]).toEqual([2, '', expect.stringContaining('already has another key')])
  })

  it('without a profile prints it for HALFKEY_WORKSPACE_KEY; with another’s token it isn’t saved in the profile', async () => {
    const stranger = addWorkspace(data(), Date.now()).text
    const { text, stderr } = await run(['init', '--json'], { HALFKEY_TOKEN: stranger })
    expect(JSON.parse(text)).toMatchObject({ saved: false, workspace_key: expect.stringMatching(/^[\w-]{43}$/) })
    expect(stderr).toBe('')
    expect(profile().workspaceKey).toBeUndefined()
  })

  it('has printed and saved the key before the server hears of it, so that no cut connection loses it', async () => {
    const proxy = await startProxy(server().url)
    save({ url: proxy.url, token })
    proxy.fates = { check: 'lose' }
    const { code, text } = await run(['init'])
    expect(code).toBe(8)
    const key = text.trim()
    expect((await clientOf(key).getWorkspace()).workspaceCheck).toBe(await clientOf(key).workspaceCheck())
    expect(profile().workspaceKey).toBe(key)
    proxy.fates = {}
    expect(await run(['init'])).toMatchObject({ code: 0, text: `${key}\n` })
    proxy.close()
  })

  it('with a token that may not set the key shows and saves none', async () => {
    const scopes = ['secrets:read', 'secrets:write', 'kms:read', 'kms:write'] as const
    const limited = await clientOf().tokens.create('limited', { scopes: [...scopes] })
    save({ url: server().url, token: limited.token })
    const { code, text, stderr } = await run(['init'])
    expect([code, text, stderr]).toEqual([6, '', expect.stringContaining('tokens:admin')])
    expect(profile()).toEqual({ url: server().url, token: limited.token })
    expect((await clientOf().getWorkspace()).workspaceCheck).toBeNull()
  })

  it('beaten by somebody else’s key says so and keeps none in the profile', async () => {
    const proxy = await startProxy(server().url)
    save({ url: proxy.url, token })
    proxy.fates = { check: 'hold' }
    const held = proxy.held()
    const { ended } = halfkey.start(['workspace', 'init', '--timeout', '3'], '', { HALFKEY_URL: '' })
    await held
    expect(profile().workspaceKey).toMatch(/^[\w-]{43}$/)
    await clientOf(newKey()).setWorkspaceCheck()
    proxy.fates = {}
    expect(await ended).toMatchObject({ code: 2, stderr: expect.stringContaining('Someone else') as string })
    expect(profile()).toEqual({ url: proxy.url, token })
    proxy.close()
  })

  it('of a workspace that has this key already needs no more than reading it', async () => {
    const key = newKey()
    await clientOf(key).setWorkspaceCheck()
    const { token: reader } = await clientOf().tokens.create('reader', { scopes: ['secrets:read'] })
    save({ url: server().url, token: reader, workspaceKey: key })
    expect(await run(['init'])).toMatchObject({ code: 0, text: `${key}\n` })
  })

  it('without a token is refused', async () => {
    save({ url: server().url } as Profile)
    expect(await run(['init'])).toMatchObject({ code: 2, stderr: expect.stringContaining('HALFKEY_TOKEN') as string })
  })
})

describe('sheet', () => {
  it('has the key as text, as 24 words and as a QR code that reads so, and asks no server', async () => {
    const key = newKey()
    const { code, text } = await run(['sheet'], { HALFKEY_URL: 'http://127.0.0.1:1', HALFKEY_WORKSPACE_KEY: key })
    expect(code).toBe(0)
    expect(text).toContain(`\n${key}\n`)
    expect(decodeQr(text)).toBe(key)
  })

  it.each([
    ['no key', ''],
    ['what is no key', 'abc'],
  ])('of %s is refused', async (_, key) => {
    const { code, text, stderr } = await run(['sheet'], { HALFKEY_WORKSPACE_KEY: key })
    expect([code, text, stderr]).toEqual([2, '', expect.stringContaining('HALFKEY_WORKSPACE_KEY')])
  })
})

describe('rekey', () => {
  const handlers = Array.from({ length: 12 }, (_, n) => `prod/entry-${n}`)

  /** Named secrets, and a secret with a description, under a first key that is in the profile. */
  async function givenKey(): Promise<string> {
    const key = newKey()
    const client = clientOf(key)
    await client.setWorkspaceCheck()
    await Promise.all(handlers.map((handler) => client.kms.put(handler, `value of ${handler}`, { name: handler })))
    await client.createSecret('x', { description: 'described' })
    save({ url: server().url, token, workspaceKey: key })
    return key
  }

  async function expectReadable(...keys: string[]): Promise<void> {
    const client = clientOf(...keys)
    for (const handler of handlers) {
      expect((await client.kms.reveal(handler)).text).toBe(`value of ${handler}`)
      expect((await client.kms.get(handler)).name).toBe(handler)
    }
    expect((await client.listSecrets()).secrets[0]?.description).toBe('described')
  }

  it('moves everything under a new key, which alone opens it, and keeps the old one for older versions', async () => {
    const old = await givenKey()
    const { code, text } = await run(['rekey', '--json'])
    expect([code, JSON.parse(text)]).toEqual([0, { complete: true, moved: 25, opened: 13, skipped: '', failed: '' }])
    const { workspaceKey = '', formerWorkspaceKeys } = profile()
    expect(formerWorkspaceKeys).toEqual([old])
    expect(workspaceKey).not.toBe(old)
    await expectReadable(workspaceKey)
    const env = { HALFKEY_URL: '' }
    const first = await halfkey.run(['kms', 'reveal', 'prod/entry-0', '--version', '1'], '', env)
    expect(first).toMatchObject({ code: 0, text: 'value of prod/entry-0' })
  })

  it('killed in the middle leaves everything readable with both keys, which are saved, and goes on the next time', async () => {
    const old = await givenKey()
    const proxy = await startProxy(server().url)
    save({ url: proxy.url, token, workspaceKey: old })
    proxy.fates = { [encodeURIComponent('prod/entry-5')]: 'hold' }
    const held = proxy.held()
    const { child, ended } = halfkey.start(['workspace', 'rekey'], '', { HALFKEY_URL: '' })
    await held
    child.kill('SIGKILL')
    expect((await ended).code).toBeNull()

    const { workspaceKey = '', formerWorkspaceKeys = [] } = profile()
    expect(formerWorkspaceKeys).toEqual([old])
    await expectReadable(workspaceKey, old)
    const verified = await run(['rekey', '--verify', '--json'])
    expect(verified.code).toBe(1)
    expect(JSON.parse(verified.text)).toMatchObject({ complete: false, failed: expect.stringContaining(':WRONG_KEY') })

    proxy.fates = {}
    expect(await run(['rekey', '--json'])).toMatchObject({ code: 0 })
    expect(profile()).toEqual({ url: proxy.url, token, workspaceKey, formerWorkspaceKeys: [old] })
    await expectReadable(workspaceKey)
    expect(await run(['rekey', '--verify'])).toMatchObject({ code: 0 })
    proxy.close()
  })

  it('in the environment: one key makes another and changes nothing, NEW,OLD moves everything, again too', async () => {
    const old = await givenKey()
    rmSync(folder, { recursive: true })
    const env = { HALFKEY_URL: server().url, HALFKEY_TOKEN: token, HALFKEY_WORKSPACE_KEY: old }
    const { code, text, stderr } = await run(['rekey'], env)
    expect([code, stderr]).toEqual([2, expect.stringContaining('Nothing was changed')])
    const [made = '', kept] = text.trim().split(',')
    expect(kept).toBe(old)
    expect(stderr).not.toContain(made)
    await expectReadable(old)

    const both = { ...env, HALFKEY_WORKSPACE_KEY: `${made},${old}` }
    for (let n = 0; n < 2; n++) expect(await run(['rekey', '--json'], both)).toMatchObject({ code: 0, stderr: '' })
    await expectReadable(made)
    expect((await run(['rekey', '--verify'], { ...env, HALFKEY_WORKSPACE_KEY: made })).code).toBe(0)
    expect((await run(['rekey', '--verify'], { ...env, HALFKEY_WORKSPACE_KEY: old })).code).toBe(1)
  })

  it('with a key that isn’t the workspace’s makes and changes nothing', async () => {
    const key = await givenKey()
    const wrong = { url: server().url, token, workspaceKey: newKey() }
    save(wrong)
    expect(await run(['rekey'])).toMatchObject({ code: 7, text: '' })
    expect(profile()).toEqual(wrong)
    await expectReadable(key)
  })

  it('with a token that may not set the key makes and shows none', async () => {
    const workspaceKey = await givenKey()
    const scopes = ['secrets:read', 'secrets:write', 'kms:read', 'kms:write', 'kms:reveal'] as const
    const limited = await clientOf().tokens.create('limited', { scopes: [...scopes] })
    const saved = { url: server().url, token: limited.token, workspaceKey }
    save(saved)
    expect(await run(['rekey'])).toMatchObject({ code: 6, text: '' })
    expect(profile()).toEqual(saved)
    const env = { HALFKEY_WORKSPACE_KEY: workspaceKey, HALFKEY_TOKEN: limited.token, HALFKEY_URL: server().url }
    expect(await run(['rekey'], env)).toMatchObject({ code: 6, text: '' })
  })

  it('names what it may not read from here, says that it isn’t done, and finishes once it may', async () => {
    await givenKey()
    const key = profile().workspaceKey ?? ''
    await clientOf(key).kms.update('prod/entry-3', { whitelist: ['192.0.2.1'] })
    const { code, text, stderr } = await run(['rekey'])
    expect([code, text]).toEqual([1, 'prod/entry-3: PERMISSION_DENIED\n'])
    expect(stderr).toContain('run the command again')
    const { workspaceKey = '' } = profile()
    await clientOf(workspaceKey, key).kms.update('prod/entry-3', { whitelist: null })
    expect((await run(['rekey'])).code).toBe(0)
    expect(profile().workspaceKey).toBe(workspaceKey)
    await expectReadable(workspaceKey)
  })

  it('without token or key is refused', async () => {
    expect(await run(['rekey'])).toMatchObject({ code: 2, text: '' })
  })
})

it('a folder or entry key makes, prints and replaces no workspace key', async () => {
  const key = newKey()
  await clientOf(key).setWorkspaceCheck()
  for (const name of ['orders/', 'orders/db']) {
    const saved = { url: server().url, token, workspaceKey: await clientOf(key).kms.deriveKey(name) }
    save(saved)
    for (const command of [['init'], ['rekey'], ['rekey', '--verify'], ['sheet']])
      expect(await run(command)).toMatchObject({ code: 2, text: '' })
    expect(profile()).toEqual(saved)
  }
})
