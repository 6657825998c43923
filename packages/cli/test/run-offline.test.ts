/** `halfkey run --offline-cache`: a sealed copy for when the server is away, and for nothing else. */
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mountVolume } from '../../../apps/api/test/support/volume.ts'
import { filesWith, newKey, print, useNamedSecrets } from './named.ts'
import type { Proxy } from './proxy.ts'
import { startProxy } from './proxy.ts'

const { halfkey, owner, server, workspaceKey } = useNamedSecrets()

let proxy: Proxy
let state = ''
let count = 0
beforeAll(async () => {
  await owner().kms.put('prod/db', 'correct horse')
  await owner().kms.put('prod/api', 'key')
})
beforeEach(async () => {
  state = path.join(halfkey.home, `state-${++count}`)
  proxy = await startProxy(server().url)
})
afterEach(() => {
  proxy.close()
})

const withDb = ['--env', 'DB=prod/db']
const run = (env: Record<string, string> = {}, secrets: string[] = withDb, cache = ['--offline-cache']) =>
  halfkey.run(['run', ...cache, ...secrets, ...print('DB')], '', {
    HALFKEY_URL: proxy.url,
    XDG_STATE_HOME: state,
    ...env,
  })

const folder = (): string => path.join(state, 'halfkey', 'offline')
const copies = (): string[] => readdirSync(folder()).map((name) => path.join(folder(), name))
const away = (): void => void (proxy.fates = { reveal: 'lose' })
const refused = { code: 8, text: '' }

describe('a server that can’t be reached', () => {
  it('the program gets the copy, and the command says so and from when it is', async () => {
    expect(await run()).toMatchObject({ code: 0, text: 'correct horse', stderr: '' })
    away()
    const { code, text, stderr } = await run()
    expect([code, text]).toEqual([0, 'correct horse'])
    expect(stderr).toMatch(/^halfkey: Can't reach the server\. Using the copy saved on \d{4}-\d\d-\d\dT[\d:.]+Z\.\n$/)
  })

  it('a server that listens no more is the same', async () => {
    await run()
    proxy.close()
    expect(await run()).toMatchObject({ code: 0, text: 'correct horse' })
  })

  it('without --offline-cache there is neither a copy nor a use of one', async () => {
    await run({}, withDb, [])
    away()
    expect(await run()).toMatchObject(refused)
    proxy.fates = {}
    await run()
    away()
    expect(await run({}, withDb, [])).toMatchObject(refused)
  })

  it('the copy is of the last values that the server gave', async () => {
    await owner().kms.put('prod/turns', 'one')
    await run({}, ['--env', 'DB=prod/turns'])
    await owner().kms.put('prod/turns', 'two')
    await run({}, ['--env', 'DB=prod/turns'])
    away()
    expect(await run({}, ['--env', 'DB=prod/turns'])).toMatchObject({ code: 0, text: 'two' })
    expect(copies()).toHaveLength(1)
  })

  it('a copy that can’t be saved is said, and the program runs', async () => {
    writeFileSync(state, 'a file')
    const { code, text, stderr } = await run()
    expect([code, text]).toEqual([0, 'correct horse'])
    expect(stderr).toContain("halfkey: Can't save the offline copy: ")
  })

  it.each(['full', 'read-only'] as const)(
    'on a disk that became %s the program gets the new value, and the copy stays as it was',
    async (became) => {
      const secret = ['--env', `DB=prod/${became}`]
      await owner().kms.put(`prod/${became}`, 'old')
      const volume = mountVolume(state, 256 * 1024)
      try {
        await run({}, secret)
        if (became === 'full') volume.fill()
        else volume.setReadOnly(true)
        await owner().kms.put(`prod/${became}`, 'new')
        const { code, text, stderr } = await run({}, secret)
        expect([code, text]).toEqual([0, 'new'])
        expect(stderr).toContain("halfkey: Can't save the offline copy: ")
        expect(copies()).toHaveLength(1)
        away()
        expect(await run({}, secret)).toMatchObject({ code: 0, text: 'old' })
      } finally {
        volume.unmount()
      }
    },
  )
})

function flip(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  return bytes
}

describe('a copy that isn’t what this command kept is refused, and said', () => {
  const expectRefused = async (env?: Record<string, string>, secrets?: string[]): Promise<void> => {
    away()
    const { code, text, stderr } = await run(env, secrets)
    expect([code, text]).toEqual([8, ''])
    expect(stderr).toContain(
      "halfkey: Can't use the offline copy: it was changed, or encrypted with another workspace key.",
    )
  }

  it.each([
    ['in its iv', (bytes: Buffer) => flip(bytes, 0)],
    ['in its ciphertext', (bytes: Buffer) => flip(bytes, 20)],
    ['in its tag', (bytes: Buffer) => flip(bytes, bytes.length - 1)],
    ['by being cut', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['by being cut to less than a tag', (bytes: Buffer) => bytes.subarray(0, 20)],
    ['to nothing', () => Buffer.alloc(0)],
  ])('changed %s', async (_, change) => {
    await run()
    const [file = ''] = copies()
    writeFileSync(file, change(readFileSync(file)))
    await expectRefused()
  })

  it('of another workspace key', async () => {
    await run()
    await expectRefused({ HALFKEY_WORKSPACE_KEY: newKey() })
  })

  it('of other secrets of the same server, under this one’s name', async () => {
    await run({}, ['--env', 'DB=prod/api'])
    const [other = ''] = copies()
    await run()
    const own = copies().find((file) => file !== other) ?? ''
    renameSync(other, own)
    await expectRefused()
  })

  it('of another server, under this one’s name', async () => {
    await run()
    const [own = ''] = copies()
    const kept = path.join(halfkey.home, `kept-${count}`)
    cpSync(own, kept)
    const other = await startProxy(server().url)
    await run({ HALFKEY_URL: other.url })
    other.close()
    renameSync(kept, copies().find((file) => file !== own) ?? '')
    const { code, text, stderr } = await run({ HALFKEY_URL: other.url })
    expect([code, text]).toEqual([8, ''])
    expect(stderr).toContain("Can't use the offline copy")
  })
})

it('NEW,OLD workspace keys, as in a rekey: a copy under the old one serves', async () => {
  await run()
  away()
  expect(await run({ HALFKEY_WORKSPACE_KEY: `${newKey()},${workspaceKey}` })).toMatchObject({
    code: 0,
    text: 'correct horse',
  })
})

describe('a server that refuses is obeyed, whatever copy there is', () => {
  it('a token that may no more', async () => {
    const made = await owner().tokens.create('limited', { scopes: ['kms:reveal'], handlers: ['prod/*'] })
    const env = { HALFKEY_TOKEN: made.token }
    expect(await run(env)).toMatchObject({ code: 0 })
    await owner().tokens.revoke(made.id)
    expect(await run(env)).toMatchObject({ code: 6, text: '' })
  })

  it('an address that is no more allowed', async () => {
    await owner().kms.put('prod/moved', 'x')
    const secrets = ['--env', 'DB=prod/moved']
    expect(await run({}, secrets)).toMatchObject({ code: 0 })
    await owner().kms.update('prod/moved', { whitelist: ['192.0.2.1'] })
    expect(await run({}, secrets)).toMatchObject({ code: 6, text: '' })
  })

  it('a named secret that was deleted', async () => {
    await owner().kms.put('prod/gone', 'x')
    const secrets = ['--env', 'DB=prod/gone']
    expect(await run({}, secrets)).toMatchObject({ code: 0 })
    await owner().kms.delete('prod/gone')
    expect(await run({}, secrets)).toMatchObject({ code: 4, text: '' })
  })

  it('one that is away for one secret and refuses another', async () => {
    const refusal = { success: false, error: { code: 'PERMISSION_DENIED', message: 'Refused.' } }
    const half = createServer(({ url = '' }, reply) => {
      if (url.includes('prod%2Fdb')) reply.destroy()
      else reply.writeHead(403, { 'Content-Type': 'application/json' }).end(JSON.stringify(refusal))
    }).listen(0, '127.0.0.1')
    await once(half, 'listening')
    const url = `http://127.0.0.1:${(half.address() as AddressInfo).port}`
    expect(await run({ HALFKEY_URL: url }, [...withDb, '--env', 'API=prod/api'])).toMatchObject({ code: 6, text: '' })
    half.close()
  })
})

describe('on disk', () => {
  it('the copy is sealed, and its user’s alone', async () => {
    await run()
    const values = ['correct horse', Buffer.from('correct horse').toString('base64'), 'prod/db', workspaceKey]
    expect(
      filesWith(
        halfkey.home,
        values.map((value) => Buffer.from(value)),
      ),
    ).toEqual([])
    const modes = [statSync(folder()), ...copies().map((file) => statSync(file))].map(({ mode }) => mode & 0o777)
    expect(modes).toEqual([0o700, 0o600])
  })

  it('two copies of the same value share no bytes that tell', async () => {
    await run()
    const first = readFileSync(copies()[0] ?? '')
    await run()
    expect(readFileSync(copies()[0] ?? '').subarray(0, 12)).not.toEqual(first.subarray(0, 12))
  })

  it('it needs a workspace key', async () => {
    const { code, stderr } = await run({ HALFKEY_WORKSPACE_KEY: '' })
    expect([code, stderr]).toEqual([2, expect.stringContaining('--offline-cache needs the workspace key')])
  })
})
