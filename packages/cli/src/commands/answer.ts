import { Command } from 'commander'
import type { Ask } from '@halfkey/sdk'
import { openAsk } from '@halfkey/sdk'
import type { ContentOptions } from '../content.ts'
import { chooseNewPassword, readContent, refusePipes } from '../content.ts'
import type { CommonOptions } from '../context.ts'
import { addCommon, keepHeapSmall, repeat, say, signalOf, smallFetch, timeoutOf, writeJson } from '../context.ts'
import type { Io } from '../io.ts'
import { printable, withCleanup, write } from '../io.ts'
import { showProgress } from '../progress.ts'

interface Options extends CommonOptions, ContentOptions {
  message?: string
}

const examples = `
Examples:
  halfkey answer 'https://HOST/ask/SLUG#KEY'            asks for the secret, without showing it
  halfkey answer 'https://HOST/ask/SLUG#KEY' - < key.pem
  halfkey answer 'https://HOST/ask/SLUG#KEY' --file key.pem --file report.pdf
  halfkey answer 'https://HOST/ask/SLUG#KEY' - --password-file pass.txt < key.pem
  halfkey answer 'https://HOST/ask/SLUG#KEY' - --json < key.pem | jq -r .status_url

Only whoever made the link can read the answer. Nothing proves who that is: make sure that the link came from who you think.

The status link on stdout is your receipt. In a browser, or with halfkey status 'LINK', it shows whether the answer was
collected, and can withdraw it until then. It doesn't open the answer.`

export function command(io: Io): Command {
  return addCommon(
    new Command('answer')
      .summary('answer a request for a secret')
      .description(
        'Shows what an ask link asks for, encrypts your answer so that only whoever asked can read it, and sends it. Needs no token.',
      )
      .argument('<link>', 'the complete ask link, in quotes')
      .argument('[text]', 'the secret, or - for stdin (safer: arguments show in the process list)')
      .option('--message <text>', 'a message that whoever asked sees before opening')
      .option('--password [VALUE]', 'prompt for a password; a VALUE shows in the process list')
      .option('--password-file <file>', 'read the password from a file, or - for stdin')
      .option('--generate-password', 'generate a password and print it on stderr')
      .option('--file <path>', 'a file to send, of any size (repeatable)', repeat)
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((link: string, text: string | undefined, options: Options) => answer(link, text, options, io))
}

const readsStdin = "halfkey answer 'LINK' -"

async function answer(link: string, text: string | undefined, options: Options, io: Io): Promise<void> {
  refusePipes(options, readsStdin)
  if (options.file) keepHeapSmall()
  const call = { timeout: timeoutOf(options), ...signalOf(io) }
  const ask = await openAsk(link, { ...call, ...(!options.file && { fetch: smallFetch }) })
  await sayWhatIsAsked(ask, io)
  const content = await readContent(text, options, readsStdin, io)
  const password = await chooseNewPassword(options, io)
  const line = showProgress('Sending', io)
  const sending = ask.answer(content, {
    message: options.message,
    ...(password !== undefined && { password }),
    ...(options.file && { attachments: options.file, onProgress: line.onProgress }),
    ...signalOf(io),
  })
  const receipt = await withCleanup(io, sending).finally(() => line.end())
  const shown = options.generatePassword ? password : undefined
  if (options.json) return writeJson(io, { ...receipt.toJSON(), ...(shown !== undefined && { password: shown }) })
  await write(io.stdout, `${receipt.statusUrl}\n`)
  await say(
    io,
    "Sent. Keep this link, your receipt: in a browser, or with halfkey status 'LINK', it shows whether the answer was collected.",
  )
  if (shown !== undefined) await write(io.stderr, `Password (send it separately): ${shown}\n`)
}

async function sayWhatIsAsked({ askedBy, note, limits, expiration }: Ask, io: Io): Promise<void> {
  const who = askedBy === 'anonymous' ? 'Somebody without an account' : printable(askedBy)
  await say(io, `${who} asks for a secret, says the server, until ${expiration.toISOString()}.`)
  if (note !== '') await say(io, `What is asked for: ${printable(note)}`)
  if (limits.maximumFiles === 0) await say(io, 'The request takes no files.')
}
