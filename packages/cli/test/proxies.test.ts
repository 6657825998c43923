/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY are obeyed on every Node that runs this, and certificates are spoken of by name. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificate } from '../../../apps/api/test/support/smtp.ts'
import type { ForwardProxy } from './forward-proxy.ts'
import { startForwardProxy } from './forward-proxy.ts'
import { bin } from './halfkey.ts'
import { useHalfkey } from './running.ts'

/** A name that no resolver knows: only the proxy leads there. */
const name = 'secrets.test'
const { halfkey, server } = useHalfkey()

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const runtimes = {
  20: here('../../../tools/runtimes/node_modules/node20/bin/node'),
  22: here('../../../tools/runtimes/node_modules/node22/bin/node'),
  24: process.execPath,
}

let proxy: ForwardProxy
let secure: { url: string; port: number; certificate: string; close: () => void }
beforeAll(async () => {
  proxy = await startForwardProxy(server().url)
  const { key, cert } = makeCertificate(`DNS:localhost,DNS:${name}`)
  const certificate = path.join(halfkey.home, 'ca.pem')
  writeFileSync(certificate, cert)
  const tls = createServer({ key, cert }, (incoming, outgoing) => {
    const { method, headers, url = '' } = incoming
    const forwarded = request(`${server().url}${url}`, { method, headers, agent: false }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  }).listen(0, '127.0.0.1')
  await once(tls, 'listening')
  const { port } = tls.address() as AddressInfo
  secure = { url: `https://localhost:${port}`, port, certificate, close: () => void tls.close() }
})
afterAll(() => {
  proxy.close()
  secure.close()
})

const run = (node: string, args: string[], env: Record<string, string>) =>
  new Promise<{ code: number; text: string; stderr: string }>((resolve) => {
    const settings = { ...halfkey.env, HALFKEY_URL: `http://${name}`, ...env }
    const child = execFile(node, [bin, ...args], { env: settings }, (error, text, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, text, stderr }),
    )
    child.stdin?.end('secret')
  })

describe.each(Object.entries(runtimes))('Node %s', (_, node) => {
  it('creates and opens through the proxy, files too, and warns of nothing', async () => {
    const before = proxy.asked.length
    const file = path.join(halfkey.home, 'attached.txt')
    writeFileSync(file, 'x'.repeat(300_000))
    const env = { HTTP_PROXY: proxy.url }
    const created = await run(node, ['create', '-', '--file', file, '--json'], env)
    expect([created.code, created.stderr]).toEqual([0, ''])
    const { share_url: shared } = JSON.parse(created.text) as { share_url: string }
    const link = shared.replace(server().url, `http://${name}`)
    const out = path.join(halfkey.home, `out-${before}`)
    const opened = await run(node, ['open', link, '--out', out], { http_proxy: proxy.url })
    expect([opened.code, opened.text]).toEqual([0, 'secret'])
    const paths = proxy.asked.slice(before)
    for (const part of ['/api/v1/secrets', '/parts/0', '/reveal', '/files/', '/ack'])
      expect(paths.some((asked) => asked.includes(` http://${name}/`) && asked.includes(part))).toBe(true)
  })

  it('tunnels https, through which it sees the server’s own certificate', async () => {
    const tunnel = await startForwardProxy(secure.url)
    const env = { HTTPS_PROXY: tunnel.url, HALFKEY_URL: `https://${name}`, NODE_EXTRA_CA_CERTS: secure.certificate }
    expect(await run(node, ['create', '-'], env)).toMatchObject({ code: 0 })
    expect(tunnel.asked).toEqual([`CONNECT ${name}:443`])
    tunnel.close()
  })

  it('a certificate that nobody vouches for is named with what to do, and is not asked for again and again', async () => {
    const { code, stderr } = await run(node, ['create', '-'], { HALFKEY_URL: secure.url })
    expect([code, stderr]).toEqual([8, expect.stringContaining('NODE_EXTRA_CA_CERTS')])
    expect(stderr).not.toContain('Check that the server is running')
    const env = { HALFKEY_URL: secure.url, NODE_EXTRA_CA_CERTS: secure.certificate }
    expect(await run(node, ['create', '-'], env)).toMatchObject({ code: 0 })
  })
})

it('hosts of NO_PROXY and this machine itself are reached directly', async () => {
  const before = proxy.asked.length
  const { port } = new URL(server().url)
  const env = { HTTP_PROXY: proxy.url }
  for (const [host, noProxy] of [
    ['127.0.0.1', ''],
    ['localhost', ''],
    ['0.0.0.0', '0.0.0.0'],
  ])
    expect(
      await run(process.execPath, ['create', '-'], {
        ...env,
        HALFKEY_URL: `http://${host}:${port}`,
        NO_PROXY: noProxy ?? '',
      }),
    ).toMatchObject({ code: 0 })
  expect(proxy.asked.slice(before)).toEqual([])
})

it('verify goes through it', async () => {
  const before = proxy.asked.length
  const { code } = await run(process.execPath, ['verify', `http://${name}`], { HTTP_PROXY: proxy.url })
  expect([code, proxy.asked.length > before]).toEqual([0, true])
})

it.each<[string, number | undefined, string]>([
  ['that is away', undefined, 'ECONNREFUSED'],
  ['that wants a password', 407, '407'],
])('a proxy %s is named, not the server', async (_, status, reason) => {
  const refusing = status === undefined ? undefined : await startForwardProxy(server().url, status)
  const env = { HTTPS_PROXY: refusing?.url ?? 'http://127.0.0.1:1', HALFKEY_URL: `https://${name}` }
  const { code, stderr } = await run(process.execPath, ['stats', '--timeout', '5'], env)
  expect([code, stderr]).toEqual([8, expect.stringContaining(`the proxy that HTTPS_PROXY names`)])
  expect(stderr).toContain(reason)
  expect(stderr).not.toContain('Check that the server is running')
  refusing?.close()
})
