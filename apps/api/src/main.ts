/** The command `halfkey-api`: the only place that reads the environment, prints for people, or exits. */
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { Logger } from 'pino'
import { pino } from 'pino'
import type { Config } from './config.ts'
import { readConfig } from './config.ts'
import { systemClock } from './adapters/clock.ts'
import type { LogSink } from './adapters/log-sink.ts'
import { openLogSink } from './adapters/log-sink.ts'
import { StartRefused } from './start-refused.ts'
import * as commands from './commands.ts'
import { createMetrics } from './http/observe.ts'
import { damaged, start } from './start.ts'
import { databaseName } from './store/sqlite/database.ts'
import { StoreDamaged } from './store/store.ts'

/** Put in by the build. */
declare const HALFKEY_VERSION: string

const usage = `halfkey-api                      serve
halfkey-api token create [NAME]  make a token with every scope; shown once
halfkey-api audit verify [--head ID:CHAIN]
                                 walk the access log; says what was changed, removed or moved
halfkey-api burn SLUG            take a secret down, whoever made it; logged
halfkey-api check [--repair]     compare attachments with the database; repairs what it can
halfkey-api compact              take back the disk space of destroyed secrets, best with the server stopped
halfkey-api restore FILE         put a backup of the database in its place, with the server stopped
halfkey-api --version
Settings are HALFKEY_… environment variables: see docs/settings.md.`

/** Lines that go out together, so that a piped reader never sees half of them. */
const say = (...lines: string[]): void => void process.stdout.write(`${lines.join('\n')}\n`)

function welcome(address: string, firstToken: string | null): void {
  say(
    `Halfkey listens on ${address}`,
    '',
    ...(firstToken === null ? [] : aboutToken(address, firstToken)),
    'Share a first secret, from another terminal in this folder:',
    `  echo 'my first secret' | ${command(address)} create -`,
    'and open the link that it prints, in a browser or with:',
    `  ${command(address)} open 'LINK'`,
  )
}

const aboutToken = (address: string, token: string): string[] => [
  'Log in, from another terminal in this folder. Your admin token is shown only this once (halfkey-api token create makes another):',
  `  HALFKEY_TOKEN=${token} npm run -s halfkey -- login --url ${address}`,
  '',
]

/** How this repository's CLI is run; the address is named only where it isn't the CLI's own default. */
const command = (address: string): string =>
  `${address === 'http://127.0.0.1:8787' ? '' : `HALFKEY_URL=${address} `}npm run -s halfkey --`

async function serve(): Promise<void> {
  const { config, unused } = readConfig(process.env)
  for (const name of unused) console.error(`${name} is set, but this version of Halfkey has no such setting.`)
  const metrics = createMetrics()
  const sink = openLog((lines) => metrics.logLinesDropped.inc(lines))
  const log = pino({ base: null, enabled: config.HALFKEY_LOG === 'on' }, sink)
  process.stdout.on('error', ({ message }) => log.warn({ reason: message }, 'stdout did not take what was printed'))

  const started = await start(config, systemClock, log, metrics)
  welcome(config.HALFKEY_PUBLIC_URL ?? started.address, started.firstToken)

  let stopping = false
  const stop = (): void => {
    if (stopping) process.exit(1)
    stopping = true
    void started
      .stop()
      .then(
        () => 0,
        (error: unknown) => {
          log.error({ err: error }, 'the stop left something undone')
          return 1
        },
      )
      .then(async (code) => {
        await sink.close()
        process.exit(code)
      })
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

/** The log on stderr, of which nothing is left unwritten however the process ends. */
function openLog(onDropped: (lines: number) => void): LogSink {
  const sink = openLogSink(2, { onDropped })
  process.on('exit', () => sink.closeSync())
  return sink
}

/** Of commands, which print what they have to say: what failed beneath them. */
const errorLog = (): Logger =>
  pino(
    { base: null, level: 'error' },
    openLog(() => undefined),
  )

/**
 * Runs a command besides serving, prints what it says, and fails the process if it says so. Which database that was goes
 * to stderr, so that the output stays what a script takes.
 */
async function run(command: (config: Config) => Promise<commands.Outcome>): Promise<void> {
  const { config } = readConfig(process.env)
  process.stdout.on('error', ({ message }) => {
    console.error(`The command ran, but what it had to say could not be written: ${message}.`)
    process.exitCode = 1
  })
  try {
    const { lines, failed } = await command(config)
    say(...lines)
    if (failed) process.exitCode = 1
  } catch (error) {
    throw error instanceof StoreDamaged ? new StartRefused(damaged(config)) : error
  }
  console.error(`The database is ${path.join(config.HALFKEY_DATA_DIR, databaseName)}.`)
}

async function main(words: string[]): Promise<void> {
  const [command, action, ...rest] = words
  if (Number(process.versions.node.split('.')[0]) < 22)
    throw new StartRefused(`The server needs Node 22 or newer; this is ${process.version}.`)
  if (command === undefined) return serve()
  if (command === 'token' && action === 'create' && rest.length <= 1)
    return run((config) => commands.createToken(config, systemClock, rest[0] ?? 'admin'))
  if (command === 'audit' && action === 'verify' && (rest.length === 0 || (rest.length === 2 && rest[0] === '--head')))
    return run((config) => commands.verifyAuditLog(config, rest[1]))
  if (command === 'burn' && action !== undefined && rest.length === 0)
    return run((config) => commands.burn(config, systemClock, errorLog(), action))
  if (command === 'check' && rest.length === 0 && (action === undefined || action === '--repair'))
    return run((config) => commands.check(config, systemClock, errorLog(), action !== undefined))
  if (command === 'compact' && action === undefined) return run(commands.compact)
  if (command === 'restore' && action !== undefined && rest.length === 0)
    return run((config) => commands.restore(config, systemClock, action))
  if (command === '--version' || command === '-V') return say(HALFKEY_VERSION)
  if (command === 'help' || command === '--help' || command === '-h') return say(usage)
  throw new StartRefused(usage)
}

process.umask(0o077)
// V8 would let the young generation grow to 48 MiB, though a request leaves little behind: measured by bench/scale.ts.
setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--max-semi-space-size=8')
main(process.argv.slice(2)).catch((error: unknown) => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (error instanceof StartRefused) console.error(error.message)
  else if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL')
    console.error(
      `HALFKEY_LISTEN: ${(error as Error).message}. Choose another address, such as HALFKEY_LISTEN=127.0.0.1:8788.`,
    )
  else console.error(error)
  process.exit(1)
})
