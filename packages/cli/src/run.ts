/** The command line: only the command that is asked for is loaded. */
import { Command, CommanderError } from 'commander'
import type { Io } from './io.ts'
import { printable, write } from './io.ts'

type Load = () => Promise<{ command: (io: Io) => Command }>

const commands: Record<string, Load> = {
  create: () => import('./commands/create.ts'),
  open: () => import('./commands/open.ts'),
  list: () => import('./commands/list.ts'),
  get: () => import('./commands/get.ts'),
  delete: () => import('./commands/delete.ts'),
}

const about = `Share secrets that the server can't read.

Environment:
  HALFKEY_URL            the server (http://127.0.0.1:8787)
  HALFKEY_TOKEN          your token; without one, secrets are anonymous
  HALFKEY_WORKSPACE_KEY  opens descriptions and messages in your own lists
  HALFKEY_MANAGE_KEY     does to one anonymous secret what its owner may do
  HALFKEY_SMTP_URL       the mail server for --send-to: smtp://user:password@host:587, or smtps://…
  HALFKEY_MAIL_FROM      the sender of that mail`

const examples = `
Examples:
  echo 'correct horse' | halfkey create -
  halfkey open 'https://HOST/SLUG#KEY'
  halfkey list --status active
`

declare const HALFKEY_VERSION: string

/** Runs a command line (without program and script names); the exit code. */
export async function run(args: string[], io: Io): Promise<number> {
  const verbose = args.includes('--verbose')
  try {
    const program = await build(args, io)
    await Promise.race([program.parseAsync(args, { from: 'user' }), interruption(io.signal)])
    return 0
  } catch (error) {
    if (io.signal?.aborted) {
      const again = args[0] === 'open' ? ' Run the same command again within ten minutes: nothing is lost.' : ''
      await write(io.stderr, `${label(args, io)} Interrupted.${again}\n`)
      return 130
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const { code } = error as { code?: unknown }
    if (code === 'EPIPE') return 1
    const { explain } = await import('./failure.ts')
    const { message, exitCode } = explain(error, verbose)
    await write(io.stderr, `${label(args, io)} ${printable(message)}\n`)
    return exitCode
  }
}

/** Rejects when the signal is aborted; never resolves. */
const interruption = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))

/** What error messages begin with: red on a terminal, unless the user objects (no-color.org). */
function label(args: string[], { stderr, env }: Io): string {
  const plain = !stderr.isTTY || env['NO_COLOR'] || env['TERM'] === 'dumb' || args.includes('--no-color')
  return plain ? 'halfkey:' : '\x1b[31mhalfkey:\x1b[39m'
}

async function build(args: string[], io: Io): Promise<Command> {
  const program = new Command('halfkey').description(about).version(HALFKEY_VERSION).exitOverride()
  const name = args[0] === 'help' ? args[1] : args[0]
  const asked = name === undefined ? undefined : commands[name]
  for (const load of asked ? [asked] : Object.values(commands)) {
    const { command } = await load()
    program.addCommand(command(io).exitOverride())
  }
  const { exitCodes } = await import('./failure.ts')
  program.addHelpText('after', `${examples}\n${exitCodes}`)
  for (const each of [program, ...program.commands])
    each.configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text.replace(/^error:/, label(args, io))),
    })
  return program
}
