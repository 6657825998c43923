import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sendRaw } from './support/raw.ts'
import { expectRefused, useTarget } from './support/refusals.ts'
import { conversation, seal } from './support/sender.ts'

const target = useTarget()

describe('what isn’t an object of JSON is a 422 on the body', () => {
  const deep = 200_000
  const bodies: Record<string, string | Buffer> = {
    'not JSON': 'slug=1&key=2',
    'cut JSON': '{"slug":"abc',
    'single quotes': "{'slug':1}",
    'a trailing comma': '{"slug":1,}',
    'a comment': '{} // nothing',
    NaN: '{"expires_in":NaN}',
    null: 'null',
    'an array': '[]',
    'a string': '"slug"',
    'a number': '17',
    'two values': '{}{}',
    'a NUL': '\0',
    'nested arrays, never closed': '['.repeat(deep),
    'nested arrays': '['.repeat(deep) + ']'.repeat(deep),
    'nested objects, never closed': '{"a":'.repeat(deep),
    'UTF-16': Buffer.from('{}', 'utf16le'),
    'bytes that aren’t UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    'an overlong encoding': Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
    'a surrogate in UTF-8': Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
  }

  test.each(Object.entries(bodies))('%s', async (_, body) => {
    expectRefused(await target.sendText(target.example('post /api/v1/secrets'), body), 'body', body)
  })

  test('nested deeply inside a field, named as that field', async () => {
    const nested = '['.repeat(deep) + ']'.repeat(deep)
    for (const name of ['note', 'otp', 'ip_whitelist', 'nope']) {
      const request = target.example('post /api/v1/secrets')
      const { [name]: _replaced, ...rest } = request.body ?? {}
      expectRefused(
        await target.sendText(request, `{"${name}":${nested},${JSON.stringify(rest).slice(1)}`),
        name,
        nested,
      )
    }
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
    'json',
    '*/*',
  ])('JSON that is said to be %s', async (type) => {
    const request = target.example('post /api/v1/secrets')
    expectRefused(await target.sendText(request, JSON.stringify(request.body), type), 'body', type)
  })

  test('over the limit it is a 413 that names the limit, before anything else is looked at', async () => {
    for (const [name, size] of [
      ['post /api/v1/secrets', 2_097_153],
      ['post /api/v1/links/{slug}/reveal', 16_385],
      ['post /api/v1/links/{slug}/otp', 16_385],
      ['post /api/v1/links/{slug}/ack', 1025],
      ['post /api/v1/audit/verify', 1025],
      ['post /api/v1/secrets/{slug}/notice', 16_385],
      ['post /api/v1/webhooks', 16_385],
    ] as const) {
      const details = { limit: 'body', maximum_bytes: size - 1 }
      const reply = await target.sendText(target.example(name), ' '.repeat(size))
      expect(reply).toMatchObject({ status: 413, body: { error: { details } } })
    }
  })
})

describe('a body that doesn’t end', () => {
  const head = (line: string): string =>
    `POST /api/v1/secrets HTTP/1.1\r\nHost: halfkey.test\r\nContent-Type: application/json\r\n${line}\r\n\r\n`
  const tenGigabytes = head('Content-Length: 10737418240')
  const chunked = head('Transfer-Encoding: chunked')
  const block = Buffer.alloc(65_536, ' ')
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), block, Buffer.from('\r\n')])

  function* endless(start: string, piece: Buffer): Generator<string | Buffer> {
    yield start
    for (;;) yield piece
  }

  /** Resident memory of the server, in bytes. */
  const residentSet = (): number => {
    const status = readFileSync(`/proc/${target.server.child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
  }

  test.each([
    ['10 GB, declared', tenGigabytes, block],
    ['chunks without end', chunked, chunk],
  ])(
    '%s: refused with a 413 while it still streams, in bounded memory, however many send it',
    async (_, start, piece) => {
      const before = residentSet()
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => sendRaw(target.server.url, endless(start, piece))),
      )
      for (const { status, text, sent } of replies) {
        expect([status, text.includes('PAYLOAD_TOO_LARGE')]).toEqual([413, true])
        expect(sent).toBeLessThan(100e6)
      }
      expect(residentSet() - before).toBeLessThan(200e6)
    },
  )

  test.each([
    ['cut before its declared length', head('Content-Length: 500'), '{"slug":'],
    ['cut inside a chunk', chunked, '10\r\n{"slug"'],
    ['cut before the last chunk', chunked, '2\r\n{}\r\n'],
    ['with a broken chunk', chunked, 'zz\r\n{}\r\n0\r\n\r\n'],
  ])('%s: refused, and nothing is kept', async (_, start, piece) => {
    const { status } = await sendRaw(target.server.url, [start, piece], true)
    expect(status).toBe(400)
  })

  test('a right body whose sender goes away makes no secret', async () => {
    const sealed = seal()
    const body = JSON.stringify(sealed.body)
    await sendRaw(target.server.url, [head(`Content-Length: ${body.length + 1}`), body], true)
    expect((await conversation(target.call).details(sealed)).status).toBe(404)
  })
})

describe('a request that isn’t proper HTTP gets a 4xx', () => {
  const get = (path: string, ...lines: string[]): string =>
    [`GET ${path} HTTP/1.1`, 'Host: halfkey.test', 'Connection: close', ...lines, '', ''].join('\r\n')
  const post = (...lines: string[]): string => `${get('/api/v1/secrets', ...lines).replace('GET', 'POST')}{}`

  test.each([
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['a host with a space', get('/healthz').replace('halfkey.test', 'a b'), 400],
    ['a host that isn’t one', get('/healthz').replace('halfkey.test', '[::'), 400],
    ['another version', get('/healthz').replace('1.1', '9.9'), 400],
    ['an unknown method', get('/healthz').replace('GET', 'BOGUS'), 400],
    ['bytes of TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n', 400],
    ['a NUL in a header', get('/healthz', 'X-Any: a\0b'), 400],
    ['a header without a name', get('/healthz', ': value'), 400],
    ['headers that are too large', get('/healthz', `X-Any: ${'a'.repeat(20_000)}`), 431],
    ['a path that is too long', get(`/${'a'.repeat(20_000)}`), 431],
    ['a backslash in the path', get('/api\\v1'), 400],
    ['bytes in the path that aren’t ASCII', get('/\xff\xfe'), 400],
    ['an absolute path that isn’t a URL', get('http://['), 400],
    ['a length that isn’t a number', post('Content-Length: two'), 400],
    ['a negative length', post('Content-Length: -2'), 400],
    ['two lengths', post('Content-Length: 2', 'Content-Length: 3'), 400],
    ['a length and chunks', post('Content-Length: 2', 'Transfer-Encoding: chunked'), 400],
    ['an unknown transfer encoding', post('Transfer-Encoding: gzip'), 400],
    ['an expectation that nobody meets', post('Content-Length: 2', 'Expect: miracles'), 417],
  ])('%s', async (_, request, status) => {
    expect((await sendRaw(target.server.url, [Buffer.from(request, 'latin1')], true)).status).toBe(status)
  })
})

describe('a wrong path, method or credential gets the failure of its kind', () => {
  const slugs = [
    '%',
    '%0',
    '%00',
    '%2f',
    '%2e%2e',
    '%ff',
    '%F0%28%8C%28',
    ' ',
    '..%2f..',
    'é',
    '😀',
    "'--",
    'a'.repeat(8000),
  ]

  test.each(slugs.map((slug) => [slug.slice(0, 20), slug]))(
    'the slug %s is a 404 like any unknown one',
    async (_, slug) => {
      const unknown = await target.call('POST', `/api/v1/links/${seal().slug}/status`, {})
      for (const [method, path] of [
        ['POST', `/api/v1/links/${slug}/status`],
        ['POST', `/api/v1/links/${slug}/otp`],
        ['POST', `/api/v1/links/${slug}/reveal`],
        ['POST', `/api/v1/links/${slug}/ack`],
        ['GET', `/api/v1/secrets/${slug}`],
        ['PATCH', `/api/v1/secrets/${slug}`],
        ['DELETE', `/api/v1/secrets/${slug}`],
        ['GET', `/api/v1/secrets/${slug}/events`],
      ] as const) {
        const reply = await target.call(method, path, undefined, { 'Halfkey-Manage': seal().manageKey })
        expect([reply.status, reply.text]).toEqual([404, unknown.text])
      }
    },
  )

  test('every method that an address doesn’t have is a 404', async () => {
    const paths = Object.entries(target.document.paths)
    /** Of `/requests/stats` those of `/requests/{slug}` too. */
    const methodsOf = (address: string): string[] =>
      paths.flatMap(([path, methods]) =>
        new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(address) ? Object.keys(methods) : [],
      )
    for (const [path] of paths) {
      const known = methodsOf(path)
      for (const method of ['get', 'post', 'put', 'patch', 'delete', 'options'].filter((one) => !known.includes(one))) {
        const reply = await target.call(method.toUpperCase(), path.replace(/[{}]/g, ''))
        expect({ method, path, ...reply }).toMatchObject({
          method,
          path,
          status: 404,
          body: { error: { code: 'NOT_FOUND' } },
        })
      }
    }
  })

  test('a token that isn’t one is a 401, on calls that would do without as well', async () => {
    const tokens = ['', 'Bearer', 'Bearer ', 'Bearer x', 'Basic aGFsZjprZXk=', `Bearer ${target.server.token}x`]
    tokens.push(
      `Bearer ${target.server.token} `.replace('hkt_', 'HKT_'),
      `Bearer ${target.server.token}, Bearer x`,
      'Bearer hkt__',
    )
    tokens.push(`Bearer hkt_${'a'.repeat(5000)}_${'A'.repeat(43)}`, "Bearer hkt_'_--")
    for (const Authorization of tokens)
      for (const name of ['post /api/v1/secrets', 'get /api/v1/secrets', 'get /api/v1/secrets/{slug}']) {
        const request = target.example(name)
        const { status } = await target.send(
          { ...request, headers: { ...request.headers, Authorization } },
          request.body,
        )
        expect({ Authorization, name, status }).toEqual({ Authorization, name, status: 401 })
      }
  })

  test('an access value that isn’t one, or is sent twice, is a 404', async () => {
    const request = target.example('post /api/v1/links/{slug}/status')
    const access = request.headers['Halfkey-Access'] ?? ''
    expect((await target.send(request, {})).status).toBe(200)
    for (const wrong of [
      '',
      'x',
      `${access}=`,
      access.slice(1),
      `${access}A`,
      `${access}, ${access}`,
      access.toLowerCase(),
    ]) {
      const { status } = await target.send({ ...request, headers: { 'Halfkey-Access': wrong } }, {})
      expect({ wrong, status }).toEqual({ wrong, status: 404 })
    }
  })
})
