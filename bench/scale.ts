/**
 * Whether size costs anything: memory after 100,000 secrets; list, details and reveal among 1,000,000 rows against the
 * same among 1,000.
 *
 *     node bench/scale.ts [--quick]
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import type Sqlite from 'better-sqlite3'
import { fill } from './fill.ts'
import type { Folder, Server } from './harness.ts'
import {
  createToken,
  holdFloors,
  makeFolder,
  median,
  printMachine,
  printTable,
  quick,
  startHalfkey,
} from './harness.ts'
import { load } from './load.ts'
import { createRequest, detailsRequest, listRequest, revealRequest } from './requests.ts'
import type { SealedSecret } from './secrets.ts'
import { sealSecrets } from './secrets.ts'

const require = createRequire(new URL('../apps/api/package.json', import.meta.url))
const Database = require('better-sqlite3') as typeof Sqlite

/** Resident memory in MiB, as the server's own metrics have it. */
async function residentMemory({ address }: Server): Promise<number> {
  const metrics = await (await fetch(`${address}/metrics`)).text()
  const bytes = /^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]
  return Number(bytes) / 2 ** 20
}

/** The most that was resident while `count` secrets were created. */
async function memoryAfter(count: number): Promise<number> {
  using folder = makeFolder()
  await using server = await startHalfkey(folder.path)
  const batch = Math.min(count, 10_000)
  const seen: number[] = []
  for (let created = 0; created < count; created += batch) {
    await load(
      server.address,
      sealSecrets(batch).map((secret) => createRequest(secret)),
    )
    seen.push(await residentMemory(server))
  }
  return Math.max(...seen)
}

interface Filled extends AsyncDisposable {
  address: string
  token: string
  rows: number
  /** Spread evenly among all rows, each with any number of views. */
  probes: SealedSecret[]
}

/** A server over `rows` secrets, of which `probeCount` are real ones, made through the API. */
async function startWith(rows: number, probeCount: number, folder: Folder): Promise<Filled> {
  const probes = sealSecrets(probeCount, 1024, null)
  const batches = Math.min(100, probeCount)
  let token: string
  {
    await using server = await startHalfkey(folder.path)
    token = createToken(folder.path)
    const database = new Database(path.join(folder.path, 'data', 'halfkey.sqlite'), { timeout: 60_000 })
    database.pragma('synchronous = OFF')
    for (let batch = 0; batch < batches; batch++) {
      const some = probes.slice((batch * probeCount) / batches, ((batch + 1) * probeCount) / batches)
      await load(
        server.address,
        some.map((secret) => createRequest(secret, token)),
      )
      if (rows > probeCount) fill(database, (rows - probeCount) / batches)
    }
    database.close()
  }
  const server = await startHalfkey(folder.path)
  return { address: server.address, token, rows, probes, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const repeat = <T>(count: number, items: readonly T[]): T[] => Array.from({ length: count }, () => items).flat()

/** Offset paging walks past every row before: shown, and not held against a floor. */
const lastPage = 'list, last page'

const operations: Record<string, (filled: Filled) => Buffer[]> = {
  'list, newest page': ({ token }) => repeat(quick ? 10 : 2_000, [listRequest('page=1&per_page=20', token)]),
  'list, by status': ({ token }) => repeat(quick ? 10 : 2_000, [listRequest('status=active&per_page=20', token)]),
  [lastPage]: ({ token, rows }) => repeat(4, [listRequest(`page=${rows / 10}&per_page=10`, token)]),
  details: ({ token, probes }) => repeat(4, probes).map((probe) => detailsRequest(probe, token)),
  reveal: ({ probes }) => repeat(4, probes).map((probe) => revealRequest(probe)),
}

const [few, many, probeCount] = quick ? [50, 1_000, 50] : [1_000, 1_000_000, 1_000]
const rounds = quick ? 1 : 7

printMachine()
const memory = await memoryAfter(quick ? 200 : 100_000)

using smallFolder = makeFolder()
using largeFolder = makeFolder()
await using small = await startWith(few, probeCount, smallFolder)
await using large = await startWith(many, probeCount, largeFolder)

const measured = []
for (const [what, requests] of Object.entries(operations)) {
  const pairs: { small: number; large: number; ratio: number }[] = []
  for (let round = 0; round <= rounds; round++) {
    const [a, b] = [await load(small.address, requests(small)), await load(large.address, requests(large))]
    const cold = round === 0
    if (!cold) pairs.push({ small: a.rate, large: b.rate, ratio: b.rate / a.rate })
  }
  const of = (figure: 'small' | 'large' | 'ratio'): number => median(pairs.map((pair) => pair[figure]))
  measured.push({ what, small: of('small'), large: of('large'), ratio: of('ratio') })
}

const grouped = (n: number): string => n.toLocaleString('en')
printTable(
  ['requests/s', `${grouped(few)} rows`, `${grouped(many)} rows`],
  measured.map(({ what, small, large }) => [what, small.toFixed(0), large.toFixed(0)]),
)
holdFloors([
  { what: `memory, ${quick ? '200' : '100,000'} secrets`, value: memory, most: 200, unit: 'MiB' },
  ...measured
    .filter(({ what }) => what !== lastPage)
    .map(({ what, ratio }) => ({ what: `${what}, many / few`, value: ratio, least: 0.8 })),
])
