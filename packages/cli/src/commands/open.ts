import { Command } from 'commander'
import { openLink, parseLink } from '@halfkey/sdk'
import { addCommon, keepHeapSmall, signalOf, smallFetch, timeoutOf } from '../context.ts'
import type { Io } from '../io.ts'
import type { ReceiveOptions } from '../receive.ts'
import { receive, withSavedReveal } from '../receive.ts'

const examples = `
Examples:
  halfkey open 'https://HOST/SLUG#KEY'                  the # needs quotes
  halfkey open 'https://HOST/SLUG#KEY' > key.pem        the exact bytes, text or not
  halfkey open 'https://HOST/SLUG#KEY' --password-file pass.txt
  halfkey open 'https://HOST/SLUG#KEY' --otp 12345678   a terminal prompts for it
  halfkey open 'https://HOST/SLUG#KEY' --out received   saves files here; overwrites nothing
  halfkey open 'https://HOST/SLUG#KEY' --json | jq -r .text

With --json, a secret that isn't text has "text": null and "bytes" in base64url (RFC 4648).

Opening counts as one view. If the connection drops or you press Ctrl-C, run the same command again within ten minutes:
you get the same secret, and it doesn't count again.`

export function command(io: Io): Command {
  return addCommon(
    new Command('open')
      .summary('open a link and print its secret')
      .description(
        "Opens a link on the link's own server and writes only the secret to stdout. Files are saved in the folder given by --out.",
      )
      .argument('<link>', 'the complete link, in quotes')
      .option('--password [VALUE]', 'prompt for the password; a VALUE shows in the process list')
      .option('--password-file <file>', 'read the password from a file, or - for stdin')
      .option('--otp <code>', 'the one-time code, as sent or from an authenticator app')
      .option('--send-code', 'only request a one-time code, to use later with --otp')
      .option('--out <dir>', 'folder for files (created if missing)')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((link: string, options: ReceiveOptions) => open(link, options, io))
}

async function open(text: string, options: ReceiveOptions, io: Io): Promise<void> {
  const { slug } = await parseLink(text)
  await withSavedReveal(io, slug, (revealId) => openOnce(text, revealId, options, io))
}

async function openOnce(text: string, revealId: string | undefined, options: ReceiveOptions, io: Io): Promise<void> {
  const call = { timeout: timeoutOf(options), ...signalOf(io) }
  const small = await openLink(text, { ...call, revealId, fetch: smallFetch })
  // Files need Node's own fetch. A repeated reveal may have files, because an ended secret's status doesn't list them.
  const mayHaveFiles = small.files.length > 0 || revealId !== undefined
  if (mayHaveFiles) keepHeapSmall()
  await receive(mayHaveFiles ? await openLink(text, { ...call, revealId: small.revealId }) : small, options, io)
}
