import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, test } from 'vitest'
import { network as networkSchema } from '../src/http/schemas.ts'
import { createAddressOf } from '../src/adapters/client-address.ts'
import { parseAddress, parseNetwork as networkOf } from '../src/domain/addresses.ts'
import { network } from '../src/domain/policies/network.ts'
import type { Facts } from '../src/domain/policies/policy.ts'

function parseNetwork(text: string) {
  const [address, length] = networkOf(text) ?? []
  return address && { address: address.toString(), length: length ?? NaN, family: address.kind() }
}

describe('addresses and networks', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7', 32],
    ['192.0.2.0/24', '192.0.2.0', 24],
    ['192.0.2.7/24', '192.0.2.7', 24],
    ['0.0.0.0/0', '0.0.0.0', 0],
    ['2001:DB8:0:0::1', '2001:db8::1', 128],
    ['2001:db8::/32', '2001:db8::', 32],
    ['::/0', '::', 0],
    ['::1', '::1', 128],
    ['::ffff:192.0.2.7', '192.0.2.7', 32],
    ['::FFFF:c000:207', '192.0.2.7', 32],
    ['0:0:0:0:0:ffff:192.0.2.0/120', '192.0.2.0', 24],
    ['::ffff:0:0/96', '0.0.0.0', 0],
  ])('%s is %s/%i', (text, address, length) => {
    expect(parseNetwork(text)).toEqual({ address, length, family: isIP(address) === 4 ? 'ipv4' : 'ipv6' })
  })

  test('an IPv4-compatible address isn’t an IPv4 one (RFC 4291 section 2.5.5.1)', () => {
    expect(parseAddress('::192.0.2.7')).toBe('::c000:207')
  })

  test.each([
    '',
    ' ',
    '/',
    '/24',
    '192.0.2.7/',
    '192.0.2.7/33',
    '192.0.2.7/-1',
    '192.0.2.7/+8',
    '192.0.2.7/024',
    '192.0.2.7/8.0',
    '192.0.2.7/1e1',
    '192.0.2.7/24/24',
    '192.0.2.7/255.255.255.0',
    '999.1.1.1/99',
    '256.1.1.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '127.1',
    '10',
    '2130706433',
    '1.2.3.4.5',
    '192.0.2.7 ',
    '192.0.2.*',
    '192.0.2.1-192.0.2.9',
    '192.0.2.7:80',
    '[2001:db8::1]',
    '2001:db8::1/129',
    '2001:db8::1::',
    '12345::',
    'fe80::1%eth0',
    'fe80::1%eth0/64',
    '::ffff:192.0.2.7/95',
    '::ffff:999.0.2.7',
    'example.com',
    '１９２.0.2.7',
  ])('%j is neither', (text) => {
    expect(networkOf(text)).toBeNull()
  })

  const soup = fc.stringMatching(/^[\da-f:./%[\]x ,]{0,45}$/)
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended())
  const prefix = fc.oneof(
    fc.nat(140).map((length) => `/${length}`),
    fc.constantFrom('', '/', '/024', '/x'),
  )
  const near = fc.tuple(address, prefix).map((parts) => parts.join(''))
  const texts = fc.oneof(soup, fc.string(), near)

  test('any text is refused or read as an address in its one form, with a prefix that fits', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseNetwork(text)
        if (!parsed) return
        expect(parseAddress(parsed.address)).toBe(parsed.address)
        expect(() => new BlockList().addSubnet(parsed.address, parsed.length, parsed.family)).not.toThrow()
        expect(parseNetwork(`${parsed.address}/${parsed.length}`)).toEqual(parsed)
      }),
      { numRuns: 2000 },
    )
  })

  test('the pattern that the API documents refuses none of them', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(networkSchema.safeParse(text).success).toBe(networkOf(text) !== null)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('the allow list', () => {
  const denied = (ipWhitelist: string[] | null, ip: string | null) =>
    network({ secret: { ipWhitelist }, ip } as Facts) !== null

  test.each([
    [['192.0.2.7/32'], '192.0.2.7', '192.0.2.8'],
    [['10.0.0.0/8', '192.0.2.128/25'], '192.0.2.200', '192.0.2.127'],
    [['10.1.2.3/8'], '10.255.255.255', '11.0.0.0'],
    [['2001:db8::/32'], '2001:db8:ffff::1', '2001:db9::'],
    [['0.0.0.0/0'], '203.0.113.9', '2001:db8::1'],
    [['::/0'], '2001:db8::1', '203.0.113.9'],
    [['::/90'], '::1', '203.0.113.9'],
  ])('%j lets %s pass and not %s', (list, inside, outside) => {
    expect(denied(list, inside)).toBe(false)
    expect(denied(list, outside)).toBe(true)
  })

  /** The address with one bit, counted from the left, the other way round. */
  function flip(address: string, bit: number): string {
    const bytes = ipaddr.parse(address).toByteArray()
    return ipaddr
      .fromByteArray(bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (0x80 >> (bit & 7)) : byte)))
      .toString()
  }

  test('holds an address exactly if node:net’s BlockList does', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => parseAddress(text) ?? '::')
    fc.assert(
      fc.property(address, fc.nat(127), fc.nat(128), (ip, bit, length) => {
        const [bits, family] = isIP(ip) === 4 ? ([32, 'ipv4'] as const) : ([128, 'ipv6'] as const)
        const start = parseAddress(flip(ip, bit % bits)) ?? expect.unreachable()
        fc.pre(isIP(start) === isIP(ip))
        const oracle = new BlockList()
        oracle.addSubnet(start, length % (bits + 1), family)
        expect(denied([`${start}/${length % (bits + 1)}`], ip)).toBe(!oracle.check(ip, family))
      }),
      { numRuns: 3000 },
    )
  })

  test('is in nobody’s way where there is none, and lets no unknown address pass', () => {
    expect(denied(null, null)).toBe(false)
    expect(denied(['0.0.0.0/0', '::/0'], null)).toBe(true)
  })
})

describe('the caller’s address', () => {
  const trusted = ['10.0.0.0/8', '2001:db8:aaaa::/48'].map((text) => networkOf(text) ?? expect.unreachable())
  const header = 'X-Forwarded-For'
  const behind = createAddressOf({ trusted, header })
  const addressOf = (peer: string | undefined, value?: string, of = behind) =>
    of(peer, (name) => (name === header ? value : 'not the believed header'))

  test.each([
    ['192.0.2.7', '198.51.100.1', '192.0.2.7'],
    ['::ffff:192.0.2.7', '198.51.100.1', '192.0.2.7'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['2001:db8:aaaa::1', '2001:DB8::7', '2001:db8::7'],
    ['10.0.0.1', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '6.6.6.6, 198.51.100.1, 10.0.0.2,10.0.0.3', '198.51.100.1'],
    ['10.0.0.1', 'garbage, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1 ,\t10.0.0.2 ', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1:49152', '198.51.100.1'],
    ['10.0.0.1', '[2001:db8::7]:49152', '2001:db8::7'],
    ['10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
    ['10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '10.0.0.9, 10.0.0.2', '10.0.0.9'],
  ])('from %s with «%s» is %s', (peer, value, expected) => {
    expect(addressOf(peer, value)).toBe(expected)
  })

  test.each([
    ['the header is absent', undefined],
    ['it is empty', ''],
    ['it is nothing but commas', ', ,'],
    ['it ends in an empty entry', '198.51.100.1,'],
    ['what vouches for the caller is empty', '198.51.100.1, , 10.0.0.2'],
    ['it names a second address behind a semicolon', '198.51.100.1;10.0.0.2'],
    ['an entry opens a bracket alone', '198.51.100.1, [2001:db8::7'],
    ['it is RFC 7239’s', 'for=198.51.100.1'],
    ['its last entry is no address', '198.51.100.1, unknown'],
    ['its last entry is an octal one', '198.51.100.1, 010.0.0.1'],
    ['its last entry has a zone', '198.51.100.1, fe80::1%eth0'],
    ['what vouches for the caller is no address', '198.51.100.1, nonsense, 10.0.0.2'],
    ['the port is none', '198.51.100.1:port'],
  ])('is unknown behind a trusted proxy if %s', (_, value) => {
    expect(addressOf('10.0.0.1', value)).toBeNull()
  })

  test('is the peer’s without trusted proxies, whatever the header says', () => {
    const direct = createAddressOf({ trusted: undefined, header })
    expect(addressOf('10.0.0.1', '198.51.100.1', direct)).toBe('10.0.0.1')
    expect(addressOf(undefined, '198.51.100.1', direct)).toBeNull()
  })

  const hop = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string(),
    fc.constantFrom('10.0.0.2', '', ' ', '::ffff:10.0.0.3', 'unknown'),
  )
  const hops = fc.array(hop, { maxLength: 8 }).map((list) => list.join(','))

  test('from any header is an address in its one form, or unknown', () => {
    fc.assert(
      fc.property(hops, (value) => {
        const address = addressOf('10.0.0.1', value)
        expect(address === null || parseAddress(address) === address).toBe(true)
      }),
    )
  })

  test('is never what a caller wrote before what the trusted proxy added', () => {
    fc.assert(
      fc.property(hops, (forged) => {
        expect(addressOf('10.0.0.1', `${forged},203.0.113.9`)).toBe('203.0.113.9')
        expect(addressOf('10.0.0.1', `${forged}, 203.0.113.9, 10.0.0.2`)).toBe('203.0.113.9')
        expect(addressOf('203.0.113.9', forged)).toBe('203.0.113.9')
      }),
    )
  })
})
