import { Command } from 'commander'
import type { CreateRequestOptions, SharedRequest } from '@halfkey/sdk'
import type { CommonOptions } from '../../context.ts'
import {
  addCommon,
  connectionOf,
  needWorkspaceKey,
  numberOf,
  openClient,
  say,
  signalOf,
  writeJson,
} from '../../context.ts'
import type { Io } from '../../io.ts'
import { write } from '../../io.ts'
import type { MailOptions } from '../../send-to.ts'
import { sendToOf } from '../../send-to.ts'
import type { ShowOptions } from '../../shared.ts'
import { sentences, showElsewhere } from '../../shared.ts'

interface Options extends CommonOptions, MailOptions, ShowOptions {
  message?: string
  hours: string
  answers: string
  answerHours?: string
  answerViews?: string
  maxFiles?: string
  maxBytes?: string
  description?: string
  notify?: string
  keep: boolean
}

const examples = `
Examples:
  halfkey request create --message 'The database password, please'
  halfkey request create --answers 3 --hours 48         up to three answers, within two days
  halfkey request create --max-files 0 --qr             text only; the ask link as a QR code too
  halfkey request create --description 'New hire' --answer-hours 24
  halfkey request create --json | jq -r .ask_url

The ask link, on stdout, is for whoever is to answer. Send it over a channel that nobody else can change messages on.
The collect link, on stderr, is yours: it opens every answer.`

export const create = (io: Io): Command =>
  addCommon(
    new Command('create')
      .summary('ask for a secret and print the link to answer with')
      .description(
        'Creates a request and prints two links: the ask link, to send to whoever is to answer, and your collect link, which reads the answers.',
      )
      .option('--message <text>', 'what you ask for, which anyone with the ask link can read')
      .option('--hours <n>', 'hours that it takes answers, up to 1000', '168')
      .option('--answers <n>', 'how many answers it takes, up to 100', '1')
      .option('--answer-hours <n>', 'hours that an answer is kept, up to 1000 (168)')
      .option('--answer-views <n>', 'how many times an answer can be opened, up to 10 (1)')
      .option('--max-files <n>', 'files that an answer may have, up to 100 (100)')
      .option('--max-bytes <n>', 'encrypted size of an answer (the most that the server allows)')
      .option('--description <text>', 'a private note for your own list (needs a workspace key)')
      .option('--notify <address>', 'e-mail this address about answers and the expiry')
      .option('--no-keep', "don't keep what reads the answers under the workspace key: only the collect link will")
      .option('--send-to <address>', 'e-mail the ask link from this machine (see halfkey create --help)')
      .option('--send-message <text>', 'the text of that e-mail, before the link')
      .option('--qr', 'show the ask link as a QR code, on stderr')
      .option('--copy', 'copy the ask link to the clipboard')
      .option('--json', 'print one JSON object, with both links'),
  )
    .addHelpText('after', examples)
    .action((options: Options) => run(options, io))

const numberIn = (name: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : numberOf(name, text)

const optionsOf = (options: Options, io: Io): CreateRequestOptions => ({
  message: options.message,
  hours: numberOf('--hours', options.hours),
  answers: numberOf('--answers', options.answers),
  answer: {
    hours: numberIn('--answer-hours', options.answerHours),
    views: numberIn('--answer-views', options.answerViews),
    maxFiles: numberIn('--max-files', options.maxFiles),
    maxBytes: numberIn('--max-bytes', options.maxBytes),
  },
  description: options.description,
  notify: options.notify,
  sendTo: sendToOf(options, io),
  keepSeed: options.keep ? undefined : false,
})

async function run(options: Options, io: Io): Promise<void> {
  const fields = optionsOf(options, io)
  if (fields.description !== undefined) await needWorkspaceKey('--description needs', options, io)
  const request = await openClient(options, io).createRequest({ ...fields, ...signalOf(io) })
  if (options.json) await writeJson(io, request)
  else await printForPeople(request, options, io)
  await showElsewhere(request.askUrl, options, io)
}

/** The ask link alone goes to stdout, so that piping it on can't give the collect link away. */
async function printForPeople(request: SharedRequest, options: Options, io: Io): Promise<void> {
  const { askUrl, collectUrl, maximumAnswers, expiration, sendTo, slug } = request
  await write(io.stdout, `${askUrl}\n`)
  const many = maximumAnswers === 1 ? 'one answer' : `${maximumAnswers} answers`
  await say(io, `Send this link to whoever is to answer. It takes ${many}, until ${expiration.toISOString()}.`)
  if (sendTo) await say(io, sentences(sendTo))
  // Not by say: without a workspace key, this link exists nowhere else.
  await write(io.stderr, `Your collect link: ${collectUrl}\n`)
  await say(io, 'Keep it, and never send it to whoever answers: anyone who has it can read the answers.')
  const isKept = options.keep && connectionOf(options, io).workspaceKey !== undefined
  await say(io, `To wait for an answer: halfkey request collect ${isKept ? slug : "'COLLECT_LINK'"} --wait`)
}
