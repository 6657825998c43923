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
      .summary('destroy a named secret with all its versions')
      .description('Destroys every version for good. The numbers stay taken: the next put goes on from the newest.')
      .argument('<handler>', 'such as prod/db')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: CommonOptions) => run(handler, options, io))

async function run(handler: string, options: CommonOptions, io: Io): Promise<void> {
  await openClient(options, io).kms.delete(handler, signalOf(io))
  if (options.json) await writeJson(io, { handler, deleted: true })
  else await say(io, `${handler} is destroyed.`)
}
