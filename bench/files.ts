/**
 * A file of 1 GiB sealed and opened, against age; and sent through the API and fetched back, against curl and a bare
 * Node handler. age is Debian's package; without it and curl there is nothing to measure against.
 *
 *     node bench/files.ts [--quick]
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createToken,
  holdFloors,
  makeFolder,
  median,
  printMachine,
  printTable,
  quick,
  startBare,
  startHalfkey,
} from './harness.ts'

const mebibyte = 2 ** 20
const size = (quick ? 16 : 1024) * mebibyte
const rounds = quick ? 1 : 3

const missing = ['age', 'curl'].filter((program) => spawnSync('which', [program]).status !== 0)
if (missing.length > 0) {
  console.log(`SKIPPED: bench/files.ts needs ${missing.join(' and ')} (apt-get install ${missing.join(' ')}).`)
  if (!quick) process.exitCode = 1
  process.exit()
}

interface Run {
  ms: number
  /** Bytes. */
  grew: number
}

const results = new Map<string, Run[]>()
const keep = (what: string, run: Run): void => void results.set(what, [...(results.get(what) ?? []), run])
const of = (what: string, field: keyof Run): number => median((results.get(what) ?? []).map((run) => run[field]))

function time(what: string, command: string, args: string[]): void {
  const start = performance.now()
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  keep(what, { ms: performance.now() - start, grew: 0 })
}

const nowhere = 'http://127.0.0.1:1'
const worker = fileURLToPath(new URL('files-work.ts', import.meta.url))

function work(what: string, args: string[], env: NodeJS.ProcessEnv = {}): { link?: string } {
  const output = execFileSync(process.execPath, ['--expose-gc', worker, ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  const run = JSON.parse(output) as Run & { link?: string }
  keep(what, run)
  return run
}

function makeFile(file: string): void {
  const target = openSync(file, 'w')
  for (let at = 0; at < size; at += mebibyte) writeSync(target, randomBytes(mebibyte))
  closeSync(target)
}

printMachine()
using folder = makeFolder()
const [plain, sealed, aged, key] = ['plain', 'sealed', 'aged', 'key'].map((name) => path.join(folder.path, name)) as [
  string,
  string,
  string,
  string,
]
makeFile(plain)
execFileSync('age-keygen', ['-o', key], { stdio: 'ignore' })
const recipient = execFileSync('age-keygen', ['-y', key], { encoding: 'utf8' }).trim()
execFileSync('age', ['-r', recipient, '-o', aged, plain])
execFileSync(process.execPath, [worker, 'keep', plain, sealed, nowhere])

for (let round = 0; round < rounds; round++) {
  time('age, seal', 'age', ['-r', recipient, '-o', '/dev/null', plain])
  work('Halfkey SDK, seal', ['seal', plain, sealed, nowhere])
  time('age, open', 'age', ['-d', '-i', key, '-o', '/dev/null', aged])
  work('Halfkey SDK, open', ['open', plain, sealed, nowhere])
  work('the same, chunks left to the garbage collector', ['open-only', plain, sealed, nowhere])
}
for (const file of [sealed, aged]) rmSync(file)

{
  await using bare = await startBare(folder.path)
  await using server = await startHalfkey(folder.path, { HALFKEY_LOG: 'off' })
  const token = createToken(folder.path)
  for (let round = 0; round < rounds; round++) {
    time('curl to a bare handler', 'curl', ['-sf', '-T', plain, bare.address])
    const { link = '' } = work('Halfkey, sent through the API', ['send', plain, '', server.address], {
      BENCH_TOKEN: token,
    })
    time('curl from a bare handler', 'curl', ['-sf', '-o', '/dev/null', bare.address])
    work('Halfkey, fetched back', ['fetch', plain, '', server.address, link])
  }
}

const rate = (what: string): number => size / mebibyte / (of(what, 'ms') / 1000)
const ratio = (what: string, other: string): number => rate(what) / rate(other)
printTable(
  [`${size / mebibyte} MiB`, 'MiB/s', 'memory, MiB'],
  [...results.keys()].map((what) => {
    const grew = of(what, 'grew')
    return [what, rate(what).toFixed(0), grew > 0 ? (grew / mebibyte).toFixed(0) : '']
  }),
)
const grew = (what: string): number => of(what, 'grew') / mebibyte
holdFloors([
  { what: 'sealing / age', value: ratio('Halfkey SDK, seal', 'age, seal'), least: 0.8 },
  { what: 'opening / age', value: ratio('Halfkey SDK, open', 'age, open'), least: 1 },
  { what: 'sealing, memory', value: grew('Halfkey SDK, seal'), most: 128, unit: 'MiB' },
  { what: 'opening, memory', value: grew('Halfkey SDK, open'), most: 128, unit: 'MiB' },
  { what: 'sent / curl', value: ratio('Halfkey, sent through the API', 'curl to a bare handler'), least: 0.5 },
  { what: 'fetched / curl', value: ratio('Halfkey, fetched back', 'curl from a bare handler'), least: 0.5 },
])
