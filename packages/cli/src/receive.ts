/** Receives what a link opens: asks for what is missing, reveals it, prints or saves it, and acknowledges it. */
import type { ErrorCode, Link, Opened } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'
import type { CommonOptions } from './context.ts'
import { say, signalOf, writeJson } from './context.ts'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { printable, write } from './io.ts'
import type { PasswordOptions } from './password.ts'
import { askPassword, passwordOf } from './password.ts'
import { sizeOf } from './progress.ts'
import { forgetRevealId, savedRevealId, saveRevealId } from './reveal-ids.ts'
import { prepareFolder, savedLines, saveFiles } from './save-files.ts'
import { askHidden, hasTerminal } from './terminal.ts'

export interface ReceiveOptions extends CommonOptions, PasswordOptions {
  otp?: string
  sendCode?: boolean
  out?: string
}

/** Failures after which the reveal can't be repeated. */
const final: ErrorCode[] = ['GONE', 'NOT_FOUND', 'WRONG_KEY', 'TAMPERED', 'MALFORMED', 'NEWER_VERSION']

/** Continues the reveal of an earlier run that was cut short, if there is one; else, or if that is over, starts anew. */
export async function withSavedReveal(
  io: Io,
  slug: string,
  attempt: (revealId: string | undefined) => Promise<void>,
): Promise<void> {
  const revealId = await savedRevealId(io, slug)
  try {
    await attempt(revealId)
  } catch (error) {
    // The grace time of the saved reveal is over, but a secret with views left can be opened again.
    if (revealId === undefined || !isCode(error, 'GONE')) throw error
    await attempt(undefined)
  }
}

/**
 * Reveals a secret, delivers it and acknowledges it. If delivering it fails, the reveal can be repeated.
 *
 * @param deliver  what to do with the secret; without it, the secret is printed and its files are saved
 */
export async function receive(
  link: Link,
  options: ReceiveOptions,
  io: Io,
  deliver?: (opened: Opened) => Promise<void>,
): Promise<void> {
  if (link.note !== undefined && !options.json) await say(io, `Message from the sender: ${printable(link.note)}`)
  if (!deliver && link.files.length > 0 && !options.sendCode)
    await prepareFolder(folderOf(options, link.files.length), link.files)
  try {
    if (options.sendCode) return await sendCode(link, await choosePassword(link, options, io), io)
    const opened = await reveal(link, options, io)
    await (deliver ? deliver(opened) : printAndSave(link, opened, options, io))
    await acknowledge(link, opened, io)
  } catch (error) {
    if (isCode(error, ...final)) await forgetRevealId(io, link.slug)
    throw error
  }
}

async function printAndSave(link: Link, opened: Opened, options: ReceiveOptions, io: Io): Promise<void> {
  refuseTerminal(opened, options, io)
  const saved = opened.files.length > 0 ? await saveFiles(opened, folderOf(options, opened.files.length), io) : []
  await print(link, opened, saved, options, io)
}

function folderOf({ out }: ReceiveOptions, count: number): string {
  if (out !== undefined) return out
  const files = count === 1 ? 'a file' : `${count} files`
  throw new UsageError(
    `The secret contains ${files}. Run the command again with --out DIR to say where to save. This doesn't use up another opening.`,
  )
}

/** Binary data could contain terminal control sequences. Refused before the acknowledgment, so the reveal can be repeated. */
function refuseTerminal(opened: Opened, { json }: ReceiveOptions, { stdout }: Io): void {
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

export const isCode = (error: unknown, ...codes: ErrorCode[]): error is HalfkeyError =>
  error instanceof HalfkeyError && codes.includes(error.code)

/** Reveals the secret. On a terminal, asks for the password and the code, and asks again after a wrong one. */
async function reveal(link: Link, options: ReceiveOptions, io: Io): Promise<Opened> {
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

const mayAskPassword = ({ password, passwordFile }: ReceiveOptions): boolean =>
  passwordFile === undefined && typeof password !== 'string' && hasTerminal()

async function choosePassword(link: Link, options: ReceiveOptions, io: Io): Promise<string | undefined> {
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

async function print(link: Link, opened: Opened, saved: string[], { json }: ReceiveOptions, io: Io): Promise<void> {
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
