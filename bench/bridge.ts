/**
 * Secrets shared and read a second through the bridge, against the SDK calling the API itself, from one process each.
 *
 *     node bench/bridge.ts [--quick]
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { repeat, text } from './bridge-work.ts'
import {
  holdFloors,
  makeFolder,
  median,
  printMachine,
  printTable,
  quick,
  startBridge,
  startHalfkey,
} from './harness.ts'

const rounds = quick ? 1 : 5
const count = quick ? 40 : 3_000
const warmUp = quick ? 8 : 500
const concurrency = 16

const agent = new Agent({ keepAlive: true, maxSockets: concurrency })

/** The reply's JSON. */
function post(url: string, form: string): Promise<Record<string, string>> {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': form.length }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      readText(response)
        .then((body) => resolve(JSON.parse(body) as Record<string, string>))
        .catch(reject)
    })
    sent.on('error', reject).end(form)
  })
}

const throughBridge = (address: string) => async (): Promise<void> => {
  const { secret_key = '' } = await post(`${address}/api/v1/share`, `secret=${text}`)
  const { value } = await post(`${address}/api/v1/secret/${secret_key}`, '')
  if (value !== text) throw new Error('what was read is not what was shared')
}

const direct = fileURLToPath(new URL('bridge-direct.ts', import.meta.url))

async function bySdk(address: string): Promise<number> {
  const args = [direct, address, ...[count, warmUp, concurrency].map(String)]
  return Number((await promisify(execFile)(process.execPath, args)).stdout)
}

printMachine()
const sdk: number[] = []
const bridged: number[] = []
for (let round = 0; round < rounds; round++) {
  using folder = makeFolder()
  await using server = await startHalfkey(folder.path)
  sdk.push(await bySdk(server.address))
  await using bridge = await startBridge(folder.path, {
    HALFKEY_URL: server.address,
    HALFKEY_WORKSPACE_KEY: randomBytes(32).toString('base64url'),
  })
  bridged.push(await repeat(throughBridge(bridge.address), count, warmUp, concurrency))
}
agent.destroy()

printTable(
  ['', 'shared and read/s'],
  [
    ['the SDK', median(sdk).toFixed(0)],
    ['the bridge', median(bridged).toFixed(0)],
  ],
)
holdFloors([{ what: 'bridge / SDK', value: median(bridged.map((rate, i) => rate / (sdk[i] ?? NaN))), least: 0.35 }])
