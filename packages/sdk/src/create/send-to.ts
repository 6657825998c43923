/**
 * Mails a link to its recipient from the sender's own machine: the server couldn't, because it never sees the fragment.
 * Node alone, with the optional package `nodemailer`.
 */
import { isObject } from '../protocol/encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { isText, matches, type Rule } from '../options.ts'

/** Defined by the browser bundle, which leaves all of this out. */
declare const __HALFKEY_BROWSER__: true | undefined

/** The sender's own mail server, for `sendTo`. */
export interface MailerOptions {
  /** smtp://[user:password@]host[:port], where STARTTLS is insisted on except on this machine, or smtps://… */
  smtpUrl: string
  /** The sender's address. */
  from: string
}

/** Who gets the link by mail. */
export interface SendTo {
  /** One address, without a name. */
  email: string
  /** Text before the link, unencrypted. */
  message?: string | undefined
}

/** How mailing the link went. If it failed, the secret exists all the same: send its link yourself. */
export type SendToResult = { status: true; messageId: string } | { status: false; reason: string }

interface Shared {
  shareUrl: string
  expiration: Date
  maximumViews: number | null
  hasPassword: boolean
}

export type SendLink = (to: SendTo, shared: Shared | SharedAsk) => Promise<SendToResult>

/** A request, whose ask link is sent. */
interface SharedAsk {
  askUrl: string
  expiration: Date
}

/** The part of nodemailer that is used. */
interface Nodemailer {
  createTransport: (options: object) => {
    sendMail(mail: object): Promise<{ messageId: string }>
    close(): void
  }
}

/** One address: no list, no name, no route (RFC 5322 section 3.4). */
export const isEmail = matches(/^[^\s\p{Cc}@,;:<>()[\]"\\]+@[^\s\p{Cc}@,;:<>()[\]"\\]+$/u)

const inPage = typeof __HALFKEY_BROWSER__ !== 'undefined'

export const MAILER: Rule = [
  (value) =>
    !inPage &&
    isObject(value) &&
    Object.keys(value).every((name) => name === 'smtpUrl' || name === 'from') &&
    isSmtpUrl(value['smtpUrl']) &&
    isEmail(value['from']),
  inPage ? 'works only in Node' : 'must be {smtpUrl: "smtp://…" or "smtps://…", from: an e-mail address}',
]

export const SEND_TO: Rule = [
  (value) =>
    !inPage &&
    isObject(value) &&
    Object.keys(value).every((name) => name === 'email' || name === 'message') &&
    isEmail(value['email']) &&
    (value['message'] === undefined || isText(value['message'])),
  inPage ? 'works only in Node' : 'must be {email: one e-mail address, message?}',
]

/** Without a query, from which nodemailer takes options, such as those that switch TLS off. */
function isSmtpUrl(value: unknown): boolean {
  return matches(/^smtps?:\/\/[^/?][^?]*$/i)(value) && URL.canParse(value as string)
}

/** @throws HalfkeyError UNSUPPORTED where mail can't be sent: outside Node, or without nodemailer. */
export async function openMailer(mailer: MailerOptions): Promise<SendLink> {
  if (typeof __HALFKEY_BROWSER__ === 'undefined') {
    const { createTransport } = await loadNodemailer()
    return (to, shared) => send(createTransport(transportOptions(mailer.smtpUrl)), mailer.from, to, shared)
  }
  throw unsupported('sendTo works only in Node.')
}

async function loadNodemailer(): Promise<Nodemailer> {
  // Not a literal: bundlers would demand a package that is optional.
  const name = 'nodemailer'
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as Nodemailer
  } catch {
    throw unsupported('sendTo works only in Node, and needs the package nodemailer: npm install nodemailer.')
  }
}

const TIMEOUT_MS = 20_000

function transportOptions(url: string): object {
  const { hostname } = new URL(url)
  return {
    url,
    requireTLS: !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname),
    dnsTimeout: TIMEOUT_MS,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

async function send(
  transport: ReturnType<Nodemailer['createTransport']>,
  from: string,
  { email, message }: SendTo,
  shared: Shared | SharedAsk,
): Promise<SendToResult> {
  try {
    const [subject, sentences] = 'askUrl' in shared ? askOf(shared) : secretOf(shared)
    const text = message === undefined ? sentences : `${message}\n\n${sentences}`
    const { messageId } = await transport.sendMail({ from, to: email, subject, text })
    return { status: true, messageId }
  } catch (error) {
    return { status: false, reason: `The mail server didn't accept the message: ${describe(error)}.` }
  } finally {
    transport.close()
  }
}

type Mail = [subject: string, text: string]

function secretOf({ shareUrl, expiration, maximumViews, hasPassword }: Shared): Mail {
  const times = maximumViews === null ? '' : maximumViews === 1 ? ' once' : ` ${maximumViews} times`
  const password = hasPassword ? "\n\nYou'll also need a password, which the sender will give you separately." : ''
  const text = `This link opens a secret${times}, until ${timeOf(expiration)}:\n\n${shareUrl}${password}\n`
  return ['A secret for you', text]
}

function askOf({ askUrl, expiration }: SharedAsk): Mail {
  const advice = 'Only the person who made this link can read what you send. If you did not expect it, ask them first.'
  const text = `You are asked to send a secret. This link takes it, until ${timeOf(expiration)}:\n\n${askUrl}\n\n${advice}\n`
  return ['You are asked for a secret', text]
}

const timeOf = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** nodemailer's code and the server's (RFC 5321 section 4.2): its message may hold addresses. */
function describe(error: unknown): string {
  const { code, responseCode } = isObject(error) ? error : {}
  const parts = [code, responseCode].filter((part) => typeof part === 'string' || typeof part === 'number')
  return parts.join(' ') || 'ERROR'
}

function unsupported(message: string): HalfkeyError {
  return new HalfkeyError('UNSUPPORTED', `${message} Nothing was sent.`)
}
