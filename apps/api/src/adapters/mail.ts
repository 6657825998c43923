/** Sends e-mail over SMTP (RFC 5321), with STARTTLS (RFC 3207) if the server offers it. */
import { createTransport } from 'nodemailer'
import { deliveryTimeoutMs, NotDelivered } from './delivery.ts'

export interface Mail {
  to: string
  subject: string
  text: string
}

export interface Mailer {
  /** Resolves to the message id once a server has accepted the message. @throws NotDelivered */
  send(mail: Mail): Promise<string>
}

export interface SmtpSettings {
  /** smtp://[user:password@]host[:port] or smtps://… */
  url: string
  from: string
  timeoutMs?: number
}

/**
 * `smtps:` uses TLS from the first byte. `smtp:` uses STARTTLS if it is offered, and requires it before sending
 * credentials. Invalid certificates are never accepted.
 */
export function createSmtpMailer({ url, from, timeoutMs = deliveryTimeoutMs }: SmtpSettings): Mailer {
  const { username, password } = new URL(url)
  const transport = createTransport({
    url,
    ...((username || password) && { requireTLS: true }),
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, subject, text }) {
      try {
        const { messageId } = await transport.sendMail({ from, to: { name: '', address: to }, subject, text })
        return messageId
      } catch (error) {
        throw new NotDelivered(`the mail server didn't accept the message: ${describe(error)}`)
      }
    },
  }
}

/** nodemailer's code and the server's reply code (RFC 5321 section 4.2), such as `EENVELOPE 550`. */
function describe(error: unknown): string {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  return (
    [code, responseCode].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ') || 'ERROR'
  )
}
