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
      .summary('put an old value as a new version')
      .description('Reveals an old version and puts its value as the newest; nothing is lost of those between.')
      .argument('<handler>', 'such as prod/db')
      .requiredOption('--to <n>', 'the version with the value that is wanted')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: Options) => run(handler, options, io))

async function run(handler: string, options: Options, io: Io): Promise<void> {
  const from = wholeNumber('--to', options.to)
  const { version } = await (await openKeyedClient(options, io)).kms.rollback(handler, from, signalOf(io))
  if (options.json) await writeJson(io, { handler, version, from })
  else await say(io, `${handler} is at version ${version}, with the value of version ${from}.`)
}
