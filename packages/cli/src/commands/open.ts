import { Command } from 'commander'
import type { ErrorCode, Link, Opened } from '@halfkey/sdk'
import { HalfkeyError, openLink, parseLink } from '@halfkey/sdk'
import type { CommonOptions } from '../context.ts'
import { addCommon, keepHeapSmall, say, signalOf, smallFetch, timeoutOf, writeJson } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'
import type { PasswordOptions } from '../password.ts'
import { askPassword, passwordOf } from '../password.ts'
import { forgetRevealId, savedRevealId, saveRevealId } from '../reveal-ids.ts'
import { sizeOf } from '../progress.ts'
import { prepareFolder, savedLines, saveFiles } from '../save-files.ts'
import { askHidden, hasTerminal } from '../terminal.ts'

interface Options extends CommonOptions, PasswordOptions {
  otp?: string
  sendCode?: boolean
  out?: string
}

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
    .action((link: string, options: Options) => open(link, options, io))
}

/** Failures after which the reveal can't be repeated. */
const final: ErrorCode[] = ['GONE', 'NOT_FOUND', 'WRONG_KEY', 'TAMPERED', 'MALFORMED', 'NEWER_VERSION']

async function open(text: string, options: Options, io: Io): Promise<void> {
  const { slug } = await parseLink(text)
  const revealId = await savedRevealId(io, slug)
  try {
    await openOnce(text, revealId, options, io)
  } catch (error) {
    // The grace time of the saved reveal is over, but a secret with views left can be opened again.
    if (revealId === undefined || !isCode(error, 'GONE')) throw error
    await openOnce(text, undefined, options, io)
  }
}

async function openOnce(text: string, revealId: string | undefined, options: Options, io: Io): Promise<void> {
  const call = { timeout: timeoutOf(options), ...signalOf(io) }
  const small = await openLink(text, { ...call, revealId, fetch: smallFetch })
  // Files need Node's own fetch. A repeated reveal may have files, because an ended secret's status doesn't list them.
  const mayHaveFiles = small.files.length > 0 || revealId !== undefined
  if (mayHaveFiles) keepHeapSmall()
  const link = mayHaveFiles ? await openLink(text, { ...call, revealId: small.revealId }) : small
  if (link.note !== undefined && !options.json) await say(io, `Message from the sender: ${printable(link.note)}`)
  if (link.files.length > 0 && !options.sendCode) await prepareFolder(folderOf(options, link.files.length), link.files)
  try {
    if (options.sendCode) return await sendCode(link, await choosePassword(link, options, io), io)
    const opened = await reveal(link, options, io)
    refuseTerminal(opened, options, io)
    const saved = opened.files.length > 0 ? await saveFiles(opened, folderOf(options, opened.files.length), io) : []
    await print(link, opened, saved, options, io)
    await acknowledge(link, opened, io)
  } catch (error) {
    if (isCode(error, ...final)) await forgetRevealId(io, link.slug)
    throw error
  }
}

function folderOf({ out }: Options, count: number): string {
  if (out !== undefined) return out
  const files = count === 1 ? 'a file' : `${count} files`
  throw new UsageError(
    `The secret contains ${files}. Run the command again with --out DIR to say where to save. This doesn't use up another opening.`,
  )
}

/** Binary data could contain terminal control sequences. Refused before the acknowledgment, so the reveal can be repeated. */
function refuseTerminal(opened: Opened, { json }: Options, { stdout }: Io): void {
  const { length = 0 } = (opened.text === undefined && opened.bytes()) || {}
  if (length === 0 || json || !stdout.isTTY) return
  throw new UsageError(
    `The secret isn't text (${sizeOf(length)}), so it isn't shown on a terminal. Run the command again with > FILE. This doesn't use up another opening.`,
  )
}

/** The user already has the secret, so a failure here is reported but doesn't fail the command. */
async function acknowledge({ slug }: Link, opened: Opened, io: Io): Promise<void> {
  try {
    await opened.done()
    await forgetRevealId(io, slug)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    await say(
      io,
      `Couldn't confirm to the server that you have the secret: ${printable(reason)} You don't need to do anything: the server will discard it by itself.`,
    )
  }
}

const isCode = (error: unknown, ...codes: ErrorCode[]): error is HalfkeyError =>
  error instanceof HalfkeyError && codes.includes(error.code)

/** Reveals the secret. On a terminal, asks for the password and the code, and asks again after a wrong one. */
async function reveal(link: Link, options: Options, io: Io): Promise<Opened> {
  await saveRevealId(io, link.slug, link.revealId)
  let password = await choosePassword(link, options, io)
  let code = options.otp
  const mayAskCode = code === undefined && hasTerminal()
  for (;;) {
    try {
      if (code === undefined && link.needs.otp && mayAskCode) {
        if (link.needs.otp.type !== 'totp') await sendCode(link, password, io)
        code = await askCode()
      }
      return await link.reveal({ password, otp: code, ...signalOf(io) })
    } catch (error) {
      if (isCode(error, 'PASSWORD_WRONG') && mayAskPassword(options)) password = await askAgain(error, askPassword, io)
      else if (isCode(error, 'OTP_WRONG') && mayAskCode) code = await askAgain(error, askCode, io)
      else throw error
    }
  }
}

const mayAskPassword = ({ password, passwordFile }: Options): boolean =>
  passwordFile === undefined && typeof password !== 'string' && hasTerminal()

async function choosePassword(link: Link, options: Options, io: Io): Promise<string | undefined> {
  const password = await passwordOf(options, io)
  const isMissing = password === undefined && link.needs.password === true
  return isMissing && mayAskPassword(options) ? askPassword() : password
}

const askCode = (): Promise<string> => askHidden('One-time code (not shown): ', 'Provide the code with --otp CODE.')

/** Asks again, unless that was the last attempt. */
async function askAgain(error: HalfkeyError, ask: () => Promise<string>, io: Io): Promise<string> {
  const left = Number(error.details?.['attempts_left'])
  if (left === 0) throw error
  await say(io, `${printable(error.message).replace(/\.$/, '')}. Attempts left: ${left}.`)
  return ask()
}

async function sendCode(link: Link, password: string | undefined, io: Io): Promise<void> {
  const { to } = await link.requestCode({ password, ...signalOf(io) })
  await say(io, `A code was sent to ${printable(to)}. It is valid for ten minutes.`)
}

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

async function print(link: Link, opened: Opened, saved: string[], { json }: Options, io: Io): Promise<void> {
  const { text } = opened
  const bytes = opened.bytes() ?? new Uint8Array()
  if (json) {
    const content = text === undefined && bytes.length > 0 ? { text: null, bytes: b64(bytes) } : { text: text ?? '' }
    const files = saved.length > 0 ? { files: saved } : {}
    return writeJson(io, { slug: link.slug, ...content, note: link.note ?? null, ...files })
  }
  if (saved.length > 0) await say(io, savedLines(saved).trimEnd())
  if (text && io.stdout.isTTY) await write(io.stdout, printable(text).replace(/\n?$/, '\n'))
  else await write(io.stdout, bytes)
}
