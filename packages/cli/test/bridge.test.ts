import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Running } from './halfkey.ts'
import { useHalfkey } from './running.ts'

const { halfkey, server } = useHalfkey()
const workspaceKey = 'A'.repeat(43)

/** Waits until it says where it listens. */
async function listening({ child, ended }: Running): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const [, address] = /listens on (\S+)\n/.exec(output) ?? []
      if (address !== undefined) resolve(address)
    })
    void ended.then(({ stderr }) => reject(new Error(stderr)))
  })
}

const post = async (url: string, form: Record<string, string> = {}, headers = {}) =>
  (await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers })).json()

describe('halfkey bridge', () => {
  it('serves until it is interrupted, and then ends well', async () => {
    const env = { HALFKEY_WORKSPACE_KEY: workspaceKey, HALFKEY_BRIDGE_LISTEN: '127.0.0.1:0' }
    const running = halfkey.start(['bridge'], '', env)
    const address = await listening(running)
    const { secret_key } = await post(`${address}/api/v1/share`, { secret: 'over the bridge' })
    expect(await post(`${address}/api/v1/secret/${secret_key}`)).toMatchObject({ value: 'over the bridge' })
    running.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('takes accounts from a file, and options before it', async () => {
    const file = path.join(halfkey.home, 'bridge.json')
    const accounts = [{ user: 'me', apiToken: 'mine', token: server().token }]
    writeFileSync(file, JSON.stringify({ workspaceKey, accounts, listen: '127.0.0.1:1' }))
    const running = halfkey.start(['bridge', '--settings', file, '--listen', '127.0.0.1:0'])
    const address = await listening(running)
    const headers = { Authorization: `Basic ${Buffer.from('me:mine').toString('base64')}` }
    expect(await post(`${address}/api/v1/generate`, {}, headers)).toMatchObject({ custid: 'me' })
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(0)
  })

  it('gives a server up after --timeout, and says of one that is down when it starts', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1')
    const { port } = (await once(server, 'listening').then(() => server.address())) as AddressInfo
    const env = { HALFKEY_WORKSPACE_KEY: workspaceKey, HALFKEY_BRIDGE_LISTEN: '127.0.0.1:0' }
    const running = halfkey.start(['bridge', '--url', `http://127.0.0.1:${port}`, '--timeout', '0.2'], '', env)
    const address = await listening(running)
    expect(await post(`${address}/api/v1/share`, { secret: 'x' })).toEqual({
      message: 'An unexpected error occurred :[',
    })
    running.child.kill('SIGTERM')
    const { stderr } = await running.ended
    const time = String.raw`^\d{4}-\d\d-\d\dT\S+Z halfkey bridge: `
    expect(stderr).toMatch(new RegExp(`${time}server: TIMEOUT: The server didn't reply within 200 ms\\.$`, 'm'))
    expect(stderr).toMatch(new RegExp(`${time}TIMEOUT: The server didn't reply within 200 ms\\.$`, 'm'))
    server.closeAllConnections()
    server.close()
  })

  it('without a workspace key says how to have one, and doesn’t start', async () => {
    const { code, stderr } = await halfkey.run(['bridge'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^halfkey: workspaceKey is missing\. Here is a new one; keep it safe: [\w-]{43}\n$/)
  })

  it('with wrong settings names them all, and doesn’t start', async () => {
    const { code, stderr } = await halfkey.run(['bridge', '--url', 'ftp://x', '--listen', 'here'])
    expect(code).toBe(2)
    for (const name of ['server', 'workspaceKey', 'listen']) expect(stderr).toContain(name)
  })
})
