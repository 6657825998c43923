/** What callers, proxies and storage send to the server: see support/growth.ts for how a parser gets in here. */
import { afterAll, beforeAll } from 'vitest'
import { createAddressOf } from '../src/adapters/client-address.ts'
import { parseNetwork } from '../src/domain/addresses.ts'
import { readConfig } from '../src/config.ts'
import { isHandler } from '../src/domain/kms/entry.ts'
import { matchesHandler } from '../src/domain/policies/handlers.ts'
import { parseToken } from '../src/domain/tokens/token.ts'
import { formats } from '../src/http/audit/export.ts'
import { accepts } from '../src/http/pages.ts'
import { parseRange } from '../src/http/range.ts'
import { email, handlerPattern, isId, isKey, network, sealed, tokenName } from '../src/http/schemas.ts'
import { readErrorCode, readListing, unescapeXml } from '../src/store/blobs/s3-xml.ts'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import { testGrowth } from './support/growth.ts'

const trusted = [parseNetwork('0.0.0.0/0')].filter((network) => network !== null)
const addressOf = createAddressOf({ trusted, header: 'X-Forwarded-For' })

let app: TestApp
beforeAll(async () => {
  app = await openApp({ HALFKEY_TRUSTED_PROXIES: '0.0.0.0/0' })
})
afterAll(() => app.close())

const path = '/api/v1/secrets'
const send = (init: RequestInit, address = path): Promise<Response> =>
  app.fetch(new Request(`https://halfkey.test${address}`, init))
const json = { 'Content-Type': 'application/json' }

/** Every header that any part of the server looks at, the same text in each. */
const headers = [
  ...['Accept', 'Accept-Encoding', 'Accept-Language', 'Authorization', 'Content-Type', 'Content-Length', 'Cookie'],
  ...['Forwarded', 'Halfkey-Access', 'Halfkey-Grant', 'Halfkey-Manage', 'Halfkey-Region', 'If-None-Match', 'Origin'],
  ...['Range', 'Referer', 'User-Agent', 'X-Forwarded-For', 'X-Request-Id', 'Access-Control-Request-Headers'],
]

testGrowth({
  'Accept-Encoding': (text) => accepts(text, 'br'),
  Range: (text) => parseRange(`bytes=${text}`, 1000),
  'a chain of proxies': {
    parse: (text) => addressOf('192.0.2.1', () => text),
    units: ['192.0.2.1,', '[::1]:80, '],
  },
  'any header': {
    parse: (text) => send({ headers: Object.fromEntries(headers.map((name) => [name, `x${text}x`])) }),
    length: 512,
  },
  'a query': { parse: (text) => send({}, `${path}?status=${text}&creator=${text}`), length: 512 },
  'a path': { parse: (text) => send({}, `/api/v1/kms/${text}`), length: 512 },
  'a body': { parse: (text) => send({ method: 'POST', headers: json, body: text }), length: 1024 },
  'a field of a body': {
    parse: (text) =>
      send({
        method: 'POST',
        headers: json,
        body: JSON.stringify({ slug: text, note: text, notify: { email: text }, ip_whitelist: [text], [text]: 1 }),
      }),
    length: 1024,
  },
  'a token': (text) => parseToken(`hkt_${text}`),
  'an address or network': (text) => parseNetwork(text),
  'the schema of a network': (text) => network.safeParse(text),
  'the schema of a handler’s pattern': (text) => handlerPattern.safeParse(text),
  'the schema of an e-mail address': (text) => email.safeParse(text),
  'the schemas of binary values': (text) => [isId(text), isKey(text), sealed.safeParse(text)],
  'the schema of a name': (text) => tokenName.safeParse(text),
  'a handler': (text) => isHandler(text),
  'a pattern of handlers': {
    parse: (text) => [matchesHandler(text, 'a'.repeat(128)), matchesHandler(`a*${'b*'.repeat(60)}`, text)],
    units: ['a*', '*b'],
  },
  'a line of the log as CSV': (text) =>
    formats.csv.line({ ...Object.fromEntries(['user_agent', 'handler'].map((name) => [name, text])) } as never),
  'an XML reply of the storage': (text) => [readErrorCode(text), readErrorCode(`<Error>${text}`)],
  'a listing of the storage': (text) => readListing(`<ListBucketResult><Contents>${text}`),
  'references in XML': (text) => unescapeXml(text),
  'the settings': (text) => readConfig({ HALFKEY_PUBLIC_URL: `https://h/${text}`, HALFKEY_LISTEN: text }),
})
