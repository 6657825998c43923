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
  HALFKEY_MANAGE_KEY=KEY halfkey delete SLUG            one made without a token
  halfkey delete SLUG --purge                           its record and access log too`

export function command(io: Io): Command {
  return addCommon(
    new Command('delete')
      .summary('destroy a secret at once')
      .description('Destroys a secret at once, whoever is still reading it. Again: no error.')
      .argument('<slug>', 'the slug, or the link')
      .option('--manage-key <key>', 'the key that create printed; better in HALFKEY_MANAGE_KEY')
      .option('--purge', 'remove its record too')
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
  else await say(io, `${slug} is destroyed${options.purge ? ' and its record removed' : ''}.`)
}
