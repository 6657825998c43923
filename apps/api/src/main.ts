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

/** Defined by the build. */
declare const HALFKEY_VERSION: string

const usage = `halfkey-api                      start the server
halfkey-api token create [NAME]  create a token with all scopes, and show it once
halfkey-api audit verify [--head ID:CHAIN]
                                 check the access log for changed, removed or moved entries
halfkey-api burn SLUG            destroy any secret; this is logged
halfkey-api request list         show the newest requests for secrets
halfkey-api request withdraw SLUG
                                 withdraw any request; this is logged
halfkey-api check [--repair]     compare attachments with the database, and optionally repair them
halfkey-api compact              free the disk space of destroyed secrets, ideally with the server stopped
halfkey-api restore FILE         restore a backup of the database, with the server stopped
halfkey-api --version            print the version
The settings are HALFKEY_… environment variables; see docs/settings.md.`

/** Writes all lines at once, so that a pipe never gets only some of them. */
const say = (...lines: string[]): void => void process.stdout.write(`${lines.join('\n')}\n`)

function welcome(address: string, firstToken: string | null): void {
  say(
    `Halfkey listens on ${address}`,
    '',
    ...(firstToken === null ? [] : aboutToken(address, firstToken)),
    'Share your first secret from another terminal in this folder:',
    `  echo 'my first secret' | ${command(address)} create -`,
    'Open the link it prints in a browser, or with:',
    `  ${command(address)} open 'LINK'`,
  )
}

const aboutToken = (address: string, token: string): string[] => [
  'Log in from another terminal in this folder. Your admin token is shown only once (to create another: halfkey-api token create):',
  `  HALFKEY_TOKEN=${token} npm run -s halfkey -- login --url ${address}`,
  '',
]

/** How to run this repository's CLI; with the address if it isn't the CLI's default. */
const command = (address: string): string =>
  `${address === 'http://127.0.0.1:8787' ? '' : `HALFKEY_URL=${address} `}npm run -s halfkey --`

async function serve(): Promise<void> {
  const { config, unused } = readConfig(process.env)
  for (const name of unused) console.error(`${name} is set, but this version of Halfkey has no such setting.`)
  const metrics = createMetrics()
  const sink = openLog((lines) => metrics.logLinesDropped.inc(lines))
  const log = pino({ base: null, enabled: config.HALFKEY_LOG === 'on' }, sink)
  process.stdout.on('error', ({ message }) => log.warn({ reason: message }, 'output to stdout failed'))

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
          log.error({ err: error }, 'the server did not stop cleanly')
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

/** The log on stderr. Everything is written however the process ends. */
function openLog(onDropped: (lines: number) => void): LogSink {
  const sink = openLogSink(2, { onDropped })
  process.on('exit', () => sink.closeSync())
  return sink
}

/** A log for the errors behind a command's own output. */
const errorLog = (): Logger =>
  pino(
    { base: null, level: 'error' },
    openLog(() => undefined),
  )

/**
 * Runs a command, prints its output, and sets the exit code. The database's path goes to stderr, so that scripts get only
 * the output.
 */
async function run(command: (config: Config) => Promise<commands.Outcome>): Promise<void> {
  const { config } = readConfig(process.env)
  process.stdout.on('error', ({ message }) => {
    console.error(`The command ran, but its output could not be written: ${message}.`)
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
  if (command === 'request' && action === 'list' && rest.length === 0)
    return run((config) => commands.listRequests(config, systemClock))
  if (command === 'request' && action === 'withdraw' && rest[0] !== undefined && rest.length === 1)
    return run((config) => commands.withdrawRequest(config, systemClock, rest[0] ?? ''))
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
// V8 would let the young generation grow to 48 MiB. In half of that the requests of a busy moment still end before they are
// moved to the old one, which costs a fifth of their CPU where it isn't allowed to grow at all (bench/api.ts, bench/scale.ts).
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
