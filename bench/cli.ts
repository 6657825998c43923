/**
 * `halfkey create` and `halfkey open` of 1 KiB, from the start of the process to its end, against a process that does no
 * more than one bare fetch.
 *
 *     node bench/cli.ts [--quick]
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { built, holdFloors, makeFolder, median, printMachine, printTable, quick, startHalfkey } from './harness.ts'

const rounds = quick ? 2 : 51
const program = built('packages/cli/dist/bin.cjs')
const text = randomBytes(768).toString('base64')

/** Answers 200 with a word, whatever is asked. */
async function startBareHandler() {
  const server = createServer((_, reply) => reply.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

async function time(args: string[], env: NodeJS.ProcessEnv, input = ''): Promise<{ ms: number; output: string }> {
  const start = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(input)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
  return { ms: performance.now() - start, output }
}

printMachine()
using folder = makeFolder()
await using server = await startHalfkey(folder.path)
const bare = await startBareHandler()
const env = { PATH: process.env['PATH'], HOME: folder.path, HALFKEY_URL: server.address }

const times: Record<'nothing' | 'fetch' | 'create' | 'open', number[]> = {
  nothing: [],
  fetch: [],
  create: [],
  open: [],
}
for (let round = 0; round < rounds; round++) {
  const nothing = await time(['-e', '0'], env)
  const fetched = await time(['-e', `fetch(${JSON.stringify(bare.address)}).then((reply) => reply.text())`], env)
  const created = await time([program, 'create', '-', '--json'], env, text)
  const { share_url: link = '' } = JSON.parse(created.output) as Record<string, string>
  const opened = await time([program, 'open', link], env)
  if (opened.output !== text) throw new Error('open printed another text')
  times.nothing.push(nothing.ms)
  times.fetch.push(fetched.ms)
  times.create.push(created.ms)
  times.open.push(opened.ms)
}
bare.close()

const ratio = (name: keyof typeof times): number =>
  median(times[name].map((ms, round) => ms / (times.fetch[round] ?? NaN)))
const row = (what: string, name: keyof typeof times): string[] => [
  what,
  median(times[name]).toFixed(0),
  ratio(name).toFixed(2),
]

printTable(
  ['', 'ms', '× one fetch'],
  [
    row('node -e 0', 'nothing'),
    row('node -e fetch(…)', 'fetch'),
    row('halfkey create, 1 KiB', 'create'),
    row('halfkey open, 1 KiB', 'open'),
  ],
)
holdFloors([
  { what: 'create / one fetch', value: ratio('create'), most: 1.6 },
  { what: 'open / one fetch', value: ratio('open'), most: 1.6 },
])
