import { Command } from 'commander'
import type { Answer, Collect, Halfkey, HalfkeyError, Opened } from '@halfkey/sdk'
import { addCommon, openKeyedClient, say, signalOf, writeJson } from '../../context.ts'
import { UsageError } from '../../failure.ts'
import type { Io } from '../../io.ts'
import { printable } from '../../io.ts'
import { openRequest, requestArgument } from '../../open-request.ts'
import type { ReceiveOptions } from '../../receive.ts'
import { isCode, receive, withSavedReveal } from '../../receive.ts'
import { savedRevealId } from '../../reveal-ids.ts'

interface Options extends ReceiveOptions {
  wait?: boolean
  answer?: string
  into?: string
}

const examples = `
Examples:
  halfkey request collect SLUG
  halfkey request collect 'https://HOST/collect/SLUG#KEY' --wait
  halfkey request collect SLUG --wait > key.pem         the exact bytes, text or not
  halfkey request collect SLUG --out received           saves files here; overwrites nothing
  halfkey request collect SLUG --answer ANSWER --password-file pass.txt
  halfkey request collect SLUG --into orders/db         as a new version of a named secret
  halfkey request collect SLUG --json | jq -r .text

It collects one answer: the oldest that nobody has collected. Run it again for the next one. An answer that was tampered
with is reported and passed over. --wait ends when there is an answer, or when the request takes no more.

With --into, the answer must be a text or bytes without files. It is destroyed once the named secret is stored.

If the connection drops or you press Ctrl-C, run the same command again within ten minutes: you get the same answer, and it
doesn't use up another opening.`

export const collect = (io: Io): Command =>
  addCommon(
    new Command('collect')
      .summary('open an answer and print it')
      .description(
        'Opens the oldest answer that nobody has collected, and writes only its content to stdout, as halfkey open does.',
      )
      .argument(...requestArgument)
      .option('--wait', 'wait until there is an answer')
      .option('--answer <slug>', 'this answer instead, as listed by halfkey request answers')
      .option('--into <handler>', 'store it as a new version of this named secret, such as orders/db')
      .option('--password [VALUE]', 'prompt for the password; a VALUE shows in the process list')
      .option('--password-file <file>', 'read the password from a file, or - for stdin')
      .option('--out <dir>', 'folder for files (created if missing)')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((request: string, options: Options) => run(request, options, io))

async function run(request: string, options: Options, io: Io): Promise<void> {
  const { wait, into, out } = options
  if (into !== undefined && out !== undefined) throw new UsageError('Use --into or --out, not both.')
  // Before anything is opened, and so that a missing key costs no opening.
  const client = into === undefined ? undefined : await openKeyedClient(options, io)
  const collect = await openRequest(request, options, io)
  if (wait && !options.json) await say(io, 'Waiting for an answer. Press Ctrl-C to stop.')
  let refused: HalfkeyError | undefined
  for await (const answer of wait ? collect.watch(signalOf(io)) : await collect.answers(signalOf(io))) {
    if (!(await isWanted(answer, options, io))) continue
    try {
      return await collectAnswer(answer, client, options, io)
    } catch (error) {
      // Somebody else collected it first, or it isn't genuine. With --answer, there is no other to try.
      if (!isCode(error, 'GONE', 'LOCKED', 'TAMPERED', 'MALFORMED') || options.answer !== undefined) throw error
      refused = error
      await say(io, `Passed over the answer ${answer.slug}: ${printable(error.message)}`)
    }
  }
  throw refused ?? (await nothingFound(collect, options, io))
}

async function isWanted({ slug, isSealed, collectedAt }: Answer, options: Options, io: Io): Promise<boolean> {
  if (options.answer !== undefined) return slug === options.answer
  return isSealed && (collectedAt === null || (await savedRevealId(io, slug)) !== undefined)
}

async function nothingFound(collect: Collect, { answer, wait }: Options, io: Io): Promise<UsageError> {
  if (answer !== undefined) return new UsageError(`The request has no answer ${answer}.`, 4)
  const { status } = await collect.details(signalOf(io))
  if (status !== 'open')
    return new UsageError(`No answer is left to collect, and the request takes no more: it is ${status}.`, 4)
  return new UsageError(`No answer is there to collect yet.${wait ? '' : ' To wait for one, add --wait.'}`, 4)
}

const collectAnswer = (answer: Answer, client: Halfkey | undefined, options: Options, io: Io): Promise<void> =>
  withSavedReveal(io, answer.slug, async (revealId) => {
    const link = await answer.open({ revealId, ...signalOf(io) })
    const { into } = options
    if (into === undefined || !client) return receive(link, options, io)
    refuseFiles(link)
    await receive(link, options, io, (opened) => {
      // A reveal that is continued tells only now.
      refuseFiles(opened)
      return store(opened, link.slug, into, client, options, io)
    })
    await destroy(answer, io)
  })

/** Whatever views it has left. The value is stored, so a failure here is reported but doesn't fail the command. */
async function destroy(answer: Answer, io: Io): Promise<void> {
  try {
    await answer.destroy(signalOf(io))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    await say(
      io,
      `Couldn't destroy the answer ${answer.slug}: ${printable(reason)} To try again: halfkey request destroy REQUEST ${answer.slug}`,
    )
  }
}

function refuseFiles({ files }: { files: readonly unknown[] }): void {
  if (files.length > 0)
    throw new UsageError(
      "The answer has files, which a named secret can't hold. Nothing was stored. Run the command again with --out DIR instead of --into.",
    )
}

async function store(
  opened: Opened,
  slug: string,
  handler: string,
  client: Halfkey,
  options: Options,
  io: Io,
): Promise<void> {
  const value = opened.text ?? opened.bytes() ?? ''
  const entry = await client.kms.put(handler, value, signalOf(io)).catch(async (error: unknown) => {
    await say(io, 'The answer is still there: run the command again within ten minutes, with or without --into.')
    throw error
  })
  if (options.json) await writeJson(io, { slug, handler: entry.handler, version: entry.version })
  else await say(io, `Stored the answer as version ${entry.version} of ${entry.handler}.`)
}
