/** Builds small databases of networks: https://maxmind.github.io/MaxMind-DB/, format 2.0 with records of 24 bits. */
import { isIPv4 } from 'node:net'

type Value = string | number | Value[] | { [name: string]: Value }

/** Data types of the format; those above 7 take a second byte. */
const types = { text: 2, uint32: 6, map: 7, array: 11 }

function control(type: number, size: number): Buffer {
  if (size >= 29) throw new RangeError('too long for a small database')
  return Buffer.from(type <= 7 ? [(type << 5) | size] : [size, type - 7])
}

function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([control(types.text, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(types.uint32, 4), bytes])
  }
  if (Array.isArray(value)) return Buffer.concat([control(types.array, value.length), ...value.map(encode)])
  const members = Object.entries(value)
  return Buffer.concat([
    control(types.map, members.length),
    ...members.flatMap(([name, of]) => [encode(name), encode(of)]),
  ])
}

type Node = [Node | Buffer | null, Node | Buffer | null]

function bitsOf(address: string, ipVersion: 4 | 6): string {
  const groups = isIPv4(address)
    ? address.split('.').map((part) => Number(part).toString(2).padStart(8, '0'))
    : expand(address).map((part) =>
        Number.parseInt(part || '0', 16)
          .toString(2)
          .padStart(16, '0'),
      )
  const bits = groups.join('')
  return isIPv4(address) && ipVersion === 6 ? bits.padStart(128, '0') : bits
}

function expand(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const [left, right] = [head, tail ?? ''].map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]]
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}

/** `networks`: a CIDR block → its record. */
export function buildMmdb(networks: Record<string, Value>, ipVersion: 4 | 6 = 6): Buffer {
  const root: Node = [null, null]
  for (const [network, record] of Object.entries(networks)) {
    const [address = '', length] = network.split('/')
    const all = bitsOf(address, ipVersion)
    const bits = all.slice(0, all.length - (isIPv4(address) ? 32 : 128) + Number(length))
    let node = root
    for (const bit of bits.slice(0, -1)) {
      const next = node[Number(bit) as 0 | 1]
      node = next && !Buffer.isBuffer(next) ? next : (node[Number(bit) as 0 | 1] = [null, null])
    }
    node[Number(bits.at(-1)) as 0 | 1] = encode(record)
  }
  return serialize(root, ipVersion)
}

function serialize(root: Node, ipVersion: 4 | 6): Buffer {
  const nodes = [root]
  for (let i = 0; i < nodes.length; i++)
    for (const child of nodes[i] ?? []) if (child && !Buffer.isBuffer(child)) nodes.push(child)

  const separator = Buffer.alloc(16)
  let data = Buffer.alloc(0)
  const tree = Buffer.alloc(nodes.length * 6)
  nodes.forEach((node, index) => {
    node.forEach((child, side) => {
      let record = nodes.length
      if (Buffer.isBuffer(child)) {
        record += separator.length + data.length
        data = Buffer.concat([data, child])
      } else if (child) record = nodes.indexOf(child)
      tree.writeUIntBE(record, index * 6 + side * 3, 3)
    })
  })
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_767_225_600,
    database_type: 'Test-Country',
    description: { en: 'A test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
  })
  return Buffer.concat([tree, separator, data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), metadata])
}
