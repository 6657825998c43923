/** --send-to and --send-message: the link is mailed from this machine. */
import type { SendTo } from '@halfkey/sdk'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'

export interface MailOptions {
  sendTo?: string
  sendMessage?: string
}

export function sendToOf({ sendTo, sendMessage }: MailOptions, { env }: Io): SendTo | undefined {
  if (sendTo === undefined) {
    if (sendMessage !== undefined) throw new UsageError('--send-message needs --send-to.')
    return undefined
  }
  if (!env['HALFKEY_SMTP_URL'] || !env['HALFKEY_MAIL_FROM'])
    throw new UsageError(
      '--send-to needs HALFKEY_SMTP_URL and HALFKEY_MAIL_FROM, because this machine sends the e-mail.',
    )
  return { email: sendTo, message: sendMessage }
}
