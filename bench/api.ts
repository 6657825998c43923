/**
 * Creates and one-time reveals a second, of Halfkey and of the yardstick, every reply after its commit.
 *
 *     node bench/api.ts [--quick]
 */
import type { Server } from './harness.ts'
import {
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
import { createRequest, revealRequest } from './requests.ts'
import { sealSecrets } from './secrets.ts'

const rounds = quick ? 1 : 5
const warmUp = quick ? 32 : 2_000
const measured = quick ? 200 : 10_000

const secrets = sealSecrets(warmUp + measured)
const creates = secrets.map((secret) => createRequest(secret))
const reveals = secrets.map((secret) => revealRequest(secret))

const contenders: Record<string, (folder: string) => Promise<Server>> = {
  yardstick: (folder) => startYardstick('each', folder),
  'group commit': (folder) => startYardstick('group', folder),
  Halfkey: startHalfkey,
}

/** By contender and operation, a round each. */
const results = new Map<string, LoadResult[]>()
const runs = (what: string): LoadResult[] => results.get(what) ?? []

async function measure(what: string, address: string, requests: Buffer[]): Promise<void> {
  const result = await load(address, requests, { warmUp })
  results.set(what, [...runs(what), result])
}

printMachine()
for (let round = 0; round < rounds; round++) {
  for (const [name, start] of Object.entries(contenders)) {
    using folder = makeFolder()
    await using server = await start(folder.path)
    await measure(`${name}, create`, server.address, creates)
    await measure(`${name}, reveal`, server.address, reveals)
  }
}

const of = (what: string, figure: keyof LoadResult): number => median(runs(what).map((run) => run[figure]))

/** The median of the rounds' ratios: what else the machine did in a round slowed both. */
const ratio = (what: string, to: string): number =>
  median(runs(what).map(({ rate }, round) => rate / (runs(to)[round]?.rate ?? NaN)))

const yardstick = 'yardstick, create'

printTable(
  ['', 'requests/s', '× yardstick', 'p50 ms', 'p99 ms'],
  [...results.keys()].map((what) => [
    what,
    of(what, 'rate').toFixed(0),
    ratio(what, yardstick).toFixed(2),
    of(what, 'p50').toFixed(1),
    of(what, 'p99').toFixed(1),
  ]),
)
holdFloors([
  { what: 'create / yardstick', value: ratio('Halfkey, create', yardstick), least: 1.6 },
  { what: 'reveal / yardstick', value: ratio('Halfkey, reveal', yardstick), least: 1.4 },
  { what: 'create / group commit', value: ratio('Halfkey, create', 'group commit, create'), least: 0.5 },
  { what: 'reveal / group commit', value: ratio('Halfkey, reveal', 'group commit, reveal'), least: 0.5 },
  { what: 'create, p99', value: of('Halfkey, create', 'p99'), most: 50, unit: 'ms' },
  { what: 'reveal, p99', value: of('Halfkey, reveal', 'p99'), most: 50, unit: 'ms' },
])
