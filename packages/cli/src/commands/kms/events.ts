import { Command } from 'commander'
import type { Halfkey, KmsEvent } from '@halfkey/sdk'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, signalOf, wholeNumber, writeJson } from '../../context.ts'
import { table } from '../../details.ts'
import type { Io } from '../../io.ts'
import { printable, write } from '../../io.ts'

interface Options extends CommonOptions {
  limit: string
}

const examples = `
Examples:
  halfkey kms events prod/db
  halfkey kms events prod/db --limit 1000 --json | jq -r .reason`

export const events = (io: Io): Command =>
  addCommon(
    new Command('events')
      .summary('show the access log of a named secret')
      .description(
        'Shows every put and every reveal, with the reason if it was denied: when, from where and with which token.',
      )
      .argument('<handler>', 'such as prod/db')
      .option('--limit <n>', 'show only the newest n events', '100')
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: Options) => run(handler, options, io))

async function run(handler: string, options: Options, io: Io): Promise<void> {
  const found = await newest(openClient(options, io), handler, wholeNumber('--limit', options.limit), io)
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

/** The newest `count` events, oldest first. */
async function newest({ kms }: Halfkey, handler: string, count: number, io: Io): Promise<KmsEvent[]> {
  const found: KmsEvent[] = []
  let before: number | undefined
  while (found.length < count) {
    const limit = Math.min(count - found.length, 1000)
    const page = await kms.events(handler, { limit, before, ...signalOf(io) })
    found.push(...page.events)
    if (page.next === null) break
    before = page.next
  }
  return found.reverse()
}
