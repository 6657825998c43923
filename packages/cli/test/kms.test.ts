/** Named secrets on the command line: values byte for byte, versions, and what is said when something is wrong. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { bin } from './halfkey.ts'
import { useOwner } from './owner.ts'

const owner = useOwner()
const { halfkey, run, print, json } = owner

let names = 0
const newHandler = (): string => `prod/entry-${++names}`

/** A named secret with these values as its versions. */
async function given(...values: string[]): Promise<string> {
  const handler = newHandler()
  for (const value of values) await owner.client().kms.put(handler, value)
  return handler
}

describe('a value', () => {
  it.each([
    ['of a line', Buffer.from('correct horse\n')],
    ['with Windows line ends', Buffer.from('a\r\nb\r\n')],
    ['with a byte order mark and white space', Buffer.from('\uFEFF  kept  ')],
    ['that isn’t text', Buffer.from([0, 0xff, 0xfe, 0x80, 0x0a, 0])],
    ['of 1 MiB', randomBytes(2 ** 20)],
  ])('%s comes out as it went in, to the byte', async (_, value) => {
    const handler = newHandler()
    expect(await run(['kms', 'put', handler], value)).toMatchObject({ code: 0, text: '' })
    const { code, stdout, stderr } = await run(['kms', 'reveal', handler])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.equals(value)).toBe(true)
  })

  it('of a file does too', async () => {
    const [handler, file, value] = [newHandler(), path.join(halfkey.home, 'value'), randomBytes(1000)]
    writeFileSync(file, value)
    await print(['kms', 'put', handler, '--file', file])
    expect((await run(['kms', 'reveal', handler])).stdout.equals(value)).toBe(true)
  })

  it('that isn’t text is refused in JSON instead of changed, and is a word about it, not the value', async () => {
    const handler = newHandler()
    await print(['kms', 'put', handler], Buffer.from([0xff, 0xfe]))
    const { code, text, stderr } = await run(['kms', 'reveal', handler, '--json'])
    expect([code, JSON.parse(text)]).toMatchObject([2, { error: 'USAGE', exit_code: 2 }])
    expect(stderr).toContain('not UTF-8')
  })

  it.each([
    ['of more than 1 MiB', randomBytes(2 ** 20 + 1), 'larger than 1 MiB'],
    ['that is empty, as a failed program leaves it,', '', 'empty'],
  ])('%s is refused, and nothing is stored', async (_, value, words) => {
    const handler = newHandler()
    const { code, stderr } = await run(['kms', 'put', handler], value)
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
    expect((await run(['kms', 'get', handler])).code).toBe(4)
  })

  it('is in nothing that any other command prints', async () => {
    const handler = newHandler()
    const shown = [await run(['kms', 'put', handler, '--json', '--verbose'], 'the-hidden-value')]
    for (const command of ['get', 'versions', 'events'])
      for (const more of [[], ['--json']]) shown.push(await run(['kms', command, handler, ...more]))
    shown.push(await run(['kms', 'rollback', handler, '--to', '1']), await run(['kms', 'list']))
    expect(JSON.stringify(shown)).not.toContain('the-hidden-value')
  })
})

describe('versions', () => {
  it('are told apart by number, and a rollback is a new one with the old value', async () => {
    const handler = await given('one', 'two')
    expect(await print(['kms', 'reveal', handler])).toBe('two')
    expect(await print(['kms', 'reveal', handler, '--version', '1'])).toBe('one')
    expect(await json(['kms', 'rollback', handler, '--to', '1'])).toEqual([{ handler, version: 3, from: 1 }])
    expect(await print(['kms', 'reveal', handler])).toBe('one')
    expect((await json(['kms', 'versions', handler])).map(({ version }) => version)).toEqual([3, 2, 1])
  })

  it('that were destroyed are refused, their number stays taken, and others are as they were', async () => {
    const handler = await given('one', 'two')
    await print(['kms', 'destroy', handler, '--version', '2'])
    expect((await run(['kms', 'reveal', handler])).code).toBe(6)
    expect(await print(['kms', 'reveal', handler, '--version', '1'])).toBe('one')
    expect(await json(['kms', 'put', handler], 'three')).toEqual([{ handler, version: 3 }])
    expect(await print(['kms', 'versions', handler])).toMatch(/2 .* destroyed 20/)
  })

  it('of a deleted one are gone, again without an error, and numbers go on', async () => {
    const handler = await given('one', 'two')
    for (let n = 0; n < 2; n++) expect((await run(['kms', 'delete', handler])).code).toBe(0)
    expect((await run(['kms', 'reveal', handler, '--version', '1'])).code).toBe(4)
    expect(await json(['kms', 'put', handler], 'three')).toEqual([{ handler, version: 3 }])
  })

  it('that were named are the ones put, or none, with the newest in the refusal', async () => {
    const handler = await given('one')
    const { code, stderr } = await run(['kms', 'put', handler, '--version', '3'], 'x')
    expect([code, stderr]).toEqual([2, "halfkey: This isn't the next version: the newest is 1.\n"])
    expect(await json(['kms', 'put', handler, '--version', '2'], 'x')).toEqual([{ handler, version: 2 }])
  })

  it('of ten commands at once are 1 … 10, and every value is one of them', async () => {
    const handler = newHandler()
    const values = Array.from({ length: 10 }, (_, n) => `value ${n}`)
    const puts = await Promise.all(values.map((value) => json(['kms', 'put', handler], value)))
    const versions = puts.map(([put]) => put?.['version'] as number)
    expect([...versions].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const { kms } = owner.client()
    const kept = await Promise.all(versions.map((version) => kms.reveal(handler, { version })))
    expect(kept.map(({ text }) => text)).toEqual(values)
  })
})

describe('what is known of it', () => {
  it('is what was put: name and properties, addresses, expiry and rotation', async () => {
    const handler = newHandler()
    const sealed = ['--name', 'Orders', '--property', 'owner=ada', '--property', 'url=a=b']
    const rules = ['--ip', '127.0.0.1,10.0.0.0/8', '--expires', '90d', '--rotate-after', '12h']
    await print(['kms', 'put', handler, ...sealed, ...rules], 'x')
    const [entry] = await json(['kms', 'get', handler])
    expect(entry).toMatchObject({ handler, version: 1, name: 'Orders', properties: '{"owner":"ada","url":"a=b"}' })
    expect(entry).toMatchObject({ whitelist: '127.0.0.1,10.0.0.0/8', rotate_after: 43_200, rotation_due: false })
    const days = (Date.parse(String(entry?.['expires_at'])) - Date.parse(String(entry?.['created_at']))) / 86_400_000
    expect(days).toBe(90)
    const shown = await print(['kms', 'get', handler])
    for (const words of ['Orders', 'ada', '10.0.0.0/8']) expect(shown).toContain(words)
  })

  it('of all is listed by prefix, whatever their number, and one sealed under another key hides no other', async () => {
    const { kms } = owner.client()
    const handlers = Array.from({ length: 101 }, (_, n) => `many/${String(n).padStart(3, '0')}`)
    await Promise.all(handlers.map((handler) => kms.put(handler, 'x', { name: handler })))
    expect((await json(['kms', 'list', '--prefix', 'many/'])).map(({ handler }) => handler)).toEqual(handlers)
    const other = { HALFKEY_WORKSPACE_KEY: randomBytes(32).toString('base64url') }
    const listed = await print(['kms', 'list', '--prefix', 'many/00'], '', other)
    expect(listed.match(/encrypted with another workspace key/g)).toHaveLength(10)
  })

  it('is who asked for it, refused calls with their reason, which the caller doesn’t learn', async () => {
    const handler = newHandler()
    await print(['kms', 'put', handler, '--ip', '192.0.2.1'], 'x')
    const refused = await run(['kms', 'reveal', handler])
    const unknown = await run(['kms', 'reveal', 'prod/none'])
    expect(refused).toMatchObject({ code: 6, text: '' })
    expect(refused.stderr).toContain('The token may not do this.')
    expect(refused.stderr).not.toMatch(/whitelist|address/)
    expect(unknown).toMatchObject({ code: 4, text: '' })
    const events = await json(['kms', 'events', handler])
    expect(events).toMatchObject([
      { type: 'kms.put', reason: null, version: 1, token: 'admin' },
      { type: 'kms.denied', reason: 'whitelist', version: 1, token: 'admin', ip: '127.0.0.1' },
    ])
    expect(await json(['kms', 'events', handler, '--limit', '1'])).toEqual(events.slice(1))
    expect(await print(['kms', 'events', handler])).toContain('kms.denied (whitelist)')
  })
})

describe('refused by name, with nothing on stdout:', () => {
  it.each<[string, string[], number, string]>([
    ['a handler that is none', ['kms', 'put', 'PROD'], 2, 'handler: must be segments'],
    ['no handler', ['kms', 'reveal'], 2, 'handler'],
    ['a property without a name', ['kms', 'put', 'a', '--property', '=x'], 2, '--property must be NAME=VALUE'],
    [
      'a duration without a unit',
      ['kms', 'put', 'a', '--expires', '90'],
      2,
      '--expires must be a whole number followed by s, m, h',
    ],
    ['a duration that is too short', ['kms', 'put', 'a', '--expires', '59s'], 2, '--expires: must be a whole number'],
    ['a network that is none', ['kms', 'put', 'a', '--ip', '10.0.0.0/99'], 2, '--ip (whitelist)'],
    ['a version that is no number', ['kms', 'reveal', 'a', '--version', 'x'], 2, '--version must be a number'],
    ['a version that is no whole number', ['kms', 'reveal', 'a', '--version', '1.5'], 2, '--version must be a whole'],
    ['no version to destroy', ['kms', 'destroy', 'a'], 2, '--version'],
    ['nothing to roll back to', ['kms', 'rollback', 'a'], 2, '--to'],
    ['no events', ['kms', 'events', 'a', '--limit', '0'], 2, '--limit must be a whole number'],
    ['a file that isn’t there', ['kms', 'put', 'a', '--file', 'none'], 2, '--file: ENOENT'],
    ['an unknown command', ['kms', 'frobnicate'], 2, "unknown command 'frobnicate'"],
    ['what there isn’t', ['kms', 'get', 'never/put'], 4, 'Not found'],
    ['a server that isn’t there', ['kms', 'list', '--url', 'http://127.0.0.1:1'], 8, 'HALFKEY_URL'],
  ])('%s', async (_, args, exitCode, words) => {
    const { code, text, stderr } = await run(args, 'x')
    expect([code, text, stderr]).toEqual([exitCode, '', expect.stringContaining(words)])
  })

  it('no workspace key, before anything is sent', async () => {
    for (const args of [
      ['kms', 'put', 'a'],
      ['kms', 'reveal', 'a'],
      ['kms', 'rollback', 'a', '--to', '1'],
    ]) {
      const { code, stderr } = await run(args, 'x', { HALFKEY_WORKSPACE_KEY: '', HALFKEY_URL: 'http://127.0.0.1:1' })
      expect([code, stderr]).toEqual([2, expect.stringContaining('halfkey login')])
    }
  })

  it('another workspace key: nothing is sealed under it, and nothing opens with it', async () => {
    const handler = await given('x')
    const other = { HALFKEY_WORKSPACE_KEY: randomBytes(32).toString('base64url') }
    expect(await run(['kms', 'put', handler], 'y', other)).toMatchObject({ code: 7 })
    expect(await run(['kms', 'reveal', handler], '', other)).toMatchObject({ code: 7, text: '' })
    expect(await print(['kms', 'reveal', handler])).toBe('x')
  })

  it('no token, a wrong one, and one without the scope', async () => {
    const handler = await given('x')
    const reader = await owner.token('--scope', 'kms:read')
    const wrong = owner.env()['HALFKEY_TOKEN']?.replace(/.{43}$/, randomBytes(32).toString('base64url')) ?? ''
    for (const env of [{ HALFKEY_TOKEN: '' }, { HALFKEY_TOKEN: wrong }, reader])
      for (const args of [
        ['kms', 'reveal', handler],
        ['kms', 'put', handler],
      ])
        expect(await run(args, 'y', env)).toMatchObject({ code: 6, text: '' })
    expect(await print(['kms', 'get', handler, '--json'], '', reader)).toContain('"version":1')
  })

  it('a token for other handlers, whatever it does with this one', async () => {
    const handler = await given('x')
    const other = await owner.token('--scope', 'kms:read,kms:write,kms:reveal', '--handler', 'aws-*')
    for (const command of ['reveal', 'get', 'put', 'delete'])
      expect((await run(['kms', command, handler], 'y', other)).text).toBe('')
    expect(await json(['kms', 'list'], '', other)).toEqual([])
    expect(await print(['kms', 'reveal', handler])).toBe('x')
  })
})

describe('with a folder or entry key instead of the workspace key', () => {
  const keyed = async (name: string) => ({ HALFKEY_WORKSPACE_KEY: await owner.client().kms.deriveKey(name) })

  it('what it opens is put, revealed, listed and run as with the workspace key', async () => {
    const folder = await keyed('orders/')
    await print(['kms', 'put', 'orders/db', '--name', 'Orders'], 'correct horse', folder)
    expect(await print(['kms', 'reveal', 'orders/db'])).toBe('correct horse')
    const both = {
      HALFKEY_WORKSPACE_KEY: `${(await keyed('prod/x')).HALFKEY_WORKSPACE_KEY},${folder.HALFKEY_WORKSPACE_KEY}`,
    }
    for (const env of [folder, await keyed('orders/db'), both]) {
      expect(await print(['kms', 'reveal', 'orders/db'], '', env)).toBe('correct horse')
      expect(await json(['kms', 'list', '--prefix', 'orders/'], '', env)).toMatchObject([{ name: 'Orders' }])
      const program = ['--', process.execPath, '-e', 'process.stdout.write(process.env.DB)']
      expect(await print(['run', '--env', 'DB=orders/db', ...program], '', env)).toBe('correct horse')
    }
    expect(await json(['test'], '', folder)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
  })

  it('what it doesn’t open, and a key that can’t be right, end with 7 and say why', async () => {
    const { HALFKEY_WORKSPACE_KEY: key } = await keyed('orders/')
    for (const [text, error] of [
      [key, 'KEY_NOT_COVERING'],
      [key.slice(0, -1), 'KEY_CUT_SHORT'],
      [key.replace('orders', 'prod'), 'KEY_MISTYPED'],
      [key.replace(':1', ':2'), 'KEY_NEWER_VERSION'],
      [`${key}A`, 'MALFORMED'],
    ] as const)
      for (const command of [
        ['kms', 'reveal', 'prod/other'],
        ['kms', 'put', 'prod/other'],
      ]) {
        const { code, text: object, stderr } = await run([...command, '--json'], 'v', { HALFKEY_WORKSPACE_KEY: text })
        expect([code, JSON.parse(object)]).toMatchObject([7, { error, exit_code: 7 }])
        expect(stderr).not.toContain(key.slice(-20, -2))
      }
  })
})

it('a reader that goes away early ends a list and a reveal without a word', async () => {
  const handler = newHandler()
  await owner.client().kms.put(handler, randomBytes(2 ** 20))
  for (const command of [`reveal ${handler}`, 'list --prefix many/ --json']) {
    const line = `'${process.execPath}' '${bin}' kms ${command} | head -c 1 | wc -c`
    const env = { ...halfkey.env, ...owner.env() }
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line], { env })
    expect([stdout.trim(), stderr]).toEqual(['1', ''])
  }
})
