import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, signalOf, writeJson } from '../../context.ts'
import { table } from '../../details.ts'
import type { Io } from '../../io.ts'
import { printable, write } from '../../io.ts'

const examples = `
Examples:
  halfkey kms events prod/db
  halfkey kms events prod/db --json | tail -n 1`

export const events = (io: Io): Command =>
  addCommon(
    new Command('events')
      .summary('who asked for a named secret')
      .description('Shows every put and every reveal, refused ones with their reason: when, from where, with which token.')
      .argument('<handler>', 'such as prod/db')
      .option('--json', 'print one JSON object a line'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: CommonOptions) => run(handler, options, io))

async function run(handler: string, options: CommonOptions, io: Io): Promise<void> {
  const found = await openClient(options, io).kms.events(handler, signalOf(io))
  if (options.json) {
    for (const { type, reason, at, version, token, ip, userAgent, country } of found)
      await writeJson(io, { type, reason, at: at.toISOString(), version, token, ip, user_agent: userAgent, country })
    return
  }
  const rows = found.map((event) => [
    event.at.toISOString().slice(0, 19).replace('T', ' '),
    event.reason === null ? event.type : `${event.type} (${event.reason})`,
    event.version === null ? '' : String(event.version),
    [event.ip, event.country].filter((part) => part !== null).join(' '),
    printable(event.token ?? ''),
    printable(event.userAgent ?? ''),
  ])
  await write(io.stdout, table([['TIME (UTC)', 'WHAT', 'VERSION', 'FROM', 'TOKEN', 'WITH'], ...rows]))
}
