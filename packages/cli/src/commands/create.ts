import { Command } from 'commander'
import type { CreateOptions } from '@halfkey/sdk'
import type { CommonOptions } from '../context.ts'
import type { ContentOptions } from '../content.ts'
import { chooseNewPassword, readContent, refusePipes } from '../content.ts'
import { addCommon, collect, needWorkspaceKey, numberOf, openClient, repeat, signalOf } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { withCleanup, write } from '../io.ts'
import { showProgress } from '../progress.ts'
import type { MailOptions } from '../send-to.ts'
import { sendToOf } from '../send-to.ts'
import type { ShowOptions } from '../shared.ts'
import { print, viewsOf } from '../shared.ts'

interface Options extends CommonOptions, ContentOptions, MailOptions, ShowOptions {
  hours?: string
  views?: string
  description?: string
  message?: string
  ip?: string[]
  geo?: string[]
  captcha?: boolean
  otpEmail?: string
  otpSms?: string
  otpTotp?: string
  notify?: string
  maxAttempts?: string
  onLockout?: 'lock' | 'burn'
  recoverable?: boolean
}

const examples = `
Examples:
  halfkey create                                        asks for the secret, without showing it
  echo 'correct horse' | halfkey create -
  halfkey create - < key.pem                            byte for byte, text or not
  halfkey create - --hours 1 --views 3 --message 'For the deploy' < key.pem
  halfkey create --file key.pem --file report.pdf       only files; add - for a text from stdin
  halfkey create - --generate-password < key.pem        prints a password; send it separately
  halfkey create - --ip 10.0.0.0/8 --captcha < key.pem  combine any of the options above
  halfkey create - --json < key.pem | jq -r .share_url`

export function command(io: Io): Command {
  return addCommon(
    new Command('create')
      .summary('share a secret and print its link')
      .description('Encrypts a secret on this machine, stores it on the server, and prints the link that opens it.')
      .argument('[text]', 'the secret, or - for stdin (safer: arguments show in the process list)')
      .option('--hours <n>', 'hours until it expires, up to 1000', '24')
      .option('--views <n>', 'how many times it can be opened, or "unlimited"', '1')
      .option('--description <text>', 'a private note for your own list (needs a workspace key)')
      .option('--message <text>', 'a message that anyone with the link sees before opening')
      .option('--password [VALUE]', 'prompt for a password; a VALUE shows in the process list')
      .option('--password-file <file>', 'read the password from a file, or - for stdin')
      .option('--generate-password', 'generate a password and print it on stderr')
      .option('--ip <address>', 'allow only this address or CIDR block (repeatable)', collect)
      .option('--geo <code>', 'allow only this country, an ISO 3166 code (repeatable)', collect)
      .option('--captcha', 'require a proof of work, to block bots')
      .option('--otp-email <address>', 'require a one-time code, sent to this e-mail address')
      .option('--otp-sms <number>', 'require a one-time code, sent to this phone number')
      .option('--otp-totp <secret>', 'require an authenticator code for this secret (base32)')
      .option('--notify <address>', 'e-mail this address on first opening, lock-out or unopened expiry')
      .option('--max-attempts <n>', 'wrong passwords or codes allowed before lock-out (10)')
      .option(
        '--on-lockout <what>',
        'lock (default) or burn; with burn, anyone with the link can destroy it by entering wrong passwords',
      )
      .option('--recoverable', 'keep the full link in your own list (needs a workspace key)')
      .option('--send-to <address>', 'e-mail the link from this machine (needs HALFKEY_SMTP_URL and HALFKEY_MAIL_FROM)')
      .option('--send-message <text>', 'the text of that e-mail, before the link')
      .option('--file <path>', 'a file to share, of any size (repeatable)', repeat)
      .option('--qr', 'show the link as a QR code, on stderr')
      .option('--copy', 'copy the link to the clipboard')
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
  refusePipes(options, 'halfkey create -')
  const client = openClient(options, io, { files: options.file !== undefined })
  const content = await readContent(text, options, 'halfkey create -', io)
  const password = await chooseNewPassword(options, io)
  const line = showProgress('Sending', io)
  const sending = client.createSecret(content, {
    ...fields,
    ...(password !== undefined && { password }),
    ...(options.file && { attachments: options.file, onProgress: line.onProgress }),
    ...signalOf(io),
  })
  const secret = await withCleanup(io, sending).finally(() => line.end())
  const shown = options.generatePassword ? password : undefined
  await print(secret, shown === undefined ? {} : { password: shown }, options, io)
  if (shown !== undefined && !options.json) await write(io.stderr, `Password (send it separately): ${shown}\n`)
}

function otpOf({ otpEmail, otpSms, otpTotp }: Options): CreateOptions['otp'] {
  if ([otpEmail, otpSms, otpTotp].filter((value) => value !== undefined).length > 1)
    throw new UsageError('Use only one of --otp-email, --otp-sms and --otp-totp.')
  if (otpEmail !== undefined) return { type: 'email', to: otpEmail }
  if (otpSms !== undefined) return { type: 'sms', to: otpSms }
  return otpTotp === undefined ? undefined : { type: 'totp', secret: otpTotp }
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
