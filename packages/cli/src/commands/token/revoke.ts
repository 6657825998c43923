import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, say, signalOf, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'

const examples = `
Examples:
  halfkey token revoke ID`

export const revoke = (io: Io): Command =>
  addCommon(
    new Command('revoke')
      .summary('end a token at once')
      .description('Ends a token at once and for good. Again: no error.')
      .argument('<id>', 'as token list shows it')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((id: string, options: CommonOptions) => run(id, options, io))

async function run(id: string, options: CommonOptions, io: Io): Promise<void> {
  await openClient(options, io).tokens.revoke(id, signalOf(io))
  if (options.json) await writeJson(io, { id, revoked: true })
  else await say(io, `The token ${id} is revoked.`)
}
