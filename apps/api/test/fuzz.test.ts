import { expect, test } from 'vitest'
import { operationsOf } from './support/document.ts'
import type { Example } from './support/examples.ts'
import type { Random } from './support/random.ts'
import { newSeed, seeded } from './support/random.ts'
import { useTarget } from './support/refusals.ts'

const mutations = 3000
const atOnce = 10
const target = useTarget()

const edits: ((random: Random, bytes: number[], place: number) => unknown)[] = [
  (random, bytes, place) => bytes.splice(place, 1, random.below(256)),
  (random, bytes, place) => bytes.splice(place, random.below(40)),
  (random, bytes, place) => bytes.splice(place, 0, ...bytes.slice(place, place + random.below(40))),
  (random, bytes, place) =>
    bytes.splice(place, 0, ...Buffer.from(random.pick(['"', '{', '\0', '\\u0000', '1e999', '😀']))),
  (random, bytes, place) => random.chance(0.1) && bytes.splice(place),
]

function mutateText(random: Random, text: string): Buffer {
  const bytes = [...Buffer.from(text)]
  for (let n = random.below(4); n >= 0; n--) random.pick(edits)(random, bytes, random.below(bytes.length + 1))
  return Buffer.from(bytes)
}

/** What an HTTP client agrees to send in a header or a path. */
const printable = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .replace(/[^ -~]/g, '~')
    .trim()

function mutate(random: Random, { method, path, headers, body }: Example): { request: Example; body?: Buffer } {
  const request = {
    method,
    path,
    headers: { ...headers, 'Content-Type': 'application/json' } as Record<string, string>,
  }
  if (random.chance(0.2)) request.path = encodeURI(printable(mutateText(random, path))).replace(/^\/*/, '/')
  const name = random.pick(Object.keys(request.headers))
  if (random.chance(0.2)) request.headers[name] = printable(mutateText(random, request.headers[name] ?? ''))
  if (random.chance(0.1)) request.method = random.pick(['POST', 'PUT', 'PATCH', 'OPTIONS'])
  return request.method === 'GET' ? { request } : { request, body: mutateText(random, JSON.stringify(body ?? {})) }
}

test(`none of ${mutations} random mutations of right requests is a 5xx, shows internals or stops the server`, async () => {
  const seed = newSeed()
  const random = seeded(seed)
  const names = operationsOf(target.document).map(([name]) => name)
  const sendOne = async (): Promise<void> => {
    const { request, body } = mutate(random, target.example(random.pick(names)))
    const { status, text } = await target.send(request, body)
    const sent = `seed ${seed}: ${JSON.stringify(request)} ${body?.toString('latin1') ?? ''}`
    expect(status, sent).toBeLessThan(500)
    expect(text, sent).not.toMatch(/\bat .*\.[jt]s:\d|node_modules|SQLITE/)
  }
  for (let n = 0; n < mutations; n += atOnce) await Promise.all(Array.from({ length: atOnce }, sendOne))
})
