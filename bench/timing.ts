/**
 * Whether the time of a reply tells that a slug exists (claim C3): from 50 probes of a slug and 50 of a random one, each
 * with a wrong access, a classifier says which of the two is known. Half of the known ones have ended. The same of requests.
 *
 *     node bench/timing.ts [--quick]
 */
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
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
import {
  answerRequest,
  askRequest,
  createRequest,
  isOfRequest,
  probeRequest,
  probes as calls,
  revealRequest,
} from './requests.ts'
import { b64, sealAnswers, sealAsks, sealSecrets } from './secrets.ts'

const slugs = quick ? 10 : 200
const probes = quick ? 5 : 50
const warmUp = quick ? 50 : 3_000

/** Asks one at a time, and gives the microseconds until the reply. */
function openLine(socket: Socket): (request: Buffer) => Promise<number> {
  socket.setNoDelay(true)
  return async (request) => {
    const start = process.hrtime.bigint()
    socket.write(request)
    const [reply] = (await once(socket, 'data')) as [Buffer]
    const took = process.hrtime.bigint() - start
    // A refusal is small enough to come in one piece.
    if (!reply.toString('latin1').startsWith('HTTP/1.1 404')) throw new Error(`a probe got\n${reply.toString()}`)
    return Number(took) / 1000
  }
}

const quartile = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 2] ?? NaN
/** Each takes the slower of the two for the known one. */
const classifiers = { median, 'lower quartile': quartile }

interface Times {
  known: number[]
  unknown: number[]
}

printMachine()
using folder = makeFolder()
await using server = await startHalfkey(folder.path)
const secrets = sealSecrets(slugs)
await load(
  server.address,
  secrets.map((secret) => createRequest(secret)),
)
await load(
  server.address,
  secrets.filter((_, index) => index % 2 === 0).map((secret) => revealRequest(secret)),
)

const asked = sealAsks(slugs)
const token = createToken(folder.path)
await load(
  server.address,
  asked.map((one) => askRequest(one, token)),
)
const answers = sealAnswers(slugs)
await load(
  server.address,
  asked.flatMap((one, index) => {
    const answer = answers[index]
    return answer && index % 2 === 0 ? [answerRequest(one, answer)] : []
  }),
)

const { hostname, port } = new URL(server.address)
const socket = connect(Number(port), hostname)
await once(socket, 'connect')
const ask = openLine(socket)
const wrong = (): string => b64(randomBytes(32))
const unknownSlugs = sealSecrets(slugs).map(({ create }) => create.slug)
const knownSlugs = secrets.map(({ create }) => create.slug)
const askedSlugs = asked.map(({ ask: { slug } }) => slug)

async function measure(call: (typeof calls)[number], known: string, unknown: string): Promise<Times> {
  const times: Times = { known: [], unknown: [] }
  for (let n = 0; n < probes; n++) {
    // Either comes first as often, because what comes first warms what comes second.
    const order = randomInt(2) === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
    for (const which of order)
      times[which].push(await ask(probeRequest(call, which === 'known' ? known : unknown, wrong())))
  }
  return times
}

const rows: string[][] = []
let most = 0
for (const call of calls) {
  for (let n = 0; n < warmUp; n++) await ask(probeRequest(call, unknownSlugs[n % slugs] ?? '', wrong()))
  const all: Times[] = []
  for (const [index, slug] of (isOfRequest(call) ? askedSlugs : knownSlugs).entries())
    all.push(await measure(call, slug, unknownSlugs[index] ?? ''))
  const right = Object.values(classifiers).map(
    (of) => all.filter(({ known, unknown }) => of(known) > of(unknown)).length / all.length,
  )
  most = Math.max(most, ...right)
  const medians = (['known', 'unknown'] as const).map((which) => median(all.map((times) => median(times[which]))))
  rows.push([call, ...medians.map((us) => us.toFixed(1)), ...right.map((share) => `${(share * 100).toFixed(0)} %`)])
}
socket.destroy()

printTable(['call', 'known µs', 'unknown µs', ...Object.keys(classifiers).map((name) => `right by ${name}`)], rows)
holdFloors([{ what: 'known slugs told from random ones', value: most * 100, most: 60, unit: '%' }])
