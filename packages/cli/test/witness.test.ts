/**
 * C1 on the command line: nothing of values, names, properties, passwords and keys in what the server is sent, keeps and
 * prints; and on the machine of whoever runs it, nothing of them but the workspace key in its profile.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseLink } from '@halfkey/sdk'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readFiles } from '../../../apps/api/test/support/files.ts'
import { addKey, addText } from '../../../apps/api/test/support/needles.ts'
import { startProxy } from '../../../apps/api/test/support/proxy.ts'
import { Patterns } from '../../../apps/api/test/support/search.ts'
import { makeHome, startServer } from '../../../apps/api/test/support/server.ts'
import { makeHalfkey } from './halfkey.ts'

const home = makeHome()
const halfkey = makeHalfkey()

const randomText = (about: string): string => `${about} ${randomBytes(18).toString('base64url')} ключ`
const value = randomText('value')
const fileValue = randomText('file')
const name = randomText('name')
const property = randomText('property')
const text = randomText('text')
const message = randomText('message')
const description = randomText('description')
const password = randomText('password')

/** What no server may learn, and of that what may be in a file of the one who knows it. */
const [hidden, workspaceKeys] = [new Patterns(), new Patterns()]
let wire: Buffer
let output: string
let serverFiles: Map<string, Buffer>
let ownFiles: Map<string, Buffer>
/** Everything that was printed. */
const printed: string[] = []

async function run(args: string[], input = '', env: Record<string, string> = {}): Promise<string> {
  const { code, text: out, stderr } = await halfkey.run(args, input, env)
  if (code !== 0) throw new Error(`halfkey ${args.join(' ')} ended with ${code}: ${stderr}`)
  printed.push(out)
  return out.trim()
}

async function addLink(link: string): Promise<void> {
  addText(hidden, 'fragment', link.split('#')[1] ?? '')
  addKey(hidden, 'keyB', Buffer.from((await parseLink(link)).keyB))
}

function addWorkspaceKey(key: string): void {
  for (const patterns of [hidden, workspaceKeys]) addKey(patterns, 'workspace key', Buffer.from(key, 'base64url'))
}

beforeAll(async () => {
  const server = await startServer(home)
  const proxy = await startProxy(server.url)
  const closed = once(server.child, 'close')
  await run(['login'], '', { HALFKEY_URL: proxy.url, HALFKEY_TOKEN: server.token })
  addWorkspaceKey(await run(['workspace', 'init']))

  const file = path.join(halfkey.home, 'file')
  writeFileSync(file, fileValue)
  await run(['kms', 'put', 'prod/db', '--name', name, '--property', `${property}=${property}`], value)
  await run(['kms', 'put', 'prod/tls', '--file', file])
  writeFileSync(file, '')
  for (const handler of ['prod/db', 'prod/tls']) await run(['kms', 'reveal', handler])
  for (const command of ['get', 'versions', 'events']) await run(['kms', command, 'prod/db'])
  await run(['kms', 'rollback', 'prod/db', '--to', '1'])
  await run(['kms', 'destroy', 'prod/db', '--version', '1'])
  await run(['kms', 'list'])

  const passwordFile = path.join(halfkey.home, 'file')
  writeFileSync(passwordFile, password)
  const notes = ['--message', message, '--description', description, '--recoverable']
  const link = await run(['create', '-', ...notes, '--password-file', passwordFile], text)
  await addLink(link)
  await run(['list'])
  expect(await run(['open', link, '--password-file', passwordFile])).toBe(text)
  writeFileSync(passwordFile, '')
  const generated = await run(['generate'])
  await addLink(generated)
  const drawn = await run(['open', generated])
  addText(hidden, 'generated', drawn)

  await run(['workspace', 'rekey'])
  const { profiles } = JSON.parse(readFiles(halfkey.home).get(profilePath())?.toString() ?? '') as {
    profiles: { default: { workspaceKey: string } }
  }
  addWorkspaceKey(profiles.default.workspaceKey)
  expect(await run(['kms', 'reveal', 'prod/db'])).toBe(value)
  await run(['stats'])
  await run(['test'])

  wire = proxy.recorded()
  const running = readFiles(home.root)
  await proxy.close()
  await server.stop()
  await closed
  const stopped = [...readFiles(home.root)].map(([at, bytes]): [string, Buffer] => [`${at}, stopped`, bytes])
  serverFiles = new Map([...running, ...stopped])
  output = server.output()
  ownFiles = readFiles(halfkey.home)
  for (const each of [value, fileValue, name, property, text, message, description, password])
    addText(hidden, each.split(' ')[0] ?? '', each)
}, 300_000)
afterAll(() => {
  home.remove()
  halfkey.remove()
})

const profilePath = (): string => [...readFiles(halfkey.home).keys()].find((at) => at.endsWith('config.json')) ?? ''

it('the search finds what is there: in what the commands print to whoever may know it', () => {
  const found = [...hidden.findIn(Buffer.from(printed.join('\n')))].map((each) => each.split(' ')[0])
  for (const each of ['value', 'file', 'name', 'property', 'text', 'description', 'generated', 'fragment', 'workspace'])
    expect(found).toContain(each)
  expect(wire.includes('prod%2Fdb')).toBe(true)
})

it('nothing of it goes over the wire', () => {
  expect(hidden.findIn(wire)).toEqual(new Set())
})

it('nothing of it is in what the server keeps, while it runs and after, or prints', () => {
  for (const [at, bytes] of serverFiles) expect([at, hidden.findIn(bytes)]).toEqual([at, new Set()])
  expect(hidden.findIn(Buffer.from(output))).toEqual(new Set())
})

it('nothing of it is left in files of whoever ran the commands, but the workspace keys in the profile', () => {
  for (const [at, bytes] of ownFiles) {
    const found = hidden.findIn(bytes)
    const allowed = at.endsWith('config.json') ? workspaceKeys.findIn(bytes) : new Set()
    expect([at, found]).toEqual([at, allowed])
  }
})
