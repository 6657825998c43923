/** The tests' client refuses what spec/openapi.json doesn't say: every test of the API stands on that. */
import { describe, expect, test } from 'vitest'
import { expectDocumented } from './support/documented.ts'

const requestId = '00000000-0000-4000-8000-000000000000'

interface Sent {
  method?: string
  path?: string
  status?: number
  type?: string | undefined
  headers?: Record<string, string>
  body?: unknown
}

function check({ method = 'GET', path = '/api/v1/limits', status = 200, headers = {}, ...sent }: Sent): void {
  const { type = 'application/json; charset=utf-8', body = ok } = sent
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const all = { 'X-Request-Id': requestId, ...(text !== '' && { 'Content-Type': type }), ...headers }
  const reply = {
    status,
    headers: new Headers(all),
    text,
    bytes: Buffer.from(text),
    body: typeof body === 'string' ? undefined : body,
  }
  expectDocumented(method, path, reply)
}

const limits = {
  anonymous: true,
  ciphertext_bytes: 1,
  expires_in: 1,
  maximum_views: 1,
  attachments: 0,
  file_bytes: 1,
  files_bytes: null,
  password_required: false,
  otp: ['totp'],
  geolocation: false,
  notify: false,
  requests: false,
}
const ok = { success: true, message: 'Done', data: limits }
const failure = (code: string, more: object = {}) => ({ success: false, error: { code, message: 'No', ...more } })

test('a reply as it is documented passes', () => {
  check({})
  check({ headers: { RateLimit: '"create";r=1;t=60', 'RateLimit-Policy': '"create";q=2;w=60' } })
  check({ status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: failure('AUTHENTICATION_ERROR') })
  check({ method: 'HEAD', body: '', headers: { 'Content-Type': 'application/json' } })
  check({ path: '/api/v1/nothing', status: 404, body: failure('NOT_FOUND') })
  check({ path: '/a-page', status: 418, body: 'anything' })
})

describe('a reply doesn’t pass', () => {
  test.each<[string, Sent, RegExp]>([
    ['of another status', { status: 202 }, /status isn’t documented/],
    ['that should be of another operation', { method: 'PUT' }, /no such operation/],
    ['of another content type', { type: 'text/html' }, /content type text\/html/],
    ['without a body', { body: '' }, /content type \(none\)/],
    ['with a field too many', { body: { ...ok, ghost: 1 } }, /ghost/],
    ['with a field too many inside', { body: { ...ok, data: { ...limits, ghost: 1 } } }, /ghost/],
    ['with a field too few', { body: { ...ok, data: { ...limits, otp: undefined } } }, /'otp'/],
    ['with a field of another type', { body: { ...ok, data: { ...limits, anonymous: 'true' } } }, /\/data\/anonymous/],
    ['with another value', { body: { ...ok, data: { ...limits, otp: ['pigeon'] } } }, /\/data\/otp\/0/],
    ['without its request id', { headers: { 'X-Request-Id': '' } }, /x-request-id/],
    ['with a header that isn’t documented', { headers: { 'Set-Cookie': 'a=b' } }, /set-cookie/],
    [
      'of too many requests that says no time',
      { status: 429, body: failure('RATE_LIMITED') },
      /retry-after is missing/,
    ],
    ['with another status’s code', { status: 403, body: failure('GONE') }, /code GONE/],
    ['with a failure’s field too many', { status: 503, body: failure('UNAVAILABLE', { stack: 'x' }) }, /stack/],
    ['for no operation, with data', { path: '/api/v1/nothing', body: ok }, /no such operation/],
  ])('%s', (_, sent, problem) => {
    expect(() => check(sent)).toThrow(problem)
  })
})
