/**
 * One-time reveals a second that pass an IP list, a country list and a password, against ones that pass nothing; and
 * what counting them against a rate limit costs.
 *
 *     node bench/policies.ts [--quick]
 */
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { buildMmdb } from '../apps/api/test/support/mmdb.ts'
import type { Server } from './harness.ts'
import { holdFloors, makeFolder, median, printMachine, printTable, quick, startHalfkey } from './harness.ts'
import type { LoadResult } from './load.ts'
import { load } from './load.ts'
import { createRequest, revealRequest } from './requests.ts'
import type { SealedSecret } from './secrets.ts'
import { b64, sealSecrets } from './secrets.ts'

/** Contenders take turns in short slices, each in every place of the turn, because what else the machine does drifts. */
const slices = quick ? 1 : 24
const sliceLength = quick ? 200 : 1_500
const warmUp = 100

/** What a company asks for: the caller is in the last entry of each list. */
const networks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '203.0.113.0/24', '127.0.0.0/8']
const countries = ['DE', 'AT', 'CH', 'NL', 'FR']

/** A slice's requests, ready to be sent. */
interface Slice {
  creates: Buffer[]
  reveals: Buffer[]
}

function open(secrets: SealedSecret[]): Slice {
  return {
    creates: secrets.map((secret) => createRequest(secret)),
    reveals: secrets.map((secret) => revealRequest(secret)),
  }
}

function guarded(secrets: SealedSecret[]): Slice {
  const asking = secrets.map((secret) => {
    const proof = randomBytes(32)
    const verifier = createHash('sha256').update(proof).digest()
    const policies = { password_verifier: b64(verifier), ip_whitelist: networks, geolocation: countries }
    return { secret: { ...secret, create: { ...secret.create, ...policies } }, proof: b64(proof) }
  })
  return {
    creates: asking.map(({ secret }) => createRequest(secret)),
    reveals: asking.map(({ secret, proof }) => revealRequest(secret, { password_proof: proof })),
  }
}

async function start(folder: string, settings: NodeJS.ProcessEnv = {}): Promise<Server> {
  const database = path.join(folder, 'countries.mmdb')
  writeFileSync(database, buildMmdb({ '127.0.0.0/8': { country: { iso_code: 'FR' } } }))
  return startHalfkey(folder, { HALFKEY_GEO_DB: database, ...settings })
}

const generous = { HALFKEY_RATE_LIMIT: 'on', HALFKEY_RATE_CREATE: '1000000', HALFKEY_RATE_OPEN: '1000000' }

printMachine()
using folder = makeFolder()
using limitedFolder = makeFolder()
await using server = await start(folder.path)
await using limited = await start(limitedFolder.path, generous)

const contenders = {
  'no policy': { server, make: open },
  'IP, country and password': { server, make: guarded },
  'no policy, rate limit': { server: limited, make: open },
}
type Contender = keyof typeof contenders
const names = Object.keys(contenders) as Contender[]
const results = { 'no policy': [], 'IP, country and password': [], 'no policy, rate limit': [] } as Record<
  Contender,
  LoadResult[]
>

for (let slice = 0; slice < slices; slice++) {
  const first = slice % names.length
  for (const name of [...names.slice(first), ...names.slice(0, first)]) {
    const { server, make } = contenders[name]
    const { creates, reveals } = make(sealSecrets(warmUp + sliceLength))
    await load(server.address, creates)
    results[name].push(await load(server.address, reveals, { warmUp }))
  }
}

const of = (name: Contender, figure: keyof LoadResult): number => median(results[name].map((run) => run[figure]))
const ratio = (name: Contender): number =>
  median(results[name].map((run, slice) => run.rate / (results['no policy'][slice]?.rate ?? NaN)))

printTable(
  ['one-time reveals', 'requests/s', '× no policy', 'p50 ms', 'p99 ms'],
  names.map((name) => [
    name,
    of(name, 'rate').toFixed(0),
    ratio(name).toFixed(2),
    of(name, 'p50').toFixed(1),
    of(name, 'p99').toFixed(1),
  ]),
)
holdFloors([
  { what: 'IP, country and password / no policy', value: ratio('IP, country and password'), least: 0.85 },
  { what: 'rate limit / none', value: ratio('no policy, rate limit'), least: 0.9 },
])
