/** With --json a failure is one flat object on stdout, as docs/cli.md says, and a sentence on stderr. */
import { Halfkey as Client } from '@halfkey/sdk'
import { expect, it } from 'vitest'
import { useOwner } from './owner.ts'
import { startProxy } from './proxy.ts'

const owner = useOwner()
const { server, halfkey } = owner

const slug = '1'.repeat(13)
const link = (): Promise<string> =>
  new Client({ baseUrl: server().url }).createSecret('x', { password: 'right' }).then(({ shareUrl }) => shareUrl)

it.each<[string, () => string[] | Promise<string[]>, Record<string, unknown>]>([
  ['what the server refuses', () => ['get', slug], { error: 'NOT_FOUND', status: 404, exit_code: 4 }],
  [
    'a value',
    () => ['create', 'x', '--hours', '0', '--views', '0'],
    { error: 'VALIDATION_ERROR', fields: 'hours,views', exit_code: 2 },
  ],
  [
    'a wrong password',
    async () => ['open', await link(), '--password', 'wrong'],
    { error: 'PASSWORD_WRONG', attempts_left: 9, exit_code: 5 },
  ],
  ['a wrong use', () => ['generate', '--length', 'x'], { error: 'USAGE', exit_code: 2 }],
  ['an unknown option', () => ['list', '--no-such'], { error: 'USAGE', exit_code: 2 }],
  ['no reply', () => ['list', '--url', 'http://127.0.0.1:1'], { error: 'NETWORK', exit_code: 8 }],
])('%s', async (_, args, expected) => {
  const { code, text, stderr } = await owner.run([...(await args()), '--json'])
  const printed = JSON.parse(text) as Record<string, unknown>
  expect(printed).toMatchObject({ ...expected, message: expect.stringMatching(/./) as string })
  expect(Object.values(printed).every((value) => typeof value !== 'object')).toBe(true)
  expect([code, text.split('\n')]).toEqual([expected['exit_code'], [expect.any(String), '']])
  expect(stderr).not.toBe('')
})

it('an interruption', async () => {
  const proxy = await startProxy(server().url)
  proxy.fates = { stats: 'hold' }
  const { child, ended } = halfkey.start(['stats', '--json'], '', { ...owner.env(), HALFKEY_URL: proxy.url })
  await proxy.held()
  child.kill('SIGTERM')
  const { code, text } = await ended
  expect([code, JSON.parse(text)]).toEqual([143, { error: 'ABORTED', message: 'Interrupted.', exit_code: 143 }])
  proxy.close()
})

it('without --json stdout stays empty, and a --json of the program that is run is the program’s own', async () => {
  expect((await owner.run(['get', slug])).text).toBe('')
  expect((await owner.run(['run', '--env', 'A=prod/none', '--', 'true', '--json'])).text).toBe('')
})

it('a missing scope is named once, with the command that creates a token with it', async () => {
  const token = await owner.token('--scope', 'secrets:read')
  const { code, text, stderr } = await owner.run(['token', 'list', '--json'], '', token)
  expect([code, JSON.parse(text)]).toEqual([6, expect.objectContaining({ scope: 'tokens:admin' })])
  expect(stderr).toBe(
    'halfkey: The token lacks the scope tokens:admin. To create a token that has it: halfkey token create NAME --scope tokens:admin\n',
  )
})
