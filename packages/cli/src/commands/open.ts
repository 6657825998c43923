import { Command, Option } from 'commander'
import type { ErrorCode, Link, Opened } from '@halfkey/sdk'
import { HalfkeyError, openLink, parseLink } from '@halfkey/sdk'
import type { CommonOptions } from '../context.ts'
import { addCommon, say, timeoutOf, writeJson } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'
import type { PasswordOptions } from '../password.ts'
import { askPassword, passwordOf } from '../password.ts'
import { forgetRevealId, savedRevealId, saveRevealId } from '../reveal-ids.ts'
import { askHidden, hasTerminal } from '../terminal.ts'

interface Options extends CommonOptions, PasswordOptions {
  otp?: string
  sendCode?: boolean
  out?: string
}

const examples = `
Examples:
  halfkey open 'https://HOST/SLUG#KEY'                  quotes, because of the #
  halfkey open 'https://HOST/SLUG#KEY' > key.pem        exactly the bytes that were shared
  halfkey open 'https://HOST/SLUG#KEY' --password-file pass.txt
  halfkey open 'https://HOST/SLUG#KEY' --otp 12345678   the code that was sent; a terminal is asked for it
  halfkey open 'https://HOST/SLUG#KEY' --json | jq -r .text

A view is spent. If the connection is cut, or you press Ctrl-C, run the same command again within ten minutes: it gets
the same secret and spends nothing more.`

export function command(io: Io): Command {
  return addCommon(
    new Command('open')
      .summary('open a link; prints the secret')
      .description('Opens a link at its own server and writes the secret to stdout, and nothing else.')
      .argument('<link>', 'the whole link, in quotes')
      .option('--password [VALUE]', 'ask for the password; a VALUE given here shows in the process list')
      .option('--password-file <file>', 'read the password from a file, or - for stdin')
      .option('--otp <code>', 'the one-time code')
      .option('--send-code', 'only have a one-time code sent to the recipient, for --otp later')
      .addOption(new Option('--out <dir>').hideHelp())
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((link: string, options: Options) => open(link, options, io))
}

/** Failures after which the same reveal can't be had any more. */
const final: ErrorCode[] = ['GONE', 'NOT_FOUND', 'WRONG_KEY', 'TAMPERED', 'MALFORMED', 'NEWER_VERSION']

async function open(text: string, options: Options, io: Io): Promise<void> {
  if (options.out !== undefined) throw new UsageError('--out is for files, which this version does not open yet.')
  const { slug } = await parseLink(text)
  const revealId = await savedRevealId(io, slug)
  try {
    await openOnce(text, revealId, options, io)
  } catch (error) {
    // Out of its grace time the saved reveal can't be had again, but a secret with views left can be opened anew.
    if (revealId === undefined || !isCode(error, 'GONE')) throw error
    await openOnce(text, undefined, options, io)
  }
}

async function openOnce(text: string, revealId: string | undefined, options: Options, io: Io): Promise<void> {
  const call = { timeout: timeoutOf(options), ...(io.signal && { signal: io.signal }) }
  const link = await openLink(text, { ...call, revealId })
  if (link.note !== undefined && !options.json) await say(io, `Message from the sender: ${printable(link.note)}`)
  try {
    if (options.sendCode) return await sendCode(link, await passwordOf(options, io), io)
    const opened = await reveal(link, options, io)
    await print(link, opened, options, io)
    await acknowledge(link, opened, io)
  } catch (error) {
    if (isCode(error, ...final)) await forgetRevealId(io, link.slug)
    throw error
  }
}

/** The secret is out by now: a failure here is worth a word, but not a failed command. */
async function acknowledge({ slug }: Link, opened: Opened, io: Io): Promise<void> {
  try {
    await opened.done()
    await forgetRevealId(io, slug)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    await say(io, `The server could not be told that you have it: ${printable(reason)} It forgets it by itself soon.`)
  }
}

const isCode = (error: unknown, ...codes: ErrorCode[]): error is HalfkeyError =>
  error instanceof HalfkeyError && codes.includes(error.code)

/** Asks for the password where one is needed, and again after a wrong one, if there is a person to ask. */
async function reveal(link: Link, options: Options, io: Io): Promise<Opened> {
  let password = await passwordOf(options, io)
  const mayAsk = options.passwordFile === undefined && typeof options.password !== 'string' && hasTerminal()
  if (password === undefined && link.needs.password === true && mayAsk) password = await askPassword()
  const otp = options.otp ?? (link.needs.otp && mayAsk ? await askCode(link, password, io) : undefined)
  await saveRevealId(io, link.slug, link.revealId)
  for (;;) {
    try {
      return await link.reveal({ password, otp, ...(io.signal && { signal: io.signal }) })
    } catch (error) {
      const left = isCode(error, 'PASSWORD_WRONG') ? Number(error.details?.['attempts_left']) : 0
      if (!mayAsk || left === 0) throw error
      await say(io, `The password is wrong. Tries left: ${left}.`)
      password = await askPassword()
    }
  }
}

/** Has a code sent where one is sent, and asks for it. */
async function askCode(link: Link, password: string | undefined, io: Io): Promise<string> {
  if (link.needs.otp?.type !== 'totp') await sendCode(link, password, io)
  return askHidden('One-time code: ', 'Give the code with --otp CODE.')
}

async function sendCode(link: Link, password: string | undefined, io: Io): Promise<void> {
  const { to } = await link.requestCode({ password, ...(io.signal && { signal: io.signal }) })
  await say(io, `A code was sent to ${printable(to)}. It is valid for ten minutes.`)
}

async function print(link: Link, { text = '' }: Opened, { json }: Options, io: Io): Promise<void> {
  if (json) return writeJson(io, { slug: link.slug, text, note: link.note ?? null })
  if (io.stdout.isTTY) await write(io.stdout, printable(text).replace(/\n?$/, '\n'))
  else await write(io.stdout, text)
}
