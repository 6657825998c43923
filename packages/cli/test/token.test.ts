/** token create, list and revoke: what each may do is what was asked for, and no more than its maker may. */
import { describe, expect, it } from 'vitest'
import { useOwner } from './owner.ts'

const owner = useOwner()
const { halfkey, run, print, json } = owner

describe('token create', () => {
  it('prints the token alone on stdout, which works within its scopes and handlers', async () => {
    for (const handler of ['aws-s3', 'prod/db']) await owner.client().kms.put(handler, `value of ${handler}`)
    const asked = ['--scope', 'kms:reveal', '--handler', 'aws-*', '--ip', '127.0.0.0/8', '--expires', '90d']
    const { code, text, stderr } = await run(['token', 'create', 'backend', ...asked])
    expect([code, text]).toEqual([0, expect.stringMatching(/^hkt_[a-z\d]+_[\w-]{43}\n$/)])
    expect(stderr).toContain('halfkey token revoke')
    const backend = { HALFKEY_TOKEN: text.trim() }
    expect(await print(['kms', 'reveal', 'aws-s3'], '', backend)).toBe('value of aws-s3')
    for (const args of [['kms', 'reveal', 'prod/db'], ['kms', 'put', 'aws-s3'], ['list'], ['token', 'list']])
      expect(await run(args, 'x', backend)).toMatchObject({ code: 6, text: '' })
  })

  it('takes scopes one by one and as a list', async () => {
    await print(['token', 'create', 'both', '--scope', 'kms:read,kms:write', '--scope', 'audit:read'])
    const [made] = (await json(['token', 'list'])).filter(({ name }) => name === 'both')
    expect(made).toMatchObject({ scopes: 'kms:read,kms:write,audit:read', handlers: '', ips: '', expires_at: null })
  })

  it('from another address doesn’t work', async () => {
    const elsewhere = await owner.token('--scope', 'kms:read', '--ip', '192.0.2.1')
    expect(await run(['kms', 'list'], '', elsewhere)).toMatchObject({ code: 6, text: '' })
  })

  it('makes none that may more than its maker', async () => {
    const maker = await owner.token('--scope', 'tokens:admin,kms:read', '--handler', 'aws-*')
    for (const more of [
      ['--scope', 'kms:reveal'],
      ['--scope', 'kms:read', '--handler', 'prod/*'],
    ])
      expect(await run(['token', 'create', 'more', ...more], '', maker)).toMatchObject({ code: 6, text: '' })
    expect(await run(['token', 'create', 'same', '--scope', 'kms:read'], '', maker)).toMatchObject({ code: 0 })
  })

  it.each([
    ['no scope', [], "required option '--scope"],
    ['an unknown scope', ['--scope', 'kms:all'], '--scope: unknown scope kms:all. Use any of: secrets:read'],
    [
      'a pattern that names nothing',
      ['--scope', 'kms:read', '--handler', 'AWS'],
      '--handler: must be a list of handlers',
    ],
    ['a network that is none', ['--scope', 'kms:read', '--ip', '1.2.3'], '--ip (ips)'],
    [
      'a duration that is none',
      ['--scope', 'kms:read', '--expires', 'soon'],
      '--expires must be a whole number followed by s, m',
    ],
  ])('with %s is refused by name', async (_, options, words) => {
    const { code, text, stderr } = await run(['token', 'create', 'x', ...options])
    expect([code, text, stderr]).toEqual([2, '', expect.stringContaining(words)])
  })
})

it('token revoke ends it at once, again without an error, and the list says so', async () => {
  const reader = await owner.token('--scope', 'kms:read')
  const id = reader.HALFKEY_TOKEN.split('_')[1] ?? ''
  expect((await run(['kms', 'list'], '', reader)).code).toBe(0)
  for (let n = 0; n < 2; n++) expect((await run(['token', 'revoke', id])).code).toBe(0)
  expect(await run(['kms', 'list'], '', reader)).toMatchObject({ code: 6 })
  const [line] = (await print(['token', 'list'])).split('\n').filter((row) => row.startsWith(id))
  expect(line).toMatch(/kms:read .* revoked$/)
})

it('token revoke names the tokens that a revoked one made and that still work; --with-descendants ends them all', async () => {
  const maker = await owner.token('--scope', 'tokens:admin,kms:read')
  const make = async (by: { HALFKEY_TOKEN: string }, scope: string) => ({
    HALFKEY_TOKEN: (await print(['token', 'create', 'made', '--scope', scope], '', by)).trim(),
  })
  const child = await make(maker, 'tokens:admin,kms:read')
  const grandchild = await make(child, 'kms:read')
  const family = [maker, child, grandchild]
  const [id, ...made] = family.map(({ HALFKEY_TOKEN: token }) => token.split('_')[1] ?? '') as [string, string, string]
  const codes = () => Promise.all(family.map(async (token) => (await run(['kms', 'list'], '', token)).code))

  const { code, stderr } = await run(['token', 'revoke', id])
  expect(code).toBe(0)
  expect(stderr).toContain('Tokens created with it are still valid')
  for (const one of [...made, '--with-descendants']) expect(stderr).toContain(one)
  expect(await codes()).toEqual([6, 0, 0])
  const [left] = await json(['token', 'revoke', id])
  expect(left).toEqual({ id, revoked: true, revoked_descendants: '', valid_descendants: expect.any(String) as string })
  expect(String(left?.['valid_descendants']).split(',').sort()).toEqual([...made].sort())

  const [taken] = await json(['token', 'revoke', id, '--with-descendants'])
  expect(taken).toMatchObject({ revoked: true, valid_descendants: '' })
  expect(String(taken?.['revoked_descendants']).split(',').sort()).toEqual([...made].sort())
  expect(await codes()).toEqual([6, 6, 6])
  const parents = new Map((await json(['token', 'list'])).map((token) => [token['id'], token['parent_id']]))
  expect(made.map((one) => parents.get(one))).toEqual([id, made[0]])
})

it('token list shows when each was last used, and none of their secrets', async () => {
  const secret = halfkey.env['HALFKEY_URL'] && owner.env()['HALFKEY_TOKEN']?.slice(-43)
  const { text } = await run(['token', 'list'])
  expect(text).toContain(new Date().toISOString().slice(0, 10))
  expect(text + (await print(['token', 'list', '--json']))).not.toContain(secret)
})

it('token revoke of what is no id is refused by name', async () => {
  expect(await run(['token', 'revoke', 'a/b'])).toMatchObject({ code: 2, text: '' })
})
