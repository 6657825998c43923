import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, say, signalOf, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'

const examples = `
Examples:
  halfkey kms delete prod/db`

export const deleteEntry = (io: Io): Command =>
  addCommon(
    new Command('delete')
      .summary('destroy a named secret and all its versions')
      .description(
        "Permanently destroys every version. Version numbers aren't reused: the next put continues the numbering.",
      )
      .argument('<handler>', 'such as prod/db')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: CommonOptions) => run(handler, options, io))

async function run(handler: string, options: CommonOptions, io: Io): Promise<void> {
  await openClient(options, io).kms.delete(handler, signalOf(io))
  if (options.json) await writeJson(io, { handler, deleted: true })
  else await say(io, `Destroyed ${handler}.`)
}
