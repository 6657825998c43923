import type { IncomingHttpHeaders, Server } from 'node:http'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { NotDelivered } from '../src/adapters/delivery.ts'
import type { SmsSettings } from '../src/adapters/sms.ts'
import { createSmsGateway } from '../src/adapters/sms.ts'

const to = '+4915112345678'
const message = 'Code "1" & {to} $& {text}\n100% é'

interface Received {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

let server: Server | undefined
let received: Received[] = []
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  received = []
})

/** status null: never answers. */
async function gateway(status: number | null = 200, headers: Record<string, string> = {}): Promise<string> {
  server = createServer((request, response) => {
    const { method, url } = request
    void text(request).then((body) => {
      received.push({ method, url, headers: request.headers, body })
      if (status !== null) response.writeHead(status, headers).end('queued')
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as { port: number }).port}`
}

const json = readConfig({}).config.HALFKEY_SMS_BODY
const send = (settings: Partial<SmsSettings> & { url: string }) =>
  createSmsGateway({ body: json, ...settings }).send(to, message)

test('the default body is JSON, whatever the text, and the token a bearer', async () => {
  await send({ url: `http://${await gateway()}/send?channel=1`, token: 'gateway-token' })
  expect(received).toMatchObject([{ method: 'POST', url: '/send?channel=1' }])
  expect(received[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    authorization: 'Bearer gateway-token',
  })
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({ to, text: message })
})

test('a template may be a list of JSON, and what a value holds is never read as a part of it', async () => {
  const body = ' [{"messages":[{"to":{to},"body":{text}}]}]'
  await send({ url: `http://${await gateway()}/`, body })
  expect(JSON.parse(received[0]?.body ?? '')).toEqual([{ messages: [{ to, body: message }] }])
  expect(received[0]?.headers['content-type']).toBe('application/json')
})

test('a template without a brace is a form, and the URL’s user and password are Basic', async () => {
  const url = `http://account:p%40ss@${await gateway(201)}/Messages`
  await send({ url, body: 'To={to}&From=Halfkey&Body={text}' })
  expect(received[0]?.headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `Basic ${btoa('account:p@ss')}`,
  })
  expect(Object.fromEntries(new URLSearchParams(received[0]?.body))).toEqual({ To: to, From: 'Halfkey', Body: message })
})

test('without token and user nothing is authorized', async () => {
  await send({ url: `http://${await gateway()}/` })
  expect(received[0]?.headers.authorization).toBeUndefined()
})

test.each([400, 401, 500, 302])('a gateway that answers %i has not taken it', async (status) => {
  const url = `http://${await gateway(status, { Location: '/elsewhere' })}/`
  const error: unknown = await send({ url }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(NotDelivered)
  expect(String((error as Error).stack)).not.toContain(to)
  expect(received).toHaveLength(1)
})

test('a gateway that never answers, and one that isn’t there, are given up', async () => {
  const url = `http://${await gateway(null)}/`
  await expect(send({ url, timeoutMs: 100 })).rejects.toThrow(NotDelivered)
  server?.closeAllConnections()
  server?.close()
  await expect(send({ url, timeoutMs: 1000 })).rejects.toThrow(NotDelivered)
})

test.each([
  ['which lacks a part', '{"to":{to}}'],
  ['which lacks a part', 'text'],
  ['which lacks a part', ''],
  ['whose strings would have quotes twice', '{"to":"{to}","text":"{text}"}'],
  ['which is no JSON', '{"to":{to},"text":{text}'],
  ['which is no JSON', '[{to},{text},]'],
])('a template %s, %j, stops the start with a sentence that names the setting', (_, body) => {
  expect(() => readConfig({ HALFKEY_SMS_BODY: body })).toThrow(/^HALFKEY_SMS_BODY must .*\.$/)
})
