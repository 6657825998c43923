import { Command } from 'commander'
import type { ListOptions } from '@halfkey/sdk'
import type { CommonOptions } from '../context.ts'
import { addCommon, numberOf, openClient, say, writeJson } from '../context.ts'
import { minuteOf, presentDetails, table, viewsOf } from '../details.ts'
import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'

interface Options extends CommonOptions {
  status?: ListOptions['status']
  limit: string
  page: string
  creator?: string
}

const examples = `
Examples:
  halfkey list
  halfkey list --status active --limit 10
  halfkey list --json                                   one JSON object per line`

export function command(io: Io): Command {
  return addCommon(
    new Command('list')
      .summary('list your secrets')
      .description("Lists the secrets of the token's workspace, newest first, without their contents.")
      .option('--status <status>', 'only active, uploading, viewed, expired, burned or locked ones')
      .option('--limit <n>', 'secrets per page, up to 100', '50')
      .option('--page <n>', 'page number', '1')
      .option('--creator <name>', 'only those created with the token of this name')
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((options: Options) => list(options, io))
}

async function list(options: Options, io: Io): Promise<void> {
  const { secrets, pagination } = await openClient(options, io).listSecrets({
    status: options.status,
    creator: options.creator,
    limit: numberOf('--limit', options.limit),
    page: numberOf('--page', options.page),
    ...(io.signal && { signal: io.signal }),
  })
  const page = `Page ${pagination.currentPage} of ${pagination.lastPage}, ${pagination.total} in total.`
  if (options.json) {
    for (const secret of secrets) await writeJson(io, presentDetails(secret))
    return say(io, page)
  }
  const rows = secrets.map((secret) => [
    secret.slug,
    secret.status,
    viewsOf(secret),
    minuteOf(secret.expiration),
    printable(secret.description ?? '') || (secret.metaError ? '(encrypted with another workspace key)' : ''),
  ])
  if (rows.length > 0)
    await write(io.stdout, table([['SLUG', 'STATUS', 'VIEWS', 'EXPIRES (UTC)', 'DESCRIPTION'], ...rows]))
  await say(io, page)
}
