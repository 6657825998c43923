import { statSync } from 'node:fs'
import { Command } from 'commander'
import type { CreateOptions } from '@halfkey/sdk'
import type { CommonOptions } from '../context.ts'
import { addCommon, collect, needWorkspaceKey, numberOf, openClient, say, signalOf } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { readAll, tidily, write } from '../io.ts'
import type { PasswordOptions } from '../password.ts'
import { askNewPassword, generatePassword, passwordOf } from '../password.ts'
import { showProgress } from '../progress.ts'
import type { ShowOptions } from '../shared.ts'
import { print, viewsOf } from '../shared.ts'
import { askHidden } from '../terminal.ts'
import { textOf } from '../text.ts'

interface Options extends CommonOptions, PasswordOptions, ShowOptions {
  hours?: string
  views?: string
  description?: string
  message?: string
  generatePassword?: boolean
  ip?: string[]
  geo?: string[]
  captcha?: boolean
  otpEmail?: string
  otpSms?: string
  otpTotp?: string
  notify?: string
  sendTo?: string
  sendMessage?: string
  maxAttempts?: string
  onLockout?: 'lock' | 'burn'
  recoverable?: boolean
  file?: string[]
}

const examples = `
Examples:
  halfkey create                                        asks for the secret, without showing it
  echo 'correct horse' | halfkey create -
  halfkey create - < key.pem                            kept to the byte, whether it is text or not
  halfkey create - --hours 1 --views 3 --message 'For the deploy' < key.pem
  halfkey create --file key.pem --file report.pdf       files alone; with - a text from stdin besides
  halfkey create - --generate-password < key.pem        prints a password, to send separately
  halfkey create - --ip 10.0.0.0/8 --captcha < key.pem  what else it may ask of its reader is above
  halfkey create - --json < key.pem | jq -r .share_url`

export function command(io: Io): Command {
  return addCommon(
    new Command('create')
      .summary('share a secret; prints its link')
      .description('Encrypts a secret here, stores it, and prints the link that opens it.')
      .argument('[text]', 'the secret, or - for stdin; better not given here, where the process list shows it')
      .option('--hours <n>', 'until it expires, up to 1000', '24')
      .option('--views <n>', 'how often it can be opened, or "unlimited" until it expires', '1')
      .option('--description <text>', 'for your own list; needs the workspace key that login makes')
      .option('--message <text>', 'for the recipient, readable before the secret is opened')
      .option('--password [VALUE]', 'ask for a password; a VALUE given here shows in the process list')
      .option('--password-file <file>', 'read the password from a file, or - for stdin')
      .option('--generate-password', 'make a password, and print it on stderr')
      .option('--ip <address>', 'open only from this address or CIDR block (repeatable)', collect)
      .option('--geo <code>', 'open only from this country, as in ISO 3166 (repeatable)', collect)
      .option('--captcha', 'ask the recipient for a proof of work')
      .option('--otp-email <address>', 'send the recipient a one-time code by mail')
      .option('--otp-sms <number>', 'send the recipient a one-time code by text message')
      .option('--otp-totp <secret>', 'ask for a code of this authenticator secret (base32)')
      .option('--notify <address>', 'e-mail this address on first opening, lock-out or unopened expiry')
      .option('--max-attempts <n>', 'wrong passwords and codes before it is locked (10)')
      .option('--on-lockout <what>', 'lock (the default) or burn; then whoever has the link can burn it by failing')
      .option('--recoverable', 'keep the link in your own list; needs the workspace key, too')
      .option('--send-to <address>', 'mail the link from here; needs HALFKEY_SMTP_URL and HALFKEY_MAIL_FROM')
      .option('--send-message <text>', 'what that mail says before the link')
      .option('--file <path>', 'a file to share, of any size (repeatable)', repeat)
      .option('--qr', 'show the link as a QR code, on stderr')
      .option('--copy', 'put the link on the clipboard')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((text: string | undefined, options: Options) => create(text, options, io))
}

async function create(text: string | undefined, options: Options, io: Io): Promise<void> {
  const fields = createOptions(options, io)
  if (fields.description !== undefined || fields.recoverable)
    await needWorkspaceKey(
      fields.description === undefined ? '--recoverable needs' : '--description needs',
      options,
      io,
    )
  for (const file of options.file ?? []) refusePipe(file)
  const client = openClient(options, io, { files: options.file !== undefined })
  const content = await readContent(text, options, io)
  const password = await choosePassword(options, io)
  const line = showProgress('Sending', io)
  const sending = client.createSecret(content, {
    ...fields,
    ...(password !== undefined && { password }),
    ...(options.file && { attachments: options.file, onProgress: line.onProgress }),
    ...signalOf(io),
  })
  const secret = await tidily(io, sending).finally(() => line.end())
  const shown = options.generatePassword ? password : undefined
  await print(secret, shown === undefined ? {} : { password: shown }, options, io)
  if (shown !== undefined && !options.json) await write(io.stderr, `Password (send it separately): ${shown}\n`)
}

/** A file is sent with its size, which a pipe doesn't have. */
function refusePipe(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFIFO())
    throw new UsageError(`--file: ${file} is a pipe. What comes from a pipe goes to stdin: COMMAND | halfkey create -`)
}

/** Bytes for what isn't UTF-8. Files need no content beside them, so stdin is read only where it is named. */
async function readContent(
  text: string | undefined,
  { passwordFile, file }: Options,
  io: Io,
): Promise<string | Uint8Array> {
  const { stdin } = io
  if (file && text === undefined) return ''
  const fromStdin = text === '-' || (text === undefined && !stdin.isTTY)
  if (fromStdin && passwordFile === '-') throw new UsageError('Only one of secret and password can come from stdin.')
  if (fromStdin && stdin.isTTY) await say(io, 'Type the secret; Ctrl-D on a new line ends it.')
  if (fromStdin) {
    const bytes = await readAll(stdin)
    return textOf(bytes) ?? bytes
  }
  return text ?? askHidden('Secret (not shown): ', 'Give the secret on stdin: halfkey create - < FILE')
}

const repeat = (value: string, before: string[] = []): string[] => [...before, value]

async function choosePassword(options: Options, io: Io): Promise<string | undefined> {
  const given = options.password !== undefined || options.passwordFile !== undefined
  if (options.generatePassword && given)
    throw new UsageError('Give --generate-password or a password of your own, not both.')
  if (options.generatePassword) return generatePassword()
  return options.password === true && options.passwordFile === undefined ? askNewPassword() : passwordOf(options, io)
}

function otpOf({ otpEmail, otpSms, otpTotp }: Options): CreateOptions['otp'] {
  if ([otpEmail, otpSms, otpTotp].filter((value) => value !== undefined).length > 1)
    throw new UsageError('Give one of --otp-email, --otp-sms and --otp-totp.')
  if (otpEmail !== undefined) return { type: 'email', to: otpEmail }
  if (otpSms !== undefined) return { type: 'sms', to: otpSms }
  return otpTotp === undefined ? undefined : { type: 'totp', secret: otpTotp }
}

function sendToOf({ sendTo, sendMessage }: Options, { env }: Io): CreateOptions['sendTo'] {
  if (sendTo === undefined) {
    if (sendMessage !== undefined) throw new UsageError('--send-message needs --send-to.')
    return undefined
  }
  if (!env['HALFKEY_SMTP_URL'] || !env['HALFKEY_MAIL_FROM'])
    throw new UsageError('--send-to needs HALFKEY_SMTP_URL and HALFKEY_MAIL_FROM: the mail goes out from here.')
  return { email: sendTo, message: sendMessage }
}

function createOptions(options: Options, io: Io): CreateOptions {
  const { hours = '24', views = '1', description, message, ip, geo, captcha, notify, onLockout, recoverable } = options
  return {
    hours: numberOf('--hours', hours),
    views: viewsOf(views),
    description,
    message,
    ipWhitelist: ip,
    geolocation: geo?.map((code) => code.toUpperCase()),
    captcha,
    otp: otpOf(options),
    notify,
    sendTo: sendToOf(options, io),
    maxAttempts: options.maxAttempts === undefined ? undefined : numberOf('--max-attempts', options.maxAttempts),
    onLockout,
    recoverable,
  }
}
