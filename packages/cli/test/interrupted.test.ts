/** Nothing is lost when the connection, the command or its reader goes away (claim C6, as a person meets it). */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { openLink } from '@halfkey/sdk'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { bin } from './halfkey.ts'
import type { Proxy } from './proxy.ts'
import { startProxy } from './proxy.ts'
import { useHalfkey } from './running.ts'

const { halfkey, server } = useHalfkey()

let proxy: Proxy
beforeAll(async () => {
  proxy = await startProxy(server().url)
})

afterEach(() => {
  proxy.fates = {}
})

afterAll(() => {
  proxy.close()
})

async function share(text: string, options: string[] = []) {
  const created = await halfkey.create(options, text)
  const { share_url: link = '', slug = '' } = created
  return {
    link,
    /** The same link, by way of the proxy. */
    proxied: link.replace(server().url, proxy.url),
    file: path.join(halfkey.reveals, slug),
    views: async (): Promise<unknown> => (await halfkey.details(created))['current_views'],
  }
}

it('Ctrl-C between reveal and ack: the next open gets the same secret, and one view is spent', async () => {
  const { proxied, file, views } = await share('twice')
  proxy.fates = { ack: 'hold' }
  const held = proxy.held()
  const { child, ended } = halfkey.start(['open', proxied])
  await held
  child.kill('SIGINT')
  const { code, text, stderr } = await ended
  expect([code, text]).toEqual([130, 'twice'])
  expect(stderr).toContain('run the same command again')
  expect(existsSync(file)).toBe(true)

  proxy.fates = {}
  expect(await halfkey.run(['open', proxied])).toMatchObject({ code: 0, text: 'twice' })
  expect(await views()).toBe(1)
  expect(existsSync(file)).toBe(false)
})

it('every reply to the reveal lost: the next open gets the secret, and one view is spent', async () => {
  const { proxied, views } = await share('late')
  proxy.fates = { reveal: 'lose' }
  expect(await halfkey.run(['open', proxied])).toMatchObject({ code: 8, text: '' })
  expect(await views()).toBe(1)

  proxy.fates = {}
  expect(await halfkey.run(['open', proxied])).toMatchObject({ code: 0, text: 'late' })
  expect(await views()).toBe(1)
})

it('an ack that never gets through: the secret is out and the command succeeds, with a word on stderr', async () => {
  const { proxied } = await share('out')
  proxy.fates = { ack: 'lose' }
  const { code, text, stderr } = await halfkey.run(['open', proxied])
  expect([code, text]).toEqual([0, 'out'])
  expect(stderr).toContain("Couldn't confirm to the server")
})

it('a reader of the output that goes away: nothing is acknowledged, the next open gets all of it', async () => {
  const text = 'x'.repeat(300_000)
  const { link, views } = await share(text)
  // The pipe holds a part only, so the command is still writing when its reader ends.
  const line = `'${process.execPath}' '${bin}' open '${link}' | head -c 1`
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line], { env: halfkey.env })
  expect([stdout, stderr]).toEqual(['x', ''])

  expect(await halfkey.run(['open', link])).toMatchObject({ code: 0, text })
  expect(await views()).toBe(1)
})

it('an id whose reveal is over is forgotten, and a secret with views left opens anew', async () => {
  const { link, file, views } = await share('again', ['--views', '2'])
  const opened = await openLink(link)
  await (await opened.reveal()).done()
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `${opened.revealId}\n`)

  expect(await halfkey.run(['open', link])).toMatchObject({ code: 0, text: 'again' })
  expect(await views()).toBe(2)
  expect(existsSync(file)).toBe(false)
})

it('what is kept of a reveal is its id alone, in a file and a folder that only their user reads', async () => {
  const { link, file } = await share('x', ['--password', 'p'])
  await halfkey.run(['open', link, '--password', 'q'])
  expect(readFileSync(file, 'utf8')).toMatch(/^[A-Za-z0-9_-]{22}\n$/)
  expect([statSync(file).mode & 0o777, statSync(path.dirname(file)).mode & 0o777]).toEqual([0o600, 0o700])
})

it('nothing is kept once the secret is out and acknowledged', async () => {
  const { link, file } = await share('x')
  await halfkey.run(['open', link])
  expect(readdirSync(path.dirname(file))).not.toContain(path.basename(file))
})

it('XDG_STATE_HOME is where the id is kept; where none can be kept, nothing is sent or spent', async () => {
  const { link, views } = await share('x')
  const file = path.join(halfkey.home, 'a-file')
  writeFileSync(file, '')
  const { code, text, stderr } = await halfkey.run(['open', link], '', { XDG_STATE_HOME: file })
  expect([code, text]).toEqual([2, ''])
  expect(stderr).toContain('Set XDG_STATE_HOME')
  expect(await views()).toBe(0)
})
