import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, openClient, say, signalOf, writeJson } from '../context.ts'
import { Failed, UsageError } from '../failure.ts'
import { Unreadable, type Refused } from '../import/item.ts'
import { compare, plan, type Step } from '../import/plan.ts'
import { formats, readSecrets, type Format } from '../import/read-file.ts'
import type { Io } from '../io.ts'
import { printable, readAll, write } from '../io.ts'

interface Options extends CommonOptions {
  from?: Format
  prefix: string
  dryRun?: boolean
}

const examples = `
Examples:
  halfkey import .env --prefix prod/ --dry-run
  halfkey import .env --prefix prod/
  halfkey import secrets.csv --json
  halfkey import - --from vault < vault.json

Names become lowercase handlers: DB_PASSWORD becomes prod/db_password. Unchanged values are skipped, so you can run it again.`

export function command(io: Io): Command {
  return addCommon(
    new Command('import')
      .summary('import a file of secrets as named secrets')
      .description(
        'Stores the secrets of a file as named secrets. Everything is checked before the first one is stored. Values are never printed, and are compared only on this machine.',
      )
      .argument('<file>', 'the file, or - for stdin')
      .addOption(
        new Option('--from <format>', "the file's format (default: detected from its name and content)").choices(
          formats,
        ),
      )
      .option('--prefix <text>', 'prefix for every handler, such as prod/', '')
      .option('--dry-run', 'show what would be stored, without storing it')
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((file: string, options: Options) => run(file, options, io))
}

async function run(file: string, options: Options, io: Io): Promise<void> {
  const bytes = await read(file, io)
  const { format, items } = readItems(bytes, file, options)
  const { planned, refused } = plan(items, options.prefix)
  if (refused.length > 0) return refuse(refused, options, io)
  if (planned.length === 0)
    throw new UsageError(
      `There are no secrets in ${file} (read as ${format}). To read it as another format, use --from.`,
    )

  const client = openClient(options, io)
  const compared = await compare(client, planned, signalOf(io))
  if (compared.refused.length > 0) return refuse(compared.refused, options, io)
  const { steps } = compared
  if (options.dryRun) {
    for (const step of steps) await report(step, step.version + Number(step.action !== 'keep'), options, io)
    return say(io, `${totalOf(steps)} Dry run (format: ${format}): nothing was stored.`)
  }
  await put(steps, options, io, async ({ handler, value, name, action, version }) =>
    client.kms.put(handler, value, {
      // Doesn't overwrite a version that someone else stored after the comparison.
      ...(action === 'create' ? { name } : { version: version + 1 }),
      ...signalOf(io),
    }),
  )
  await say(io, totalOf(steps))
}

/** Reports each secret as soon as it is stored, so that the output is right even if a later one fails. */
async function put(
  steps: Step[],
  options: Options,
  io: Io,
  putOne: (step: Step) => Promise<{ version: number }>,
): Promise<void> {
  const all = steps.filter(({ action }) => action !== 'keep').length
  let done = 0
  for (const step of steps) {
    try {
      const { version } = step.action === 'keep' ? step : await putOne(step)
      await report(step, version, options, io)
      if (step.action !== 'keep') done++
    } catch (error) {
      const words = `Stopped at ${step.handler}: stored ${done} of ${all}, as listed above. Run the command again to store the rest.`
      await say(io, words)
      throw error
    }
  }
}

async function read(file: string, { stdin }: Io): Promise<Uint8Array> {
  if (file === '-') return readAll(stdin)
  return readFile(file).catch((error: unknown) => {
    throw new UsageError(`Can't read the file: ${(error as Error).message}`)
  })
}

function readItems(bytes: Uint8Array, file: string, { from }: Options): ReturnType<typeof readSecrets> {
  try {
    return readSecrets(bytes, file, from)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    throw new UsageError(
      `${error.line === 0 ? file : `${file}: line ${error.line}`} ${error.message}. Nothing was stored.`,
    )
  }
}

async function refuse(refused: Refused[], options: Options, io: Io): Promise<never> {
  for (const { line, key, problem } of refused) {
    if (options.json) await writeJson(io, { line, key: key ?? null, status: 'refused', reason: problem })
    else await say(io, printable(`Line ${line}${key === undefined ? '' : ` (${key})`} ${problem}.`))
  }
  await say(io, 'Nothing was stored.')
  throw new Failed(2)
}

const statuses = { create: 'created', update: 'updated', keep: 'unchanged' }

/** @param version  the version it has now, or would have after a dry run */
async function report({ action, handler, line }: Step, version: number, options: Options, io: Io): Promise<void> {
  const status = statuses[action]
  const dryRun = options.dryRun ?? false
  if (options.json) return writeJson(io, { line, handler, status, version, dry_run: dryRun })
  const words = dryRun && action !== 'keep' ? `would be ${status}` : status
  await write(io.stdout, `${words.padEnd(dryRun ? 16 : 9)}  ${handler}  version ${version}\n`)
}

function totalOf(steps: Step[]): string {
  const count = (action: Step['action']): number => steps.filter((step) => step.action === action).length
  return `${count('create')} new, ${count('update')} changed, ${count('keep')} unchanged.`
}
