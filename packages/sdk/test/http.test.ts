import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { HalfkeyError } from '../src/errors.ts'
import { request, type Call, type TransportOptions } from '../src/transport/http.ts'
import { errorOf } from './refusal.ts'
import { failure, scriptedServer, success, type Script, type Step } from './scripted.ts'

const call = (url: string, more: Partial<Call> = {}): Call => ({
  url,
  method: 'POST',
  headers: {},
  body: '{}',
  ...more,
})

/** Runs one call against a script; gives its outcome, and what the server saw. */
async function play(script: Script, options: TransportOptions = {}, more: Partial<Call> = {}) {
  const { url, requests } = await scriptedServer(script)
  const outcome = await request(call(url, more), options).catch((error: unknown) => error)
  return { outcome, requests, error: outcome as HalfkeyError }
}

const done = success('done')

describe('what is tried again', () => {
  const passing: [string, Step][] = [
    ['a cut connection', 'cut'],
    ['a connection cut in the middle of the reply', 'cut in the body'],
    ['a 502', { status: 502, text: 'Bad Gateway' }],
    ['a 503', failure(503, 'UNAVAILABLE')],
    ['a 504', { status: 504, text: '' }],
    ['a 429', failure(429, 'RATE_LIMITED', undefined, { 'Retry-After': '0' })],
  ]
  test.each(passing)('%s is tried again with the same bytes', async (_, step) => {
    const body = JSON.stringify({ unicode: '🔑', random: crypto.randomUUID() })
    const { outcome, requests } = await play([step, done], {}, { body, headers: { 'Halfkey-Access': 'x' } })
    expect(outcome).toEqual({ data: 'done', pagination: undefined })
    expect(requests.map((sent) => sent.body)).toEqual([body, body])
    expect(requests.map((sent) => sent.headers['halfkey-access'])).toEqual(['x', 'x'])
  })

  test('an attempt that timed out is tried again', async () => {
    const { outcome, requests } = await play((_, index) => (index === 0 ? 'hang' : done), { timeout: 500 })
    expect(outcome).toMatchObject({ data: 'done' })
    expect(requests.length).toBeGreaterThan(1)
  })

  test.each([400, 401, 403, 404, 409, 410, 413, 422, 423, 500])('a %i is not tried again', async (status) => {
    const { requests, error } = await play([failure(status, 'VALIDATION_ERROR')])
    expect(error).toBeInstanceOf(HalfkeyError)
    expect(requests).toHaveLength(1)
  })

  test('after the last retry the last failure is thrown', async () => {
    const { requests, error } = await play(['cut', failure(503, 'UNAVAILABLE'), 'cut'], { retries: 2 })
    expect(error).toMatchObject({ code: 'NETWORK', status: undefined })
    expect(requests).toHaveLength(3)
  })

  test('without retries the first failure is thrown', async () => {
    const { requests, error } = await play(['cut'], { retries: 0 })
    expect(error.code).toBe('NETWORK')
    expect(requests).toHaveLength(1)
  })
})

describe('Retry-After', () => {
  /** A `fetch` that is refused once, on a clock that the test moves. */
  function refusedOnce(retryAfter: string, status = 429) {
    vi.useFakeTimers({ now: Date.parse('2030-01-01T00:00:00Z') })
    onTestFinished(() => void vi.useRealTimers())
    const fetch = vi.fn<typeof globalThis.fetch>()
    fetch.mockResolvedValueOnce(Response.json({}, { status, headers: { 'Retry-After': retryAfter } }))
    fetch.mockResolvedValueOnce(Response.json({ success: true, message: '', data: 1 }))
    const outcome = request(call('http://localhost'), { fetch }).catch((error: unknown) => error)
    return { fetch, outcome }
  }

  test.each([
    ['seconds', '30', 429],
    ['a date', 'Tue, 01 Jan 2030 00:00:30 GMT', 429],
    ['seconds of a 503', '30', 503],
  ])('is waited for in full: %s', async (_, value, status) => {
    const { fetch, outcome } = refusedOnce(value, status)
    await vi.advanceTimersByTimeAsync(29_999)
    expect(fetch).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(fetch).toHaveBeenCalledTimes(2)
    expect(await outcome).toMatchObject({ data: 1 })
  })

  test.each(['61', '999999999999', 'Tue, 01 Jan 2030 00:01:01 GMT'])(
    'of more than a minute, %s, is not waited for',
    async (value) => {
      const { fetch, outcome } = refusedOnce(value)
      expect(await outcome).toMatchObject({ code: 'RATE_LIMITED', status: 429 })
      expect(fetch).toHaveBeenCalledTimes(1)
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test.each(['soon', '', '-1'])('that says nothing, «%s», leaves the back-off', async (value) => {
    const { fetch, outcome } = refusedOnce(value)
    await vi.runAllTimersAsync()
    expect(await outcome).toMatchObject({ data: 1 })
    expect(fetch).toHaveBeenCalledTimes(2)
  })
})

describe('time-outs', () => {
  test.each(['hang', 'hang in the body'] as const)('a server that %ss is given up as TIMEOUT', async (step) => {
    const { error } = await play([step], { timeout: 200, retries: 0 })
    expect(error).toBeInstanceOf(HalfkeyError)
    expect(error.code).toBe('TIMEOUT')
  })

  test('no timer is left behind by a call that ended', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    await request(call('http://localhost'), {
      fetch: () => Promise.resolve(Response.json({ success: true, message: '', data: 1 })),
    })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('aborting', () => {
  test('before the call sends nothing', async () => {
    const { requests, error } = await play([], {}, { signal: AbortSignal.abort() })
    expect(error.code).toBe('ABORTED')
    expect(requests).toEqual([])
  })

  test.each([
    ['while the reply is waited for', 'hang'],
    ['in the middle of the reply', 'hang in the body'],
    ['while waiting to try again', failure(429, 'RATE_LIMITED', undefined, { 'Retry-After': '50' })],
  ] as const)(
    '%s ends the call at once, without another attempt',
    async (_, step) => {
      const { url, requests } = await scriptedServer([step])
      const controller = new AbortController()
      const outcome = request(call(url, { signal: controller.signal }), {}).catch((error: unknown) => error)
      await vi.waitFor(() => expect(requests).toHaveLength(1))
      await new Promise((resolve) => setTimeout(resolve, 50))
      controller.abort()
      expect(await outcome).toMatchObject({ name: 'HalfkeyError', code: 'ABORTED' })
      expect(requests).toHaveLength(1)
    },
    20_000,
  )

  test('leaves no listener on the signal of a call that ended', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await play(['cut', done], {}, { signal })
    expect(removed.mock.calls.length).toBe(added.mock.calls.length)
  })
})

describe('what is sent', () => {
  test('a redirect is never followed: neither body nor headers reach another server', async () => {
    const other = await scriptedServer(() => done)
    for (const status of [301, 302, 303, 307, 308]) {
      const { requests, error } = await play([{ status, headers: { Location: other.url } }])
      expect(error).toMatchObject({ name: 'HalfkeyError', code: 'NETWORK' })
      expect(requests).toHaveLength(1)
    }
    expect(other.requests).toEqual([])
  })

  test('no credentials, cache or referrer go with it', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(() =>
      Promise.resolve(Response.json({ success: true, message: '', data: 1 })),
    )
    await request(call('http://localhost'), { fetch })
    expect(fetch.mock.calls[0]?.[1]).toMatchObject({
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    })
  })
})

describe('failure replies', () => {
  test('give their code, message, status, details and request id', async () => {
    const details = { hours: ['must be less'] }
    const json = { success: false, error: { code: 'VALIDATION_ERROR', message: 'No', details, request_id: 'r1' } }
    const { error } = await play([{ status: 422, json }])
    expect(error).toBeInstanceOf(HalfkeyError)
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', message: 'No', status: 422, details, requestId: 'r1' })
  })

  test('give the request id of the header if the body has none', async () => {
    const { error } = await play([failure(404, 'NOT_FOUND', undefined, { 'X-Request-Id': 'r2' })])
    expect(error.requestId).toBe('r2')
  })

  const html = '<html><body>Sorry</body></html>'
  test.each([
    ['an error page of a proxy', 502, html, 'SERVER_ERROR'],
    ['a 500 without a body', 500, '', 'SERVER_ERROR'],
    ['a login page of a proxy', 403, html, 'NETWORK'],
    ['a 404 page', 404, html, 'NETWORK'],
    ['a 429 page', 429, html, 'RATE_LIMITED'],
    ['a code that there isn’t', 400, '{"success":false,"error":{"code":"constructor","message":"x"}}', 'NETWORK'],
    [
      'a code that only programs raise',
      500,
      '{"success":false,"error":{"code":"ABORTED","message":"x"}}',
      'SERVER_ERROR',
    ],
    ['a message that isn’t text', 404, '{"success":false,"error":{"code":"NOT_FOUND","message":{}}}', 'NETWORK'],
    ['an error that isn’t an object', 404, '{"success":false,"error":"NOT_FOUND"}', 'NETWORK'],
    ['an array', 404, '[]', 'NETWORK'],
  ])('that the API doesn’t send are named by their status: %s', async (_, status, text, code) => {
    const { error } = await play([{ status, text }], { retries: 0 })
    expect(error).toBeInstanceOf(HalfkeyError)
    expect(error).toMatchObject({ code, status, details: undefined })
    expect(error.message).not.toContain('Sorry')
  })
})

describe('success replies', () => {
  test.each([
    ['a page', '<html></html>'],
    ['nothing', ''],
    ['JSON cut short', '{"success":true,"data":'],
    ['another API’s JSON', '{"ok":true}'],
    ['no data', '{"success":true,"message":"x"}'],
    ['a failure', '{"success":false,"data":1}'],
    ['an array', '[1]'],
    ['a lone surrogate', '{"success":true,"data":"\\ud800"}'],
  ])('that the API doesn’t send are MALFORMED and not tried again: %s', async (_, text) => {
    const { requests, error } = await play([{ text }])
    expect(error).toMatchObject({ name: 'HalfkeyError', code: 'MALFORMED', status: 200 })
    expect(requests).toHaveLength(1)
  })

  test('that are too large are cut off', async () => {
    let pulled = 0
    // Far more than is read, and little enough for a test that fails to end.
    const large = new ReadableStream({
      pull(controller) {
        if (++pulled > 64) return controller.close()
        controller.enqueue(new Uint8Array(2 ** 20).fill(0x20))
      },
    })
    const fetch = () => Promise.resolve(new Response(large))
    const error: unknown = await request(call('http://localhost'), { fetch }).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'MALFORMED' })
    expect(pulled).toBeLessThan(40)
  })
})

test('a server that isn’t there is NETWORK, with the system’s name for it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  const error: unknown = await request(call(`http://127.0.0.1:${port}`), { retries: 0 }).catch(
    (error: unknown) => error,
  )
  expect(error).toMatchObject({ code: 'NETWORK', message: 'No reply from the server (ECONNREFUSED).' })
})

test('ABORTED keeps why as its cause, before, during and between attempts', async () => {
  const why = new Error('the person pressed Cancel')
  const early = await errorOf(
    request({ url: 'http://127.0.0.1:9', method: 'GET', headers: {}, signal: AbortSignal.abort(why) }, {}),
  )
  expect(early).toMatchObject({ code: 'ABORTED', cause: why })
  const abort = new AbortController()
  const refusing: typeof fetch = () => {
    setTimeout(() => abort.abort(why), 1)
    return Promise.reject(new TypeError('fetch failed'))
  }
  const call = { url: 'http://127.0.0.1:9', method: 'GET' as const, headers: {}, signal: abort.signal }
  expect(await errorOf(request(call, { fetch: refusing }))).toMatchObject({ code: 'ABORTED', cause: why })
})

test.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN'])(
  'a certificate that isn’t trusted (%s) names NODE_EXTRA_CA_CERTS and isn’t tried again',
  async (code) => {
    let tries = 0
    const refusing: typeof fetch = () => {
      tries++
      return Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) }))
    }
    const error = await errorOf(
      request({ url: 'https://127.0.0.1:9', method: 'GET', headers: {} }, { fetch: refusing }),
    )
    expect(error).toMatchObject({ code: 'NETWORK' })
    expect(error.message).toMatch(new RegExp(`isn['’]t trusted \\(${code}\\).*NODE_EXTRA_CA_CERTS`))
    expect(tries).toBe(1)
  },
)
