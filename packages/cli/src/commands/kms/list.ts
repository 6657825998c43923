import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, signalOf, writeJson } from '../../context.ts'
import { table } from '../../details.ts'
import { presentEntry } from '../../entries.ts'
import type { Io } from '../../io.ts'
import { printable, write } from '../../io.ts'

interface Options extends CommonOptions {
  prefix?: string
}

const examples = `
Examples:
  halfkey kms list
  halfkey kms list --prefix prod/
  halfkey kms list --json                               one JSON object per line`

export const list = (io: Io): Command =>
  addCommon(
    new Command('list')
      .summary('list named secrets')
      .description('Lists named secrets by handler, without their values.')
      .option('--prefix <text>', 'only handlers that start with this')
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((options: Options) => run(options, io))

async function run(options: Options, io: Io): Promise<void> {
  const rows: string[][] = [['HANDLER', 'VERSION', 'UPDATED (UTC)', 'ROTATE', 'NAME']]
  for await (const entry of openClient(options, io).kms.entries({ prefix: options.prefix, ...signalOf(io) })) {
    const fields = presentEntry(entry)
    if (options.json) await writeJson(io, fields)
    const due = fields.rotation_due ? 'due' : ''
    rows.push([
      fields.handler,
      String(fields.version),
      fields.updated_at.slice(0, 16).replace('T', ' '),
      due,
      entry.metaError ? '(encrypted with another workspace key)' : printable(fields.name ?? ''),
    ])
  }
  if (!options.json && rows.length > 1) await write(io.stdout, table(rows))
}
