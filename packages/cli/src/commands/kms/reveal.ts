import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openKeyedClient, signalOf, wholeNumber, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'
import { printable, write } from '../../io.ts'
import { decode } from '../../text.ts'

interface Options extends CommonOptions {
  version?: string
}

const examples = `
Examples:
  halfkey kms reveal prod/db
  halfkey kms reveal prod/db > password.txt             the exact bytes that were stored
  halfkey kms reveal prod/db --version 1 --json | jq -r .value`

export const reveal = (io: Io): Command =>
  addCommon(
    new Command('reveal')
      .summary('print the value of a named secret')
      .description(
        'Writes only the value to stdout: the newest, or that of the given version. The audit log records every call.',
      )
      .argument('<handler>', 'such as prod/db')
      .option('--version <n>', 'the version to reveal (default: the newest)')
      .option('--json', 'print one JSON object (the value must be text)'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: Options) => run(handler, options, io))

async function run(handler: string, options: Options, io: Io): Promise<void> {
  const version = options.version === undefined ? undefined : wholeNumber('--version', options.version)
  const revealed = await (await openKeyedClient(options, io)).kms.reveal(handler, { version, ...signalOf(io) })
  const { bytes } = revealed
  if (!options.json && !io.stdout.isTTY) return write(io.stdout, bytes)
  const value = decode(Buffer.from(bytes), `The value of ${handler}`)
  if (options.json) await writeJson(io, { handler, version: revealed.version, value })
  else await write(io.stdout, printable(value).replace(/\n?$/, '\n'))
}
