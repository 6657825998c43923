import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, say, signalOf, wholeNumber, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'

interface Options extends CommonOptions {
  version: string
}

const examples = `
Examples:
  halfkey kms destroy prod/db --version 1`

export const destroy = (io: Io): Command =>
  addCommon(
    new Command('destroy')
      .summary('destroy one version')
      .description("Permanently destroys the value of one version; its number isn't reused.")
      .argument('<handler>', 'such as prod/db')
      .requiredOption('--version <n>', 'the version to destroy')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: Options) => run(handler, options, io))

async function run(handler: string, options: Options, io: Io): Promise<void> {
  const version = wholeNumber('--version', options.version)
  await openClient(options, io).kms.destroyVersion(handler, version, signalOf(io))
  if (options.json) await writeJson(io, { handler, version, destroyed: true })
  else await say(io, `Destroyed version ${version} of ${handler}.`)
}
