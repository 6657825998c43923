/** Starting and stopping: what an operator sees, and what must not be lost. */
import { spawnSync } from 'node:child_process'
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig, settings } from '../src/config.ts'
import { caller, conversation, seal } from './support/sender.ts'
import type { Home, ServerProcess } from './support/server.ts'
import { makeHome, program, startServer } from './support/server.ts'

let home: Home

beforeEach(() => {
  home = makeHome()
})

afterEach(() => {
  home.remove()
})

/** Runs the program to its end, which a start that is refused reaches by itself. */
function refusal(environment: Record<string, string>, args: string[] = []) {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
    env: {
      HALFKEY_LISTEN: '127.0.0.1:0',
      HALFKEY_DATA_DIR: home.data,
      HALFKEY_SERVER_KEY_FILE: home.serverKey,
      ...environment,
    },
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stderr }
}

async function withServer<T>(
  use: (server: ServerProcess) => Promise<T>,
  more: Record<string, string> = {},
): Promise<T> {
  const server = await startServer(home, more)
  try {
    return await use(server)
  } finally {
    await server.stop()
  }
}

describe('the first start', () => {
  it('makes a server key that only its user reads, outside the data directory', async () => {
    await withServer(() => Promise.resolve())
    expect(statSync(home.serverKey).mode & 0o777).toBe(0o600)
    expect(readFileSync(home.serverKey, 'utf8')).toMatch(/^[\w-]{43}\n$/)
    expect(statSync(path.join(home.data, 'halfkey.sqlite')).mode & 0o077).toBe(0)
  })

  it('shows an admin token that works, and the second start shows none', async () => {
    const token = await withServer(async (server) => {
      const list = await caller(server.url)('GET', '/api/v1/secrets', undefined, {
        Authorization: `Bearer ${server.token}`,
      })
      expect(list.status).toBe(200)
      return server.token
    })
    await withServer((server) => {
      expect(server.output()).not.toContain('hkt_')
      return Promise.resolve()
    })
    expect(token).toMatch(/^hkt_[a-z2-7]{16}_[\w-]{43}$/)
  })

  it('says where it listens and how to share and open a first secret', async () => {
    await withServer((server) => {
      expect(server.output()).toContain(`Halfkey listens on ${server.url}`)
      expect(server.output()).toMatch(/echo 'my first secret' \| .*create -/)
      expect(server.output()).toMatch(/open 'LINK'/)
      return Promise.resolve()
    })
  })
})

describe('a server key that is not the database’s', () => {
  beforeEach(() => withServer(() => Promise.resolve()))

  it('lost: the start is refused and says to put it back, and doing so mends it', async () => {
    renameSync(home.serverKey, `${home.serverKey}.away`)
    const { status, stderr } = refusal({})
    expect(status).toBe(1)
    expect(stderr).toContain(home.serverKey)
    expect(stderr).toContain('Restore the file')
    renameSync(`${home.serverKey}.away`, home.serverKey)
    await withServer(() => Promise.resolve())
  })

  it('changed: the start is refused', () => {
    writeFileSync(home.serverKey, `${Buffer.alloc(32, 7).toString('base64url')}\n`)
    const { status, stderr } = refusal({})
    expect([status, stderr.includes('isn’t the one') || stderr.includes("isn't the one")]).toEqual([1, true])
  })

  it('saved again by a Windows program: a byte order mark isn’t read, UTF-16 is refused by name', () => {
    const key = readFileSync(home.serverKey, 'utf8')
    writeFileSync(home.serverKey, Buffer.from(`\ufeff${key}`, 'utf16le'))
    expect(refusal({}).stderr).toContain('is UTF-16 text')
    writeFileSync(home.serverKey, `\ufeff${key}`)
    expect(refusal({ HALFKEY_LISTEN: 'not this!' }).stderr).not.toContain('HALFKEY_SERVER_KEY_FILE')
    writeFileSync(home.serverKey, key)
  })

  it('damaged: the start is refused', () => {
    writeFileSync(home.serverKey, 'garbage')
    expect(refusal({})).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('HALFKEY_SERVER_KEY_FILE') as string,
    })
  })
})

it('a server key inside the data directory is refused', () => {
  const { status, stderr } = refusal({ HALFKEY_SERVER_KEY_FILE: path.join(home.data, 'key') })
  expect([status, stderr.includes('must not be inside HALFKEY_DATA_DIR')]).toEqual([1, true])
})

describe('a wrong value of a setting stops the start and is named', () => {
  const free = new Set([
    'HALFKEY_DATA_DIR',
    'HALFKEY_SERVER_KEY_FILE',
    'HALFKEY_GEO_DB',
    'HALFKEY_SMS_BODY',
    'HALFKEY_SMS_TOKEN',
  ])
  it.each(Object.keys(settings).filter((name) => !free.has(name)))('%s', (name) => {
    expect(() => readConfig({ [name]: 'not this!' })).toThrow(name)
  })

  it('on stderr, without a stack, and with exit code 1', () => {
    const { status, stderr } = refusal({ HALFKEY_REGION: 'not this!' })
    expect([status, stderr]).toEqual([1, expect.stringContaining('HALFKEY_REGION')])
    expect(stderr).not.toContain('    at ')
  })

  it('HALFKEY_DATA_DIR that can’t be made', () => {
    const { status, stderr } = refusal({ HALFKEY_DATA_DIR: '/dev/null/data' })
    expect([status, stderr.includes('HALFKEY_DATA_DIR')]).toEqual([1, true])
  })

  it('a port that is taken', async () => {
    await withServer((server) => {
      const { status, stderr } = refusal({ HALFKEY_LISTEN: server.url.replace('http://', '') })
      expect([status, stderr.includes('HALFKEY_LISTEN')]).toEqual([1, true])
      return Promise.resolve()
    })
  })

  it('a setting that there is not is told, and the start goes on', async () => {
    await withServer(
      (server) => {
        expect(server.output()).toContain('HALFKEY_TYPO')
        return Promise.resolve()
      },
      { HALFKEY_TYPO: 'x' },
    )
  })
})

it('halfkey-api token create makes a token that works while the server runs', async () => {
  await withServer(async (server) => {
    const { stdout } = spawnSync(process.execPath, [program, 'token', 'create', 'ci'], {
      env: { HALFKEY_DATA_DIR: home.data, HALFKEY_SERVER_KEY_FILE: home.serverKey },
      encoding: 'utf8',
    })
    const headers = { Authorization: `Bearer ${stdout.trim()}` }
    const { status, body } = await caller(server.url)('GET', '/api/v1/tokens', undefined, headers)
    expect([status, body.data[0].name, body.data[1].name]).toEqual([200, 'admin', 'ci'])
  })
})

it.each([
  ['empty', '', 'not be empty'],
  ['longer than 200 characters', 'x'.repeat(201), 'at most 200 characters'],
  ['with control characters', 'a\u001b[2Jb', 'without control characters'],
])(
  'halfkey-api token create refuses a name that is %s, as the API does, and makes no token',
  async (_, name, words) => {
    const { status, stderr } = refusal({}, ['token', 'create', name])
    expect([status, stderr]).toEqual([1, expect.stringContaining(words)])
    expect(stderr).toMatch(/^The token’s name: /)
    expect(stderr).not.toContain('\u001b')
    await withServer(({ token }) => {
      expect(token).not.toBe('')
      return Promise.resolve()
    })
  },
)

it('a workspace, its tokens and its secrets are there after a restart, and so is what halfkey-api compact leaves', async () => {
  const sealed = seal()
  await withServer(({ url }) => conversation(caller(url)).create(sealed))
  const { status } = spawnSync(process.execPath, [program, 'compact'], {
    env: { HALFKEY_DATA_DIR: home.data, HALFKEY_SERVER_KEY_FILE: home.serverKey },
  })
  expect(status).toBe(0)
  const reply = await withServer(({ url }) => conversation(caller(url)).reveal(sealed))
  expect(reply.body.data.key_a).toBe(sealed.keyA)
})

/** A request on a socket of its own, of which the rest can be sent later. */
function startRequest(url: string, head: string): { socket: net.Socket; reply: Promise<string> } {
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  let text = ''
  const reply = new Promise<string>((resolve) => {
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('close', () => resolve(text))
    socket.on('error', () => resolve(text))
  })
  socket.write(head)
  return { socket, reply }
}

const createHead = (length: number): string =>
  `POST /api/v1/secrets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`

describe('a stop', () => {
  it('finishes a request in flight, refuses new ones, and exits with 0', async () => {
    const server = await startServer(home)
    const sealed = seal()
    const body = JSON.stringify(sealed.body)
    const { socket, reply } = startRequest(server.url, createHead(Buffer.byteLength(body)) + body.slice(0, 100))
    await sleep(200)
    const stopped = server.stop()
    await sleep(200)
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
    socket.write(body.slice(100))
    expect(await reply).toContain('201 Created')
    expect(await stopped).toBe(0)
    const kept = await withServer(({ url }) => conversation(caller(url)).reveal(sealed))
    expect(kept.status).toBe(200)
  })
})

describe('a client that is too slow', () => {
  it.each([
    ['with its headers', 'POST /api/v1/secrets HTTP/1.1\r\nHost: x\r\n'],
    ['with its body', `${createHead(1000)}{`],
  ])('%s is cut off, and others are served meanwhile', async (_, head) => {
    await withServer(
      async (server) => {
        const { reply } = startRequest(server.url, head)
        expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
        expect(await reply).toMatch(/^(HTTP\/1\.1 408|$)/)
      },
      { HALFKEY_REQUEST_TIMEOUT_SECONDS: '1' },
    )
  })
})

describe('what a server says of itself', () => {
  it('serves health, readiness, metrics, the API’s description, its page and its script, each with strict headers', async () => {
    await withServer(async ({ url }) => {
      for (const route of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs', '/docs/scalar.js', '/', '/x']) {
        const { status, headers } = await fetch(url + route)
        expect([route, status]).toEqual([route, 200])
        expect([route, headers.get('x-content-type-options')]).toEqual([route, 'nosniff'])
        expect([route, headers.get('referrer-policy')]).toEqual([route, 'no-referrer'])
        expect(headers.get('content-security-policy'), route).toContain("default-src 'none'")
        expect(headers.get('set-cookie')).toBeNull()
      }
      const { openapi } = (await (await fetch(`${url}/openapi.json`)).json()) as { openapi: string }
      expect(openapi).toMatch(/^3\.1/)
    })
  })

  it('answers what isn’t there with a 404 in the API’s form', async () => {
    await withServer(async ({ url }) => {
      const { status, body } = await caller(url)('GET', '/api/v1/nothing')
      expect([status, body.error.code]).toEqual([404, 'NOT_FOUND'])
    })
  })
})
