import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, connectionOf, numberOf, openClient, repeat, signalOf } from '../context.ts'
import { credentials } from '../credentials.ts'
import { Failed, UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import type { Child } from '../run/child.ts'
import { startChild } from '../run/child.ts'
import type { Fetched } from '../run/fetch.ts'
import { openSource } from '../run/fetch.ts'
import { placeFiles } from '../run/files.ts'
import { parseEnv, parseFiles } from '../run/parse.ts'
import type { SignalPassing } from '../run/signals.ts'
import { passSignals } from '../run/signals.ts'
import { notify } from '../run/notify.ts'
import { checkMayWatch, watch } from '../run/watch.ts'

interface Options extends CommonOptions {
  env?: string[]
  file?: string[]
  watch?: boolean
  interval: string
  offlineCache?: boolean
}

const examples = `
Examples:
  halfkey run --env DB_PASSWORD=prod/db -- node server.js
  halfkey run --env DB_PASSWORD=prod/db --env API_KEY=prod/api -- env
  halfkey run --file ./tls.key=prod/tls -- cat ./tls.key
  halfkey run --watch --env DB_PASSWORD=prod/db -- node server.js

The program gets each value exactly as it was stored, including a trailing line break. It doesn't get HALFKEY_TOKEN and
Halfkey's other credentials, unless --env sets them. The exit code is the program's; 128 plus the signal's number if a
signal ended it; 127 if the program isn't found; 126 if it can't be started.`

export function command(io: Io): Command {
  return addCommon(
    new Command('run')
      .summary('run a program with named secrets')
      .description(
        'Runs a program with named secrets in environment variables, or in files that are removed when it ends. Signals and the exit code are passed through. Secrets are never in arguments, and not on disk if an in-memory file system is available.',
      )
      .argument('<command...>', 'the program and its arguments, after --')
      .option('--env <name=handler>', 'set a variable to a named secret (repeatable)', repeat)
      .option('--file <path=handler>', 'create a file with a named secret (repeatable)', repeat)
      .option('--watch', 'restart the program when a secret changes (needs the scope kms:read)')
      .option('--interval <seconds>', 'how often --watch checks', '30')
      .option('--offline-cache', "keep an encrypted copy for when the server can't be reached"),
  )
    .passThroughOptions()
    .addHelpText('after', examples)
    .action((words: string[], options: Options) => run(words, options, io))
}

/** What the program is started with. */
interface Prepared {
  fetched: Fetched
  environment: NodeJS.ProcessEnv
  files: Map<string, Buffer>
}

/** Resolves to what to restart the program with; undefined once it has ended. */
type Next = (child: Child, prepared: Prepared) => Promise<Prepared | undefined>

async function run([program = '', ...args]: string[], options: Options, io: Io): Promise<void> {
  const env = parseEnv(options.env ?? [])
  const files = parseFiles(options.file ?? [])
  if (env.size + files.size === 0)
    throw new UsageError('Specify at least one secret: --env NAME=HANDLER or --file PATH=HANDLER.')
  const seconds = numberOf('--interval', options.interval)
  if (!(seconds >= 1 && seconds <= 86_400)) throw new UsageError('--interval must be 1 to 86400 seconds.')

  const client = openClient(options, io)
  const handlers = [...new Set([...env.values(), ...files.values()])]
  const source = openSource(client, handlers, options.offlineCache ? connectionOf(options, io) : undefined, io)
  const prepare = (fetched: Fetched): Prepared => ({
    fetched,
    environment: environmentOf(env, fetched, io),
    files: new Map([...files].map(([path, handler]) => [path, valueOf(fetched, handler)])),
  })
  const prepared = prepare(await source.fetch(signalOf(io)))
  if (options.watch) await checkMayWatch(client, handlers, signalOf(io))

  const next: Next = async (child, current) => {
    if (!options.watch) return undefined
    const refresh = async (call: { signal: AbortSignal }) => prepare(await source.refresh(call))
    return watch({ client, current, everyMs: seconds * 1000, prepare: refresh }, child, io)
  }
  const signals = passSignals(io)
  try {
    const code = await supervise([program, args], prepared, next, signals, io)
    if (code !== 0) throw new Failed(code)
  } finally {
    signals.release()
  }
}

/** Runs the program and restarts it after each change. Resolves to the last exit code. */
async function supervise(
  [program, args]: [string, string[]],
  first: Prepared,
  next: Next,
  signals: SignalPassing,
  io: Io,
): Promise<number> {
  for (let prepared = first; ;) {
    const placed = placeFiles(prepared.files, io)
    try {
      const child = startChild(program, args, prepared.environment)
      signals.passTo(child)
      const changed = await next(child, prepared)
      if (!changed || !child.isRunning()) return await child.ended
      await notify(io, 'A secret changed. Restarting the program.')
      const { result: code, endRequested } = await signals.during(() => child.stop())
      if (endRequested) return code
      prepared = changed
    } finally {
      placed.remove()
    }
  }
}

function valueOf(fetched: Fetched, handler: string): Buffer {
  const secret = fetched.get(handler)
  if (!secret) throw new Error(`${handler} was not fetched`)
  return secret.value
}

function environmentOf(env: Map<string, string>, fetched: Fetched, io: Io): NodeJS.ProcessEnv {
  const values = [...env].map(([name, handler]): [string, string] => {
    const text = valueOf(fetched, handler).toString()
    if (text.includes('\0') || !Buffer.from(text).equals(valueOf(fetched, handler)))
      throw new UsageError(
        `The value of ${handler} can't be in a variable, because it isn't text. Use --file PATH=${handler}.`,
      )
    return [name, text]
  })
  const inherited = Object.entries(io.env).filter(([name]) => !credentials.includes(name))
  return Object.fromEntries([...inherited, ...values])
}
