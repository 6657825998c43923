/** What Windows programs write before a text never becomes part of a password, token, key or format. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { useOwner } from './owner.ts'

const owner = useOwner()
const { halfkey, server, workspaceKey } = owner

const fileOf = (name: string, content: string | Uint8Array): string => {
  const file = path.join(halfkey.home, name)
  writeFileSync(file, content)
  return file
}

/** Every file and pipe that is read as text and isn't a secret's content: command lines that succeed with this text. */
const readers: [what: string, text: () => string | Promise<string>, args: (file: string) => string[]][] = [
  ['--password-file', () => 'secret1\r\n', (file) => ['create', 'x', '--password-file', file]],
  ['--token-file', () => `${server().token}\r\n`, (file) => ['login', '--token-file', file]],
  ['--workspace-key-file', () => `${workspaceKey}\r\n`, (file) => ['login', '--workspace-key-file', file]],
  ['import of .env', () => 'A=1\r\n', (file) => ['import', file, '--from', 'dotenv', '--dry-run']],
  ['import of JSON', () => '{"a":"1"}', (file) => ['import', file, '--from', 'json', '--dry-run']],
  ['import of CSV', () => 'handler,value\r\na,1', (file) => ['import', file, '--from', 'csv', '--dry-run']],
]

it.each(readers)('%s: a leading U+FEFF isn’t read, and UTF-16 is refused by name', async (_, text, argsOf) => {
  const content = await text()
  const marked = await owner.run(argsOf(fileOf('marked', `\ufeff${content}`)))
  expect([marked.code, marked.stderr]).toEqual([0, expect.not.stringContaining('halfkey:')])
  const bytes = Buffer.from(`\ufeff${content}`, 'utf16le')
  for (const wrong of [
    bytes,
    bytes.subarray(2),
    Buffer.from(bytes).swap16(),
    Buffer.from(bytes).swap16().subarray(2),
  ]) {
    const { code, stderr } = await owner.run(argsOf(fileOf('utf-16', wrong)))
    expect([code, stderr]).toEqual([2, expect.stringContaining('is UTF-16 text')])
  }
})

it('a password from a file with a byte order mark opens what the password itself locked', async () => {
  const file = fileOf('password', '\ufeffsecret1\r\n')
  const { share_url: link = '' } = await halfkey.create(['--password-file', file], 'text')
  expect(await halfkey.run(['open', link, '--password-file', '-'], 'secret1')).toMatchObject({ code: 0, text: 'text' })
  const piped = await halfkey.create(['--password', 'secret1'], 'text')
  const opened = await halfkey.run(['open', piped['share_url'] ?? '', '--password-file', '-'], '\ufeffsecret1\n')
  expect(opened).toMatchObject({ code: 0, text: 'text' })
})

it('only one of two is dropped, and none inside', async () => {
  const file = fileOf('password', '\ufeff\ufeffsec\ufeffret1')
  const { share_url: link = '' } = await halfkey.create(['--password-file', file], 'text')
  const { code } = await halfkey.run(['open', link, '--password-file', '-'], '\ufeff\ufeffsec\ufeffret1')
  expect(code).toBe(0)
})

it('saved profiles and a release’s manifest too', async () => {
  const home = path.join(halfkey.home, 'windows')
  mkdirSync(path.join(home, 'halfkey'), { recursive: true })
  const profile = path.join(home, 'halfkey', 'config.json')
  const env = { HALFKEY_URL: '', HALFKEY_TOKEN: '', HALFKEY_WORKSPACE_KEY: '', XDG_CONFIG_HOME: home }
  const text = JSON.stringify({ profiles: { default: { url: server().url, token: server().token } } })
  writeFileSync(profile, `\ufeff${text}`)
  expect((await owner.run(['list'], '', env)).code).toBe(0)
  writeFileSync(profile, Buffer.from(`\ufeff${text}`, 'utf16le'))
  expect((await owner.run(['list'], '', env)).stderr).toContain(`${profile} is UTF-16 text`)

  const manifest = (bytes: string | Uint8Array) =>
    owner.run(['verify', server().url, '--manifest', fileOf('manifest.json', bytes)])
  const release = JSON.stringify({ version: '1', files: { '/x': `sha384-${'A'.repeat(64)}` } })
  expect((await manifest(`\ufeff${release}`)).stderr).not.toContain("isn't the manifest")
  expect((await manifest(`\ufeff${release}`)).code).not.toBe(2)
  expect((await manifest(Buffer.from(`\ufeff${release}`, 'utf16le'))).stderr).toContain('is UTF-16 text')
})
