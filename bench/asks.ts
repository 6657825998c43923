/**
 * What asking and answering cost the server beside a create: CPU a request, every reply after its commit.
 *
 *     node bench/asks.ts [--quick] [--lean]
 *
 * The answers are to one request, so that each also counts a place in the row of the one before.
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
} from './harness.ts'
import { load } from './load.ts'
import { answerRequest, askRequest, createRequest } from './requests.ts'
import { sealAnswers, sealAsk, sealAsks, sealSecrets } from './secrets.ts'

const rounds = quick ? 1 : 5
const warmUp = quick ? 32 : 2_000
const measured = quick ? 200 : 8_000
const run = process.argv.includes('--lean') ? load : cannonade
/** A request takes at most so many answers. */
const places = 100

const secrets = sealSecrets(warmUp + measured)
const answers = sealAnswers(warmUp + measured)

/** By operation, a round each, in microseconds of the server's process, user and system. */
const cpu: Record<'create' | 'ask' | 'answer', number[]> = { create: [], ask: [], answer: [] }
const rate: Record<keyof typeof cpu, number[]> = { create: [], ask: [], answer: [] }

async function measure(what: keyof typeof cpu, server: Server, requests: Buffer[]): Promise<void> {
  let before = NaN
  const onWarm = (): void => void (before = server.cpu())
  const result = await run(server.address, requests, { warmUp, onWarm })
  cpu[what].push((server.cpu() - before) / (requests.length - warmUp))
  rate[what].push(result.rate)
}

printMachine()
for (let round = 0; round < rounds; round++) {
  using folder = makeFolder()
  await using server = await startHalfkey(folder.path)
  const token = createToken(folder.path)
  const open = sealAsks(Math.ceil(answers.length / places), places)
  await load(
    server.address,
    open.map((asked) => askRequest(asked, token)),
  )
  const asks = Array.from({ length: warmUp + measured }, () => askRequest(sealAsk(), token))
  await measure(
    'create',
    server,
    secrets.map((secret) => createRequest(secret, token)),
  )
  await measure('ask', server, asks)
  await measure(
    'answer',
    server,
    answers.map((answer, n) => answerRequest(open[Math.floor(n / places)] ?? sealAsk(), answer)),
  )
}

/** The median of the rounds' ratios: what else the machine did in a round slowed both. */
const ratio = (what: 'ask' | 'answer'): number =>
  median(cpu[what].map((value, round) => value / (cpu.create[round] ?? NaN)))

printTable(
  ['', 'requests/s', 'CPU µs', '× create'],
  (['create', 'ask', 'answer'] as const).map((what) => [
    what,
    median(rate[what]).toFixed(0),
    median(cpu[what]).toFixed(0),
    what === 'create' ? '1.00' : ratio(what).toFixed(2),
  ]),
)
holdFloors([
  { what: 'CPU of asking / create', value: ratio('ask'), most: 1.3 },
  { what: 'CPU of answering / create', value: ratio('answer'), most: 1.5 },
])
