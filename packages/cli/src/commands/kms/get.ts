import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, signalOf, writeJson } from '../../context.ts'
import { table } from '../../details.ts'
import { presentEntry } from '../../entries.ts'
import type { Io } from '../../io.ts'
import { printable, write } from '../../io.ts'

const examples = `
Examples:
  halfkey kms get prod/db
  halfkey kms get prod/db --json | jq -r .version`

export const get = (io: Io): Command =>
  addCommon(
    new Command('get')
      .summary('show the details of a named secret')
      .description("Shows a named secret's name, properties, allowed addresses and newest version, without its value.")
      .argument('<handler>', 'such as prod/db')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: CommonOptions) => run(handler, options, io))

async function run(handler: string, options: CommonOptions, io: Io): Promise<void> {
  const fields = presentEntry(await openClient(options, io).kms.get(handler, signalOf(io)))
  if (options.json) return writeJson(io, fields)
  const shown = Object.entries(fields).filter(([, value]) => value !== null && value !== '')
  await write(io.stdout, table(shown.map(([name, value]) => [name.replaceAll('_', ' '), printable(String(value))])))
}
