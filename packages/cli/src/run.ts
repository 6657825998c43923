/** Parses and runs a command line, and reports the result in words and as an exit code. */
import type { Command } from 'commander'
import { CommanderError } from 'commander'
import type { Io } from './io.ts'
import { jsonWritten, printable, write } from './io.ts'
import { buildProgram, withSubcommands } from './program.ts'

/** Runs a command line (without program and script name), and resolves to the exit code. */
export async function run(args: string[], io: Io): Promise<number> {
  const verbose = args.includes('--verbose')
  try {
    const program = await build(args, io)
    const done = program.parseAsync(args, { from: 'user' })
    // The bridge handles an interruption itself: it answers pending requests before it stops.
    await (args[0] === 'bridge' ? done : Promise.race([done, interruption(io.signal)]))
    return 0
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      // Commander has already printed the message on stderr.
      await writeFailure({ error: 'USAGE' }, error.message.replace(/^error: /, ''), 2, args, io)
      return 2
    }
    if ((error as { code?: unknown } | undefined)?.code === 'EPIPE') return 1
    const { explain, Failed, interrupted } = await import('./failure.ts')
    if (error instanceof Failed && !io.signal?.aborted) return error.exitCode
    const { message, exitCode, fields } = io.signal?.aborted
      ? interrupted(io.signal.reason, args)
      : explain(error, verbose)
    await writeFailure(fields, message, exitCode, args, io)
    await write(io.stderr, `${label(args, io)} ${printable(message)}\n`).catch(() => undefined)
    return exitCode
  }
}

/** With --json: prints the failure as JSON on stdout, unless the command already printed its object. */
async function writeFailure(
  fields: Record<string, unknown>,
  message: string,
  exitCode: number,
  args: string[],
  io: Io,
): Promise<void> {
  const own = args[0] === 'run' ? [] : args.slice(0, args.includes('--') ? args.indexOf('--') : undefined)
  if (!own.includes('--json') || jsonWritten.has(io.stdout)) return
  const line = JSON.stringify({ ...fields, message, exit_code: exitCode })
  await write(io.stdout, `${line}\n`).catch(() => undefined)
}

/** Rejects when the signal is aborted; never resolves. */
const interruption = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))

/** The prefix of error messages: red on a terminal, unless colors are off (no-color.org). */
function label(args: string[], { stderr, env }: Io): string {
  const plain = !stderr.isTTY || env['NO_COLOR'] || env['TERM'] === 'dumb' || args.includes('--no-color')
  return plain ? 'halfkey:' : '\x1b[31mhalfkey:\x1b[39m'
}

async function build(args: string[], io: Io): Promise<Command> {
  const program = await buildProgram(args[0] === 'help' ? args[1] : args[0], io)
  for (const each of withSubcommands(program))
    each.exitOverride().configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text.replace(/^error:/, label(args, io))),
    })
  return program
}
