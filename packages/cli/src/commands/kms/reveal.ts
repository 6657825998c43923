import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, numberOf, openClient, signalOf, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'
import { printable, write } from '../../io.ts'
import { decode } from '../../password.ts'

interface Options extends CommonOptions {
  version?: string
}

const examples = `
Examples:
  halfkey kms reveal prod/db
  halfkey kms reveal prod/db > password.txt             exactly the bytes that were put
  halfkey kms reveal prod/db --version 1 --json | jq -r .value`

export const reveal = (io: Io): Command =>
  addCommon(
    new Command('reveal')
      .summary('print a value')
      .description(
        'Writes the newest value, or the one of a version, to stdout, and nothing else. The audit log has every call.',
      )
      .argument('<handler>', 'such as prod/db')
      .option('--version <n>', 'this version instead of the newest')
      .option('--json', 'print one JSON object; the value must be text'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: Options) => run(handler, options, io))

async function run(handler: string, options: Options, io: Io): Promise<void> {
  const version = options.version === undefined ? undefined : numberOf('--version', options.version)
  const revealed = await openClient(options, io).kms.reveal(handler, { version, ...signalOf(io) })
  const value = Buffer.from(revealed.bytes)
  if (options.json)
    return writeJson(io, { handler, version: revealed.version, value: decode(value, `The value of ${handler}`) })
  if (io.stdout.isTTY) await write(io.stdout, printable(value.toString()).replace(/\n?$/, '\n'))
  else await write(io.stdout, value)
}
