/** Commands beside serving: which database they work on, and what a script gets of them. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { requestCalls } from './support/asked.ts'
import { caller } from './support/sender.ts'
import type { Home } from './support/server.ts'
import { makeHome, program, startServer } from './support/server.ts'

let home: Home

beforeEach(() => {
  home = makeHome()
})

afterEach(() => {
  home.remove()
})

function run(words: string[], { folder = home.root, settings = {}, redirect = '' } = {}) {
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', `exec "$@" ${redirect}`, 'sh', process.execPath, program, ...words],
    { cwd: folder, env: settings, encoding: 'utf8', timeout: 60_000 },
  )
  return { status, stdout, stderr }
}

const commands = [
  ['audit', 'verify'],
  ['check'],
  ['check', '--repair'],
  ['burn', 'x'],
  ['request', 'list'],
  ['request', 'withdraw', 'x'],
  ['token', 'create'],
  ['compact'],
]

describe.each(commands.map((words) => [words.join(' '), words] as const))('halfkey-api %s', (_, words) => {
  test('without the server’s settings names the database that isn’t there, and makes neither it nor a key', () => {
    const { status, stdout, stderr } = run(words)
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain(`There is no database ${path.join(home.root, 'data', 'halfkey.sqlite')}.`)
    expect(stderr).toContain('HALFKEY_DATA_DIR')
    expect(existsSync(path.join(home.root, 'data'))).toBe(false)
    expect(existsSync(path.join(home.root, 'data.key'))).toBe(false)
  })
})

test('an empty file is no database, and one that no server used gets no key', () => {
  mkdirSync(home.data)
  writeFileSync(path.join(home.data, 'halfkey.sqlite'), '')
  expect(run(['check'])).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no database') as string })
  expect(readFileSync(path.join(home.data, 'halfkey.sqlite'))).toHaveLength(0)
  expect(existsSync(home.serverKey)).toBe(false)
})

test('each command says on stderr which database it used, prints nothing else there, and fails if it can’t print', async () => {
  const server = await startServer(home)
  const settings = { HALFKEY_DATA_DIR: home.data, HALFKEY_SERVER_KEY_FILE: home.serverKey }
  try {
    for (const words of commands) {
      const { stdout, stderr } = run(words, { settings })
      expect([words, stderr]).toEqual([words, `The database is ${path.join(home.data, 'halfkey.sqlite')}.\n`])
      expect(stdout).not.toBe('')
    }
    expect(run(['token', 'create'], { settings }).stdout).toMatch(/^hkt_\S+\n$/)
    const unprinted = run(['token', 'create'], { settings, redirect: '>/dev/full' })
    expect(unprinted).toMatchObject({ status: 1, stderr: expect.stringContaining('could not be written') as string })
  } finally {
    await server.stop()
  }
})

test('the newest requests are listed, and one can be withdrawn, while the server runs', async () => {
  const server = await startServer(home)
  const settings = { HALFKEY_DATA_DIR: home.data, HALFKEY_SERVER_KEY_FILE: home.serverKey }
  const calls = requestCalls(caller(server.url), server.token)
  try {
    expect(run(['request', 'list'], { settings }).stdout).toBe('There are no requests.\n')
    const [first, second] = [await calls.given(), await calls.given({ maximum_answers: 3 })]
    const { stdout } = run(['request', 'list'], { settings })
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(
      new RegExp(`^${second.slug}  \\S+Z  open  0 of 3 answers  by admin \\(workspace default\\)$`),
    )
    expect(lines[1]).toContain(first.slug)
    expect(run(['request', 'withdraw', first.slug], { settings })).toMatchObject({
      status: 0,
      stdout: `The request ${first.slug} takes no more answers (withdrawn).\n`,
    })
    expect(await calls.look(first)).toMatchObject({ status: 410, body: { error: { details: { cause: 'withdrawn' } } } })
    expect((await calls.look(second)).status).toBe(200)
    expect(run(['request', 'withdraw', 'nobodys'], { settings }).status).toBe(1)
  } finally {
    await server.stop()
  }
})

test('--version prints the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
})
