/** Where webhooks may go: public addresses alone, decided by what is connected to. */
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isIPv6 } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isPublicAddress } from '../src/domain/addresses.ts'
import { createWebhookSender } from '../src/adapters/webhook.ts'
import { openApp } from './support/app.ts'
import type { TestReceiver } from './support/receiver.ts'
import { startReceiver } from './support/receiver.ts'

const refused = [
  ['loopback', '127.0.0.1'],
  ['loopback, elsewhere in 127/8', '127.255.255.254'],
  ['unspecified', '0.0.0.0'],
  ['private 10/8', '10.0.0.1'],
  ['private 172.16/12', '172.31.255.255'],
  ['private 192.168/16', '192.168.1.1'],
  ['link-local, metadata', '169.254.169.254'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['protocol assignments', '192.0.0.1'],
  ['6to4 relay', '192.88.99.1'],
  ['benchmarking', '198.19.255.255'],
  ['documentation', '203.0.113.7'],
  ['multicast', '224.0.0.1'],
  ['class E', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['v6 loopback', '::1'],
  ['v6 unspecified', '::'],
  ['v6 link-local', 'fe80::1'],
  ['v6 unique local', 'fd00::1'],
  ['v6 metadata', 'fd00:ec2::254'],
  ['v6 multicast', 'ff02::1'],
  ['v4-mapped loopback', '::ffff:127.0.0.1'],
  ['v4-mapped private, in hex', '::ffff:a00:1'],
  ['v4-compatible', '::127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1'],
  ['local NAT64', '64:ff9b:1::a00:1'],
  ['6to4', '2002:7f00:1::'],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ['v6 documentation', '2001:db8::1'],
] as const

test.each(refused)('%s (%s) is not public', (_, address) => expect(isPublicAddress(address)).toBe(false))

test.each(['localhost', '', '127.1', '0x7f000001', 'fe80::1%eth0', '8.8.8.8:443', '[2606:4700::1111]'])(
  '%j is not an address, and so not a public one',
  (text) => expect(isPublicAddress(text)).toBe(false),
)

test.each(['8.8.8.8', '172.15.255.255', '172.32.0.0', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])(
  '%s is public',
  (address) => expect(isPublicAddress(address)).toBe(true),
)

/** Resolves every name to the next of the answers; the last one stays. */
function resolver(...answers: string[][]) {
  const asked: string[] = []
  const lookup: LookupFunction = (hostname, options, callback) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(hostname)
    const found = answer.map((address): LookupAddress => ({ address, family: isIPv6(address) ? 6 : 4 }))
    if (options.all) callback(null, found)
    else callback(null, found[0]?.address ?? '', found[0]?.family)
  }
  return { asked, lookup }
}

describe('at connect time', () => {
  let receiver: TestReceiver
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  const port = () => new URL(receiver.url).port
  const send = (url: string, { lookup }: { lookup?: LookupFunction } = {}, allowPrivate = false) =>
    createWebhookSender({ allowPrivate, timeoutMs: 2000, ...(lookup && { lookup }) }).send(url, {}, '{}')

  test.each(refused)('a name that resolves to %s (%s) is not connected to', async (_, address) => {
    const dns = resolver([address])
    await expect(send(`https://hooks.example:${port()}/`, dns)).rejects.toThrow('not a public one')
    expect(dns.asked).toEqual(['hooks.example'])
  })

  test.each(refused)('the literal %s (%s) is not connected to', async (_, address) => {
    const host = isIPv6(address) ? `[${address}]` : address
    await expect(send(`https://${host}:${port()}/`)).rejects.toThrow('not a public one')
  })

  test.each(['127.1', '2130706433', '0x7f.0.0.1', '0177.0.0.1'])('nor is %s, another spelling of one', async (host) => {
    await expect(send(`https://${host}:${port()}/`)).rejects.toThrow('not a public one')
  })

  test('localhost is refused by what it resolves to', async () => {
    await expect(send(`https://localhost:${port()}/`)).rejects.toThrow('not a public one')
  })

  test('one private address among public ones is enough to refuse', async () => {
    const dns = resolver(['8.8.8.8', '127.0.0.1'])
    await expect(send(`https://hooks.example:${port()}/`, dns)).rejects.toThrow('not a public one')
  })

  test('a name without addresses is not connected to', async () => {
    await expect(send(`https://hooks.example:${port()}/`, resolver([]))).rejects.toThrow('no address')
  })

  test('the name is looked up once, and what was looked up is what is connected to', async () => {
    const dns = resolver(['127.0.0.1'], ['192.0.2.1'])
    await send(`http://hooks.example:${port()}/`, dns, true)
    expect(dns.asked).toEqual(['hooks.example'])
    expect(receiver.received).toMatchObject([{ headers: { host: `hooks.example:${port()}` } }])
  })

  test('a redirect to a private address is not followed', async () => {
    const inside = await startReceiver()
    receiver.answer(302, { Location: inside.url })
    await expect(send(receiver.url, {}, true)).rejects.toThrow('responded with 302')
    expect(inside.received).toEqual([])
    await inside.close()
  })

  test('without leave for private addresses, http: is refused', async () => {
    await expect(send(`http://hooks.example:${port()}/`, resolver(['8.8.8.8']))).rejects.toThrow('not a public one')
  })
})

describe('at creation', () => {
  test.each([
    ['http:', 'http://hooks.example/'],
    ['another scheme', 'ftp://hooks.example/'],
    ['no URL', 'hooks.example'],
    ['credentials', 'https://user:password@hooks.example/'],
    ['a fragment', 'https://hooks.example/#x'],
    ['a private address', 'https://10.0.0.1/'],
    ['loopback, written as a number', 'https://2130706433/'],
    ['v6 loopback', 'https://[::1]/'],
  ])('%s is refused, naming the field', async (_, url) => {
    const app = await openApp()
    const { status, body } = await app.call(
      'POST',
      '/api/v1/webhooks',
      { url },
      { Authorization: `Bearer ${app.token}` },
    )
    expect(status).toBe(422)
    expect(body.error.details.url).toHaveLength(1)
    await app.close()
  })
})
