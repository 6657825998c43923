import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, say, signalOf, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'
import { isLink, openRequest, requestArgument } from '../../open-request.ts'

interface Options extends CommonOptions {
  purge?: boolean
}

const examples = `
Examples:
  halfkey request withdraw SLUG
  halfkey request withdraw 'https://HOST/collect/SLUG#KEY'
  halfkey request withdraw SLUG --purge                 also deletes its details`

export const withdraw = (io: Io): Command =>
  addCommon(
    new Command('withdraw')
      .summary('take no more answers')
      .description(
        'Ends a request: it takes no more answers. Those that are there can still be collected. Withdrawing it again is not an error.',
      )
      .argument(...requestArgument)
      .option('--purge', 'also delete its details, once all its answers have ended')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((request: string, options: Options) => run(request, options, io))

async function run(request: string, options: Options, io: Io): Promise<void> {
  const { purge = false } = options
  const slug = isLink(request) ? await withLink(request, options, io) : request
  if (!isLink(request)) await openClient(options, io).deleteRequest(slug, { purge, ...signalOf(io) })
  if (options.json) await writeJson(io, { slug, withdrawn: true, purged: purge })
  else await say(io, `Withdrew ${slug}${purge ? ' and deleted its details' : ''}. It takes no more answers.`)
}

async function withLink(link: string, options: Options, io: Io): Promise<string> {
  const collect = await openRequest(link, options, io)
  await collect.withdraw({ ...(options.purge && { purge: true }), ...signalOf(io) })
  return collect.slug
}
