import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, manageKeyOf, openClient, say, slugOf, writeJson } from '../context.ts'
import type { Io } from '../io.ts'

interface Options extends CommonOptions {
  manageKey?: string
  purge?: boolean
}

const examples = `
Examples:
  halfkey delete SLUG
  HALFKEY_MANAGE_KEY=KEY halfkey delete SLUG            for an anonymous secret
  halfkey delete SLUG --purge                           also deletes its details and access log`

export function command(io: Io): Command {
  return addCommon(
    new Command('delete')
      .summary('destroy a secret')
      .description(
        'Destroys a secret immediately, even while someone is opening it. Destroying it again is not an error.',
      )
      .argument('<slug>', 'the slug or the link')
      .option('--manage-key <key>', 'the manage key that create printed (safer: HALFKEY_MANAGE_KEY)')
      .option('--purge', 'also delete its details and access log')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((slug: string, options: Options) => burn(slug, options, io))
}

async function burn(text: string, options: Options, io: Io): Promise<void> {
  const slug = await slugOf(text)
  await openClient(options, io).deleteSecret(slug, {
    ...manageKeyOf(options, io),
    ...(options.purge && { purge: true }),
    ...(io.signal && { signal: io.signal }),
  })
  if (options.json) await writeJson(io, { slug, deleted: true, purged: options.purge ?? false })
  else await say(io, `Destroyed ${slug}${options.purge ? ' and deleted its details and access log' : ''}.`)
}
