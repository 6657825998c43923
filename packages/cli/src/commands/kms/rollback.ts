import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openKeyedClient, say, signalOf, wholeNumber, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'

interface Options extends CommonOptions {
  to: string
}

const examples = `
Examples:
  halfkey kms rollback prod/db --to 1`

export const rollback = (io: Io): Command =>
  addCommon(
    new Command('rollback')
      .summary('restore an old value as a new version')
      .description('Stores the value of an old version as the newest version. Later versions are kept.')
      .argument('<handler>', 'such as prod/db')
      .requiredOption('--to <n>', 'the version to restore')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: Options) => run(handler, options, io))

async function run(handler: string, options: Options, io: Io): Promise<void> {
  const from = wholeNumber('--to', options.to)
  const { version } = await (await openKeyedClient(options, io)).kms.rollback(handler, from, signalOf(io))
  if (options.json) await writeJson(io, { handler, version, from })
  else await say(io, `Stored ${handler} as version ${version}, with the value of version ${from}.`)
}
