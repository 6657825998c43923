/** Proxies of the environment, for programs that use the built SDK in Node. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const RUNTIMES = {
  20: here('../../../tools/runtimes/node_modules/node20/bin/node'),
  22: here('../../../tools/runtimes/node_modules/node22/bin/node'),
  24: process.execPath,
}

const asked: string[] = []
let proxy: Server
let url = ''
beforeAll(async () => {
  proxy = createServer((incoming, reply) => {
    asked.push(incoming.url ?? '')
    const data = { name: 'by proxy', workspace_check: null, limits: {}, usage: {} }
    reply.setHeader('Content-Type', 'application/json').end(JSON.stringify({ success: true, message: '', data }))
  })
    .on('connect', ({ url }, socket) => {
      asked.push(`CONNECT ${url}`)
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      proxy.emit('connection', socket)
    })
    .listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
})
afterAll(() => {
  proxy.close()
  proxy.closeAllConnections()
})

/** Asks for a workspace in a program of its own; what it printed. */
async function ask(node: string, env: Record<string, string>, base = 'http://halfkey.test'): Promise<string> {
  const script = `
    const { Halfkey } = require(${JSON.stringify(here('../dist/index.cjs'))})
    new Halfkey({ baseUrl: '${base}', token: 'hkt_a_b', retries: 0 }).getWorkspace().then(
      ({ name }) => console.log(name, Object.keys(require.cache).some((file) => file.includes('/undici/'))),
      ({ code, message }) => console.log(code, message))`
  const { stdout, stderr } = await promisify(execFile)(node, ['-e', script], { env })
  expect(stderr).toBe('')
  return stdout.trim()
}

test.each(Object.entries(RUNTIMES))('Node %s goes through the proxy of HTTP_PROXY', async (_, node) => {
  expect(await ask(node, { HTTP_PROXY: url })).toBe('by proxy true')
  expect(asked.at(-1)).toBe('http://halfkey.test/api/v1/workspace')
})

test('without a proxy, and for this machine, undici is not even loaded', async () => {
  expect(await ask(process.execPath, {}, url)).toBe('by proxy false')
  expect(await ask(process.execPath, { HTTP_PROXY: 'http://127.0.0.1:1' }, url)).toBe('by proxy false')
})

test('Node’s own support goes first, where it is on', async () => {
  expect(await ask(process.execPath, { HTTP_PROXY: url, NODE_USE_ENV_PROXY: '1' })).toBe('by proxy false')
  // It tunnels plain http, too.
  expect(asked.slice(-2)).toEqual(['CONNECT halfkey.test:80', '/api/v1/workspace'])
})

test('a proxy that is away is named', async () => {
  expect(await ask(process.execPath, { HTTP_PROXY: 'http://127.0.0.1:1' })).toMatch(
    /^NETWORK .*HTTP_PROXY names \(ECONN/,
  )
})
