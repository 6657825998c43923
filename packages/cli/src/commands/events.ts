import { Command } from 'commander'
import type { SecretEvent } from '@halfkey/sdk'
import type { CommonOptions } from '../context.ts'
import { addCommon, manageKeyOf, openClient, signalOf, slugOf, writeJson } from '../context.ts'
import { table } from '../details.ts'
import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'

interface Options extends CommonOptions {
  manageKey?: string
}

const examples = `
Examples:
  halfkey events SLUG
  HALFKEY_MANAGE_KEY=KEY halfkey events SLUG            for an anonymous secret
  halfkey events SLUG --json | tail -n 1`

export function command(io: Io): Command {
  return addCommon(
    new Command('events')
      .summary('show the access log of a secret')
      .description(
        'Shows every attempt to open a secret, including denied ones: when, from where and with which program.',
      )
      .argument('<slug>', 'the slug or the link')
      .option('--manage-key <key>', 'the manage key that create printed (safer: HALFKEY_MANAGE_KEY)')
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((slug: string, options: Options) => events(slug, options, io))
}

const present = ({ type, reason, at, ip, userAgent, country }: SecretEvent) => ({
  type,
  reason,
  at: at.toISOString(),
  ip,
  user_agent: userAgent,
  country,
})

async function events(text: string, options: Options, io: Io): Promise<void> {
  const slug = await slugOf(text)
  const found = await openClient(options, io).getEvents(slug, { ...manageKeyOf(options, io), ...signalOf(io) })
  if (options.json) {
    for (const event of found) await writeJson(io, present(event))
    return
  }
  const rows = found.map((event) => [
    event.at.toISOString().slice(0, 19).replace('T', ' '),
    event.reason === null ? event.type : `${event.type} (${event.reason})`,
    [event.ip, event.country].filter((part) => part !== null).join(' '),
    printable(event.userAgent ?? ''),
  ])
  await write(io.stdout, table([['TIME (UTC)', 'WHAT', 'FROM', 'WITH'], ...rows]))
}
