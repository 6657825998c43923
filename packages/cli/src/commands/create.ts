import { Command, Option } from 'commander'
import type { CreateOptions, SharedSecret } from '@halfkey/sdk'
import type { CommonOptions } from '../context.ts'
import { addCommon, collect, connectionOf, numberOf, openClient, say, writeJson } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { printable, readAll, write } from '../io.ts'
import type { PasswordOptions } from '../password.ts'
import { askNewPassword, decode, generatePassword, passwordOf } from '../password.ts'
import { askHidden } from '../terminal.ts'

interface Options extends CommonOptions, PasswordOptions {
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
  halfkey create - < key.pem
  halfkey create - --hours 1 --views 3 --message 'For the deploy' < key.pem
  halfkey create - --generate-password < key.pem        prints a password to tell on another way
  halfkey create - --json < key.pem | jq -r .share_url`

export function command(io: Io): Command {
  return addCommon(
    new Command('create')
      .summary('share a secret; prints its link')
      .description('Encrypts a secret here, stores it, and prints the link that opens it.')
      .argument('[text]', 'the secret, or - for stdin; better not given here, where the process list shows it')
      .option('--hours <n>', 'until it expires, up to 1000', '24')
      .option('--views <n>', 'how often it can be opened, or "unlimited" until it expires', '1')
      .option('--description <text>', 'for your own list; needs HALFKEY_WORKSPACE_KEY')
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
      .option('--notify <address>', 'tell this address when it is opened')
      .option('--max-attempts <n>', 'wrong passwords and codes before it is locked (10)')
      .option('--on-lockout <what>', 'lock or burn')
      .option('--recoverable', 'keep the link in your own list; needs HALFKEY_WORKSPACE_KEY')
      .option('--send-to <address>', 'mail the link from here; needs HALFKEY_SMTP_URL and HALFKEY_MAIL_FROM')
      .option('--send-message <text>', 'what that mail says before the link')
      .option('--json', 'print one JSON object')
      .addOption(new Option('--file <file...>').hideHelp()),
  )
    .addHelpText('after', examples)
    .action((text: string | undefined, options: Options) => create(text, options, io))
}

async function create(text: string | undefined, options: Options, io: Io): Promise<void> {
  if (options.file) throw new UsageError('--file: this version does not share files yet. Nothing was sent.')
  const client = openClient(options, io)
  const fields = createOptions(options, io)
  const content = await readContent(text, options, io)
  const password = await choosePassword(options, io)
  const secret = await client.createSecret(content, {
    ...fields,
    ...(password !== undefined && { password }),
    ...(io.signal && { signal: io.signal }),
  })
  const shown = options.generatePassword ? password : undefined
  if (options.json) await writeJson(io, present(secret, shown))
  else await print(secret, shown, io)
}

async function readContent(text: string | undefined, { passwordFile }: Options, io: Io): Promise<string> {
  const { stdin } = io
  const fromStdin = text === '-' || (text === undefined && !stdin.isTTY)
  if (fromStdin && passwordFile === '-') throw new UsageError('Only one of secret and password can come from stdin.')
  if (fromStdin && stdin.isTTY) await say(io, 'Type the secret; Ctrl-D on a new line ends it.')
  if (fromStdin) return decode(await readAll(stdin), 'The secret')
  return text ?? askHidden('Secret (not shown): ', 'Give the secret on stdin: halfkey create - < FILE')
}

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

const viewsOf = (text: string): number | null => (text === 'unlimited' ? null : numberOf('--views', text))

function createOptions(options: Options, io: Io): CreateOptions {
  const { hours = '24', views = '1', description, message, ip, geo, captcha, notify, onLockout, recoverable } = options
  if ((description !== undefined || recoverable) && connectionOf(options, io).workspaceKey === undefined)
    throw new UsageError(
      '--description and --recoverable need a workspace key, under which they are sealed: HALFKEY_WORKSPACE_KEY, or halfkey login.',
    )
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

const present = (secret: SharedSecret, password: string | undefined) => ({
  share_url: secret.shareUrl,
  slug: secret.slug,
  manage_key: secret.manageKey,
  expiration: secret.expiration.toISOString(),
  maximum_views: secret.maximumViews,
  has_password: secret.hasPassword,
  created_at: secret.createdAt.toISOString(),
  ...(password !== undefined && { password }),
  ...(secret.sendTo && {
    sent: secret.sendTo.status,
    ...(secret.sendTo.status ? { message_id: secret.sendTo.messageId } : { send_error: secret.sendTo.reason }),
  }),
})

const sentences = (sent: NonNullable<SharedSecret['sendTo']>): string =>
  sent.status
    ? 'The link was mailed.'
    : `The link could not be mailed (${printable(sent.reason)}): send it another way.`

/** The link alone on stdout; what a person should know beside it on stderr. */
async function print(secret: SharedSecret, password: string | undefined, io: Io): Promise<void> {
  await write(io.stdout, `${secret.shareUrl}\n`)
  const { maximumViews: views } = secret
  const often = views === null ? 'any number of times' : views === 1 ? 'once' : `${views} times`
  await say(io, `It opens ${often}, until ${secret.expiration.toISOString()}.`)
  if (secret.sendTo) await say(io, sentences(secret.sendTo))
  if (password !== undefined) await say(io, `Password, to tell on another way: ${password}`)
  await say(io, `To destroy it: halfkey delete ${secret.slug} --manage-key ${secret.manageKey}`)
}
