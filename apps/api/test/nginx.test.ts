/** The nginx block of docs/operators.md, run as printed but for ports and paths. */
import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useServer } from './support/running.ts'

const { home, server } = useServer()
const program = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx'
let nginx: ChildProcess | undefined
let port: number

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return address !== null && typeof address === 'object' ? address.port : 0
}

beforeAll(async () => {
  const page = readFileSync(new URL('../../../docs/operators.md', import.meta.url), 'utf8')
  const block = /```nginx\n([\s\S]+?)```/.exec(page)?.[1] ?? ''
  const [certificate, key] = [path.join(home.root, 'cert.pem'), path.join(home.root, 'key.pem')]
  const subject = ['-subj', '/CN=halfkey.example', '-days', '2', '-nodes', '-newkey', 'rsa:2048']
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', certificate], { stdio: 'pipe' })
  port = await freePort()
  const plain = await freePort()
  const here = block
    .replaceAll(/listen \[::\].*\n/g, '')
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('listen 80', `listen 127.0.0.1:${plain}`)
    .replace('127.0.0.1:8787', new URL(server().url).host)
    .replace(/ssl_certificate \S+;/, `ssl_certificate ${certificate};`)
    .replace(/ssl_certificate_key \S+;/, `ssl_certificate_key ${key};`)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${path.join(home.root, name)};`,
  )
  const file = path.join(home.root, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; pid ${path.join(home.root, 'pid')}; events {}
     http { access_log off; ${temporary.join(' ')} ${here} }`,
  )
  const args = ['-e', 'stderr', '-p', home.root, '-c', file]
  execFileSync(program, ['-t', ...args], { stdio: 'pipe' })
  nginx = spawn(program, args, { stdio: 'ignore' })
})

afterAll(() => void nginx?.kill('SIGQUIT'))

function get(route: string): Promise<{ status: number | undefined; hsts: unknown }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: route, rejectUnauthorized: false }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, hsts: response.headers['strict-transport-security'] })
    })
      .on('error', reject)
      .end()
  })
}

test('it starts, sends HSTS with every reply, and shows nobody the metrics', async () => {
  const hsts = 'max-age=31536000'
  await expect.poll(() => get('/readyz').catch(() => null), { timeout: 20_000 }).toEqual({ status: 200, hsts })
  expect(await get('/api/v1/nothing')).toEqual({ status: 404, hsts })
  expect(await get('/metrics')).toEqual({ status: 403, hsts })
})
