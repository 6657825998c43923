import { Command } from 'commander'
import type { ListRequestsOptions } from '@halfkey/sdk'
import type { CommonOptions } from '../../context.ts'
import { addCommon, numberOf, openClient, say, signalOf, writeJson } from '../../context.ts'
import { minuteOf, presentRequest, table } from '../../details.ts'
import type { Io } from '../../io.ts'
import { printable, write } from '../../io.ts'

interface Options extends CommonOptions {
  status?: ListRequestsOptions['status']
  limit: string
  page: string
}

const examples = `
Examples:
  halfkey request list
  halfkey request list --status open --limit 10
  halfkey request list --json                           one JSON object per line`

export const list = (io: Io): Command =>
  addCommon(
    new Command('list')
      .summary('list your requests')
      .description("Lists the requests of the token's workspace, newest first.")
      .option('--status <status>', 'only open, answered, expired or withdrawn ones')
      .option('--limit <n>', 'requests per page, up to 100', '50')
      .option('--page <n>', 'page number', '1')
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((options: Options) => run(options, io))

async function run(options: Options, io: Io): Promise<void> {
  const { requests, pagination } = await openClient(options, io).listRequests({
    status: options.status,
    limit: numberOf('--limit', options.limit),
    page: numberOf('--page', options.page),
    ...signalOf(io),
  })
  const page = `Page ${pagination.currentPage} of ${pagination.lastPage}, ${pagination.total} in total.`
  if (options.json) {
    for (const request of requests) await writeJson(io, presentRequest(request))
    return say(io, page)
  }
  const rows = requests.map(({ slug, status, answersCount, maximumAnswers, expiration, metaError, ...known }) => [
    slug,
    status,
    `${answersCount}/${maximumAnswers}`,
    minuteOf(expiration),
    printable(known.description ?? known.message ?? '') || (metaError ? '(encrypted with another workspace key)' : ''),
  ])
  if (rows.length > 0)
    await write(io.stdout, table([['SLUG', 'STATUS', 'ANSWERS', 'OPEN UNTIL (UTC)', 'DESCRIPTION'], ...rows]))
  await say(io, page)
}
