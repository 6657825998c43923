import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, connectionOf, openClient, say, signalOf, numberOf } from '../context.ts'
import { Failed, UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { printable } from '../io.ts'
import { openOfflineCache } from '../offline-cache.ts'
import type { Fetched } from '../run/fetch.ts'
import { fetchSecrets, newestVersions } from '../run/fetch.ts'
import { placeFiles } from '../run/files.ts'
import { parseEnv, parseFiles } from '../run/parse.ts'
import { exitCodeOf, startChild } from '../run/child.ts'

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

The program gets each value as it was put, a final line end included. It doesn't get HALFKEY_TOKEN and the keys.`

const repeat = (value: string, before: string[] = []): string[] => [...before, value]

export function command(io: Io): Command {
  return addCommon(
    new Command('run')
      .summary('run a program with named secrets')
      .description(
        'Runs a program with named secrets in its environment or in files that last as long as it does; signals and its exit code pass through. Nothing is in arguments, and nothing on disk where there is a file system in memory.',
      )
      .argument('<command...>', 'the program and its arguments, after --')
      .option('--env <name=handler>', 'a variable and the named secret that it holds (repeatable)', repeat)
      .option('--file <path=handler>', 'a file and the named secret that it holds (repeatable)', repeat)
      .option('--watch', 'end and start the program again when a secret has a new version')
      .option('--interval <seconds>', 'how often --watch asks', '30')
      .option('--offline-cache', 'keep a copy, sealed under the workspace key, for when the server can’t be reached'),
  )
    .passThroughOptions()
    .addHelpText('after', examples)
    .action((words: string[], options: Options) => run(words, options, io))
}

async function run([program = '', ...args]: string[], options: Options, io: Io): Promise<void> {
  const env = parseEnv(options.env ?? [])
  const files = parseFiles(options.file ?? [])
  if (env.size + files.size === 0)
    throw new UsageError('Say which secrets the program gets: --env NAME=HANDLER or --file PATH=HANDLER.')
  const seconds = numberOf('--interval', options.interval)
  if (!(seconds >= 1)) throw new UsageError('--interval must be at least 1.')

  const client = openClient(options, io)
  const handlers = [...new Set([...env.values(), ...files.values()])]
  const cache = options.offlineCache ? openOfflineCache(connectionOf(options, io), io) : undefined
  for (;;) {
    const fetched = await fetchSecrets(client, handlers, signalOf(io))
      .then(async (found) => {
        await cache?.save(found)
        return found
      })
      .catch(async (error: unknown) => {
        const kept = await cache?.load(handlers, error)
        if (!kept) throw error
        await say(io, `The server can't be reached: the copy of ${kept.savedAt.toISOString()} is used.`)
        return kept.secrets
      })
    const placed = placeFiles(new Map([...files].map(([path, handler]) => [path, valueOf(fetched, handler)])))
    try {
      const child = startChild(program, args, environmentOf(env, fetched, io), io)
      const changed = options.watch ? watch(client, fetched, seconds * 1000, child.ended, io) : undefined
      const again = await Promise.race([child.ended.then(() => false), ...(changed ? [changed] : [])])
      if (!again) {
        const code = exitCodeOf(program, await child.ended)
        if (code !== 0) throw new Failed(code)
        return
      }
      await say(io, 'A secret has a new version: the program is started again.')
      await child.stop()
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

/** What a program needs no key for: it gets the values. */
const withheld = ['HALFKEY_TOKEN', 'HALFKEY_WORKSPACE_KEY', 'HALFKEY_MANAGE_KEY']

function environmentOf(env: Map<string, string>, fetched: Fetched, io: Io): NodeJS.ProcessEnv {
  const values = [...env].map(([name, handler]): [string, string] => {
    const text = valueOf(fetched, handler).toString()
    if (text.includes('\0') || !Buffer.from(text).equals(valueOf(fetched, handler)))
      throw new UsageError(`${printable(handler)} isn't text that a variable can hold: give it with --file.`)
    return [name, text]
  })
  const inherited = Object.entries(io.env).filter(([name]) => !withheld.includes(name))
  return Object.fromEntries([...inherited, ...values])
}

/** Settles with true when a secret has a newer version than the program got; never while the server can't be asked. */
async function watch(
  client: Parameters<typeof newestVersions>[0],
  fetched: Fetched,
  everyMs: number,
  ended: Promise<unknown>,
  io: Io,
): Promise<boolean> {
  const state = { over: false }
  void ended.then(() => (state.over = true))
  for (let complained = false; ;) {
    const timer = new Promise((resolve) => setTimeout(resolve, everyMs).unref())
    await Promise.race([timer, ended])
    if (state.over) return false
    try {
      const newest = await newestVersions(client, [...fetched.keys()], signalOf(io))
      if ([...newest].some(([handler, version]) => version !== fetched.get(handler)?.version)) return true
      complained = false
    } catch (error) {
      if (!complained) await say(io, `New versions can't be asked for: ${printable((error as Error).message)}`)
      complained = true
    }
  }
}
