import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, manageKeyOf, openClient, slugOf, writeJson } from '../context.ts'
import { fieldTable, presentDetails } from '../details.ts'
import type { Io } from '../io.ts'
import { write } from '../io.ts'

interface Options extends CommonOptions {
  manageKey?: string
  detailsOnly?: boolean
}

const examples = `
Examples:
  halfkey get SLUG --details-only
  HALFKEY_MANAGE_KEY=KEY halfkey get SLUG               for an anonymous secret
  halfkey get SLUG --json | jq -r .status`

export function command(io: Io): Command {
  return addCommon(
    new Command('get')
      .summary('show the details of a secret')
      .description("Shows a secret's details without its content. To open the content: halfkey open LINK.")
      .argument('<slug>', 'the slug or the link')
      .option('--details-only', 'no effect (for compatibility)')
      .option('--manage-key <key>', 'the manage key that create printed (safer: HALFKEY_MANAGE_KEY)')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((slug: string, options: Options) => get(slug, options, io))
}

async function get(text: string, options: Options, io: Io): Promise<void> {
  const slug = await slugOf(text)
  const details = await openClient(options, io).getSecretDetails(slug, {
    ...manageKeyOf(options, io),
    ...(io.signal && { signal: io.signal }),
  })
  const fields = presentDetails(details)
  if (options.json) return writeJson(io, fields)
  await write(io.stdout, fieldTable(fields))
}
