/**
 * Reveals of named secrets a second, by a backend's token and from an allowed address, each in the access log before its
 * reply; against the yardstick's one durable row.
 *
 *     node bench/kms.ts [--quick] [--lean]
 */
import { cannonade } from './cannon.ts'
import type { Server } from './harness.ts'
import {
  createToken,
  holdFloors,
  makeFolder,
  median,
  printMachine,
  printTable,
  quick,
  startHalfkey,
  startYardstick,
} from './harness.ts'
import type { LoadResult } from './load.ts'
import { load } from './load.ts'
import { createRequest, revealNamedRequest } from './requests.ts'
import { sealSecrets } from './secrets.ts'

const rounds = quick ? 1 : 5
const warmUp = quick ? 32 : 2_000
const measured = quick ? 200 : 10_000
const named = 100
const run = process.argv.includes('--lean') ? load : cannonade

const secrets = sealSecrets(warmUp + measured)
const creates = secrets.map((secret) => createRequest(secret))
const handlerOf = (n: number): string => `prod/service-${n % named}/database`

async function post(address: string, method: string, path: string, token: string, body: unknown): Promise<unknown> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const reply = await fetch(`${address}/api/v1${path}`, { method, headers, body: JSON.stringify(body) })
  if (reply.status !== 201) throw new Error(`${method} ${path} answered ${reply.status}`)
  return ((await reply.json()) as { data: unknown }).data
}

/** As many named secrets of 1 KiB, and the token of a backend that may reveal them. */
async function prepare({ address }: Server, folder: string): Promise<string> {
  const admin = createToken(folder)
  for (const [n, { create }] of secrets.slice(0, named).entries()) {
    const { key_a, envelope } = create
    const body = { version: 1, key_a, envelope, whitelist: ['10.0.0.0/8', '127.0.0.0/8'] }
    await post(address, 'PUT', `/kms/${encodeURIComponent(handlerOf(n))}`, admin, body)
  }
  const fields = { name: 'backend', scopes: ['kms:reveal'], handlers: ['prod/*'], ips: ['127.0.0.1'] }
  return ((await post(address, 'POST', '/tokens', admin, fields)) as { token: string }).token
}

const results: Record<'yardstick' | 'Halfkey', LoadResult[]> = { yardstick: [], Halfkey: [] }

printMachine()
for (let round = 0; round < rounds; round++) {
  {
    using folder = makeFolder()
    await using server = await startYardstick('each', folder.path)
    results.yardstick.push(await run(server.address, creates, { warmUp }))
  }
  using folder = makeFolder()
  await using server = await startHalfkey(folder.path)
  const token = await prepare(server, folder.path)
  const reveals = creates.map((_, n) => revealNamedRequest(handlerOf(n), token))
  results.Halfkey.push(await run(server.address, reveals, { warmUp }))
}

const of = (name: keyof typeof results, figure: keyof LoadResult): number =>
  median(results[name].map((one) => one[figure]))
const ratio = median(results.Halfkey.map(({ rate }, round) => rate / (results.yardstick[round]?.rate ?? NaN)))

printTable(
  ['', 'requests/s', '× yardstick', 'p50 ms', 'p99 ms'],
  [
    [
      'yardstick, one durable row',
      of('yardstick', 'rate').toFixed(0),
      '1.00',
      of('yardstick', 'p50').toFixed(1),
      of('yardstick', 'p99').toFixed(1),
    ],
    [
      'Halfkey, named reveal',
      of('Halfkey', 'rate').toFixed(0),
      ratio.toFixed(2),
      of('Halfkey', 'p50').toFixed(1),
      of('Halfkey', 'p99').toFixed(1),
    ],
  ],
)
holdFloors([{ what: 'named reveal / yardstick', value: ratio, least: 1.2 }])
