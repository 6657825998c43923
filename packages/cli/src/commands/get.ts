import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, manageKeyOf, openClient, slugOf, writeJson } from '../context.ts'
import { presentDetails, table } from '../details.ts'
import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'

interface Options extends CommonOptions {
  manageKey?: string
  detailsOnly?: boolean
}

const examples = `
Examples:
  halfkey get SLUG --details-only
  halfkey get SLUG --manage-key KEY                     one made without a token
  halfkey get SLUG --json | jq -r .status`

export function command(io: Io): Command {
  return addCommon(
    new Command('get')
      .summary('what is known of a secret')
      .description('Shows everything but the content, which only the link opens: halfkey open LINK.')
      .argument('<slug>', 'the slug, or the link')
      .option('--details-only', 'what it does anyway; for scripts written for other tools')
      .option('--manage-key <key>', 'the key that create printed (HALFKEY_MANAGE_KEY)')
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
  const shown = Object.entries(fields).filter(([, value]) => value !== null && value !== '')
  await write(io.stdout, table(shown.map(([name, value]) => [name.replaceAll('_', ' '), printable(String(value))])))
}
