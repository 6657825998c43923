/**
 * Creates and one-time reveals a second, of Halfkey and of the yardstick, every reply after its commit.
 *
 *     node bench/api.ts [--quick] [--lean]
 *
 * The load is autocannon's; with `--lean` it is our own generator's, which leaves the servers more of the machine.
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
import { cannonade } from './cannon.ts'
import type { LoadResult } from './load.ts'
import { load } from './load.ts'
import { createRequest, revealRequest } from './requests.ts'
import { sealSecrets } from './secrets.ts'

const rounds = quick ? 1 : 5
const lean = process.argv.includes('--lean')
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

interface Measured extends LoadResult {
  /** Of the server's process, user and system, in microseconds a request: it hardly depends on what else the machine does. */
  cpu: number
}

/** By contender and operation, a round each. */
const results = new Map<string, Measured[]>()
const runs = (what: string): Measured[] => results.get(what) ?? []

async function measure(what: string, server: Server, requests: Buffer[]): Promise<void> {
  let before = NaN
  const onWarm = (): void => void (before = server.cpu())
  const result = await (lean ? load : cannonade)(server.address, requests, { warmUp, onWarm })
  results.set(what, [...runs(what), { ...result, cpu: (server.cpu() - before) / (requests.length - warmUp) }])
}

printMachine()
for (let round = 0; round < rounds; round++) {
  for (const [name, start] of Object.entries(contenders)) {
    using folder = makeFolder()
    await using server = await start(folder.path)
    await measure(`${name}, create`, server, creates)
    await measure(`${name}, reveal`, server, reveals)
  }
}

const of = (what: string, figure: keyof Measured): number => median(runs(what).map((run) => run[figure]))

/** The median of the rounds' ratios: what else the machine did in a round slowed both. */
const ratio = (what: string, to: string, figure: keyof Measured = 'rate'): number =>
  median(runs(what).map((run, round) => run[figure] / (runs(to)[round]?.[figure] ?? NaN)))

const yardstick = 'yardstick, create'

printTable(
  ['', 'requests/s', '× yardstick', 'CPU µs', '× group commit', 'p50 ms', 'p99 ms'],
  [...results.keys()].map((what) => [
    what,
    of(what, 'rate').toFixed(0),
    ratio(what, yardstick).toFixed(2),
    of(what, 'cpu').toFixed(0),
    ratio(what, what.replace(/^[^,]*/, 'group commit'), 'cpu').toFixed(2),
    of(what, 'p50').toFixed(1),
    of(what, 'p99').toFixed(1),
  ]),
)
// The floor was set with autocannon: README.md says what the lean generator shows instead.
holdFloors([
  { what: 'create / yardstick', value: ratio('Halfkey, create', yardstick), least: 1.6 },
  { what: 'reveal / yardstick', value: ratio('Halfkey, reveal', yardstick), least: 1.4 },
  { what: 'create / group commit', value: ratio('Halfkey, create', 'group commit, create'), least: lean ? 0.3 : 0.5 },
  { what: 'reveal / group commit', value: ratio('Halfkey, reveal', 'group commit, reveal'), least: lean ? 0.3 : 0.4 },
  { what: 'CPU of a create / group commit', value: ratio('Halfkey, create', 'group commit, create', 'cpu'), most: 2 },
  { what: 'CPU of a reveal / group commit', value: ratio('Halfkey, reveal', 'group commit, reveal', 'cpu'), most: 2.6 },
  { what: 'create, p99', value: of('Halfkey, create', 'p99'), most: 50, unit: 'ms' },
  { what: 'reveal, p99', value: of('Halfkey, reveal', 'p99'), most: 50, unit: 'ms' },
])
