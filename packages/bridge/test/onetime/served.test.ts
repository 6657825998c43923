/** Over real connections: the examples of the service's own documents with curl, and how connections are kept. */
import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { apiToken, user } from '../support/bridge.ts'
import { useServedBridge } from '../support/served.ts'

const { address, warnings } = useServedBridge()

const run = promisify(execFile)
const curl = async (...args: string[]) => JSON.parse((await run('curl', ['-sS', ...args])).stdout)
const account = ['-u', `${user}:${apiToken}`]

describe('the documents’ examples, with curl', () => {
  test('share, as an account and as nobody', async () => {
    const url = `${address()}/api/v1/share`
    expect(await curl('-X', 'POST', ...account, '-d', 'secret=SECRET&ttl=3600', url)).toMatchObject({
      custid: user,
      ttl: 3600,
      share_domain: '',
    })
    expect(await curl('-X', 'POST', '-d', 'secret=SECRET&ttl=3600', url)).toMatchObject({ custid: 'anon' })
  })

  test('generate, as an account and as nobody', async () => {
    const url = `${address()}/api/v1/generate`
    expect((await curl('-X', 'POST', ...account, '-d', 'ttl=3600', url)).value).toHaveLength(12)
    expect((await curl('-X', 'POST', '-d', 'ttl=3600', url)).value).toHaveLength(12)
    expect((await curl('-X', 'POST', ...account, url)).ttl).toBe(604_800)
  })

  test('read, receipt, burn and recent', async () => {
    const api = `${address()}/api/v1`
    const one = await curl('-X', 'POST', ...account, '-d', 'secret=SECRET', `${api}/share`)
    expect(await curl('-X', 'POST', ...account, `${api}/secret/${one.secret_key}`)).toMatchObject({ value: 'SECRET' })
    expect(await curl('-X', 'POST', ...account, `${api}/private/${one.metadata_key}`)).toMatchObject({
      state: 'received',
    })
    const two = await curl('-X', 'POST', ...account, '-d', 'secret=SECRET', `${api}/share`)
    expect(await curl('-X', 'POST', ...account, `${api}/private/${two.metadata_key}/burn`)).toMatchObject({
      state: { state: 'burned' },
    })
    const recent: { state: string }[] = await curl(...account, `${api}/private/recent`)
    expect(recent.map(({ state }) => state).slice(-2)).toEqual(['received', 'burned'])
  })

  test('a file, as a multipart form', async () => {
    const { secret_key } = await curl('-F', `secret=<${import.meta.filename}`, `${address()}/api/v1/share`)
    const { value } = await curl('-X', 'POST', `${address()}/api/v1/secret/${secret_key}`)
    expect(value).toContain('the documents’ examples, with curl')
  })

  test('one that is too long for a moment’s wait of «Expect: 100-continue»', async () => {
    const { message } = await curl('-d', `secret=${'x'.repeat(120_000)}`, `${address()}/api/v1/share`)
    expect(message).toBe('Secret value exceeds the maximum size of 10000 bytes')
  })
})

/** Everything that comes back on one connection until the other side ends it. */
async function converse(request: string): Promise<string> {
  const { hostname, port } = new URL(address())
  const socket = connect(Number(port), hostname)
  socket.write(request)
  return text(socket)
}

test('a program that asks for the connection to be closed is told so, and it is', async () => {
  const reply = await converse('GET /api/v1/status HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\r\n')
  expect(reply.match(/^connection: .*$/gim)).toEqual([expect.stringMatching(/^connection: close$/i)])
  expect(reply).toContain('"nominal"')
})

test('any other program keeps it for its next call', async () => {
  const get = (more = '') => `GET /api/v1/status HTTP/1.1\r\nHost: bridge\r\n${more}\r\n`
  const replies = await converse(get() + get('Connection: close\r\n'))
  expect(replies.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
})

test('HEAD answers as GET does, without the body', async () => {
  const { stdout } = await run('curl', ['-sSI', `${address()}/secret/${'0'.repeat(31)}`])
  expect(stdout).toMatch(/^HTTP\/1\.1 302/)
  expect(stdout).toMatch(/^location: https:\/\/halfkey\.test\//im)
})

test('on loopback nothing is warned of', () => {
  expect(warnings).toEqual([])
})
