import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { program } from '../../../apps/api/test/support/server.ts'
import { useHalfkey } from './running.ts'

interface Asked {
  /** With the query. */
  url: string
  headers: IncomingHttpHeaders
}

interface Reply {
  status: number
  headers: OutgoingHttpHeaders
  /** As it travels. */
  body: Buffer
}

interface Manifest {
  version: string
  files: Record<string, string>
}

const { halfkey, server } = useHalfkey()

/** Of the pages that the server serves, which may be newer than the command's. */
const manifestFile = path.join(path.dirname(program), 'pages', 'manifest.json')
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest
const addresses = Object.keys(manifest.files)
const find = (pattern: RegExp): string => addresses.find((address) => pattern.test(address)) ?? ''

const folder = mkdtempSync(path.join(tmpdir(), 'halfkey-verify-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** In front of the server: what it does to a reply. */
let tamper: (reply: Reply, asked: Asked) => void = () => undefined
const asked: Asked[] = []
const proxy = createServer(({ url = '', headers }, outgoing) => {
  asked.push({ url, headers })
  request(server().url + url, { headers }, (incoming) => {
    void buffer(incoming).then((body) => {
      const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...kept } = incoming.headers
      const reply: Reply = { status: incoming.statusCode ?? 0, headers: kept, body }
      tamper(reply, { url, headers })
      outgoing.writeHead(reply.status, reply.headers).end(reply.body)
    })
  }).end()
})
let address = ''

beforeAll(async () => {
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
})
afterAll(() => {
  proxy.closeAllConnections()
  proxy.close()
})
afterEach(() => {
  tamper = () => undefined
  asked.length = 0
})

const run = (...args: string[]) => halfkey.run(['verify', address, '--manifest', manifestFile, ...args])

/** The JSON that the command prints, with its exit code. */
async function verify(): Promise<Record<string, unknown>> {
  const { code, text } = await run('--json')
  return { code, ...(JSON.parse(text) as object) }
}

const fine = { code: 0, ok: true, differs: [], missing: [], extra: [], headers: [] }
const wrong = { ...fine, code: 7, ok: false }

describe('a server that serves the release', () => {
  it('is found to, whatever stands between that changes no byte', async () => {
    expect(await verify()).toEqual({ ...fine, url: address, release: manifest.version, files: addresses.length })
    tamper = (reply) => {
      Object.assign(reply.headers, { server: 'a proxy', via: '1.1 a proxy', 'strict-transport-security': 'max-age=1' })
      if (reply.headers['content-encoding'] === 'gzip') reply.body = gzipSync(gunzipSync(reply.body), { level: 1 })
    }
    expect(await verify()).toMatchObject(fine)
  })

  it('is asked for every page, under several links, for every file, in every coding, as browsers ask', async () => {
    await run()
    const pathOf = ({ url }: Asked) => url.split('?', 1)[0] ?? ''
    const fixed = addresses.filter((one) => !one.includes('{'))
    for (const one of fixed) {
      const codings = asked.filter((each) => pathOf(each) === one).map(({ headers }) => headers['accept-encoding'])
      expect([one, codings.sort()]).toEqual([one, ['br', 'gzip', 'gzip, deflate, br', 'identity']])
    }
    const links = new Set(asked.map(({ url }) => url).filter((url) => !fixed.includes(url.split('?', 1)[0] ?? '')))
    // Of each kind of link five.
    expect(links.size).toBe(20)
    for (const link of links)
      expect(link).toMatch(/^\/(?:(?:ask|collect|status)\/)?\w{13}(?:\?utm_source=mail|%231\w{44})?$/)
    for (const { headers } of asked) expect(headers['user-agent']).toContain('Mozilla/5.0')
  })

  it('of a release that the command carries needs no manifest', async () => {
    const carried = readFileSync(path.join(import.meta.dirname, '../../../apps/web/dist/manifest.json'), 'utf8')
    const file = path.join(folder, 'carried.json')
    writeFileSync(file, carried)
    const with_ = await halfkey.run(['verify', address, '--manifest', file])
    const without = await halfkey.run(['verify', address])
    expect(without).toEqual(with_)
  })
})

describe('a server that was tampered with is found out', () => {
  const script = find(/^\/assets\/open.*\.js$/)

  it('with a page that differs under one kind of address', async () => {
    for (const [kind, isHit] of [
      ['/', (url: string) => url === '/'],
      ['/{slug}', (url: string) => /^\/\w{13}/.test(url)],
      ['/{slug}', (url: string) => /^\/\w+%23/.test(url)],
      ['/{slug}', (url: string) => /^\/\w+\?/.test(url)],
      ['/ask/{slug}', (url: string) => url.startsWith('/ask/')],
    ] as const) {
      tamper = (reply, { url }) => {
        if (isHit(url)) reply.body = Buffer.concat([reply.body.subarray(0, -1), Buffer.from(' ')])
      }
      expect(await verify()).toMatchObject({ ...wrong, differs: [kind] })
    }
  })

  it('with a file that differs in one coding alone', async () => {
    tamper = (reply, { url }) => {
      if (url !== script || reply.headers['content-encoding'] !== 'gzip') return
      reply.body = gzipSync(Buffer.concat([gunzipSync(reply.body), Buffer.from('\nfetch("//elsewhere.example")\n')]))
    }
    expect(await verify()).toMatchObject({ ...wrong, differs: [script] })
  })

  it('with bytes that aren’t what their coding says', async () => {
    tamper = (reply, { url }) => {
      if (url === script) reply.headers['content-encoding'] = 'compress'
    }
    expect(await verify()).toMatchObject({ ...wrong, differs: [script] })
    tamper = (reply, { url }) => {
      if (url === script && reply.headers['content-encoding'] === 'br') reply.body = Buffer.from('not brotli')
    }
    expect(await verify()).toMatchObject({ ...wrong, differs: [script] })
  })

  it('with a file that isn’t there, or leads elsewhere', async () => {
    tamper = (reply, { url }) => {
      if (url === script) reply.status = 404
    }
    expect(await verify()).toMatchObject({ ...wrong, missing: [script] })
    tamper = (reply, { url }) => {
      if (url !== '/') return
      reply.status = 302
      reply.headers['location'] = 'https://elsewhere.example/'
    }
    expect(await verify()).toMatchObject({ ...wrong, missing: ['/'] })
    expect((await run()).text).toContain('https://elsewhere.example/')
  })

  it('with scripts that a page loads beyond the release’s: each is named', async () => {
    tamper = (reply, { url, headers }) => {
      if (url !== '/' || headers['accept-encoding'] !== 'identity') return
      const more = '<script src="./assets/more.js"></script><script src="https://elsewhere.example/x.js"></script>'
      reply.body = Buffer.from(reply.body.toString().replace('</head>', `${more}</head>`))
    }
    const extra = ['/assets/more.js', 'https://elsewhere.example/x.js']
    expect(await verify()).toMatchObject({ ...wrong, differs: ['/'], extra })
  })

  it('for people in lines that name the file and what is wrong with it', async () => {
    tamper = (reply, { url }) => {
      if (url === script) reply.status = 404
    }
    const { code, text, stderr } = await run()
    expect(text.split(/\s+/).slice(0, 2)).toEqual(['missing', script])
    expect([code, stderr]).toEqual([7, expect.stringContaining(`doesn't serve release ${manifest.version}`)])
  })

  it('without a control character of its own reaching the terminal', async () => {
    tamper = (reply, { url, headers }) => {
      if (url !== '/' || headers['accept-encoding'] !== 'identity') return
      reply.body = Buffer.from('<script src="https://elsewhere.example/\x1b]0;x\x07"></script>')
    }
    expect((await run()).text).not.toMatch(/[\x07\x1b]/)
  })
})

describe('headers that loosen what a page may do are named', () => {
  const policyWith = (change: (policy: string) => string) => (reply: Reply) => {
    const name = 'content-security-policy'
    const policy = reply.headers[name]
    if (typeof policy === 'string') reply.headers[name] = change(policy)
  }
  const without = (name: string) => (reply: Reply) => void Reflect.deleteProperty(reply.headers, name)
  const withHeader = (name: string, value: string) => (reply: Reply) => void (reply.headers[name] = value)

  it.each<[string, RegExp, (reply: Reply) => void]>([
    ['no policy', /policy is missing/, without('content-security-policy')],
    [
      'inline scripts',
      /script-src is 'self' 'unsafe-inline'/,
      policyWith((p) => p.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'")),
    ],
    ['a directive that comes first', /script-src is \*/, policyWith((p) => `script-src *; ${p}`)],
    [
      'requests to elsewhere',
      /connect-src is 'self' https:/,
      policyWith((p) => p.replace("connect-src 'self'", "connect-src 'self' https://elsewhere.example")),
    ],
    ['pictures from elsewhere', /img-src has \*/, policyWith((p) => p.replace(/img-src [^;]*/, 'img-src *'))],
    ['frames', /frame-ancestors is missing/, policyWith((p) => p.replace("frame-ancestors 'none'; ", ''))],
    [
      'no trusted types',
      /require-trusted-types-for/,
      policyWith((p) => p.replace(/require-trusted-types-for[^;]*;/, '')),
    ],
    ['an encoding of characters', /content-type is/, withHeader('content-type', 'text/html; charset=utf-7')],
    ['a referrer', /referrer-policy is missing/, without('referrer-policy')],
    ['sniffing', /x-content-type-options is missing/, without('x-content-type-options')],
    ['an opener', /cross-origin-opener-policy/, withHeader('cross-origin-opener-policy', 'unsafe-none')],
    ['a cookie', /set-cookie must not/, withHeader('set-cookie', 'reader=1')],
    ['a way elsewhere', /refresh must not/, withHeader('refresh', '5; url=https://elsewhere.example/')],
    [
      'readers of other origins',
      /access-control-allow-origin must not/,
      withHeader('access-control-allow-origin', '*'),
    ],
    ['an index', /x-robots-tag/, withHeader('x-robots-tag', 'all')],
  ])('%s', async (_, sentence, change) => {
    tamper = (reply, { url }) => {
      if (url === '/') change(reply)
    }
    const found = await verify()
    expect(found).toMatchObject({ code: 7, ok: false, differs: [], missing: [] })
    expect(found['headers']).toContainEqual(expect.stringMatching(sentence))
    for (const problem of found['headers'] as string[]) expect(problem).toMatch(/^\/: /)
  })

  it('nothing is said of a policy that is only stricter, or of a second one', async () => {
    tamper = policyWith((policy) => `${policy}, upgrade-insecure-requests`)
    expect(await verify()).toMatchObject(fine)
  })

  it('a bundle that other origins can’t load is', async () => {
    const bundle = find(/^\/cdn\/.*\/halfkey\.min\.js$/)
    tamper = (reply, { url }) => {
      if (url === bundle) delete reply.headers['access-control-allow-origin']
    }
    expect((await verify())['headers']).toEqual([`${bundle}: access-control-allow-origin is missing, not *`])
  })
})

describe('what can’t be compared', () => {
  it('is another release, which the message takes into account', async () => {
    const file = path.join(folder, 'older.json')
    const files = Object.fromEntries(addresses.map((one) => [one, `sha384-${'A'.repeat(64)}`]))
    writeFileSync(file, JSON.stringify({ version: '0.0.1', files }))
    const { code, stderr } = await halfkey.run(['verify', address, '--manifest', file])
    expect([code, stderr]).toEqual([7, expect.stringContaining('may be running another release')])
  })

  it('is a server that doesn’t answer', async () => {
    expect(await halfkey.run(['verify', 'http://127.0.0.1:1', '--manifest', manifestFile])).toMatchObject({ code: 8 })
  })

  it.each([
    ['no URL', ['verify', 'halfkey']],
    ['another scheme', ['verify', 'ftp://halfkey.example']],
    ['a link', ['verify', `http://127.0.0.1:1/abc#1def`]],
    [
      'a file that isn’t a manifest',
      ['verify', 'http://127.0.0.1:1', '--manifest', path.join(import.meta.dirname, '../package.json')],
    ],
    ['no such file', ['verify', 'http://127.0.0.1:1', '--manifest', path.join(import.meta.dirname, 'none.json')]],
    ['no server', ['verify']],
  ])('is wrong usage: %s', async (_, args) => {
    expect(await halfkey.run(args)).toMatchObject({ code: 2, text: '' })
  })
})
