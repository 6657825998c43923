/** Texts of notification e-mails: short, without a link, and without details about who opened what from where. */
import type { Mail } from '../../adapters/mail.ts'
import type { MailedNotice } from './notice.ts'

/** `2026-01-31 at 13:45 UTC` */
const when = (iso: string): string => `${iso.slice(0, 10)} at ${iso.slice(11, 16)} UTC`

/** Users choose the names of their tokens, which must not look like paragraphs of our text. */
const oneLine = (name: string): string => name.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

/** @param server  its address, such as https://halfkey.example */
export function mailOf(notice: MailedNotice, server: string): Omit<Mail, 'to'> {
  const { type, data } = notice
  const secret = `The secret ${data.slug} on ${server}`
  const request = `your request ${data.slug} on ${server}`
  switch (type) {
    case 'secret.opened':
      return {
        subject: 'Your secret was opened',
        text: `${secret} was opened for the first time on ${when(data.at)}.

See its access log for details. If it wasn't opened by the recipient, change the passwords or keys it contained.
`,
      }
    case 'secret.locked':
      return {
        subject: data.burned ? 'Your secret was destroyed' : 'Your secret is locked',
        text: `${secret} had too many wrong passwords or codes, the last on ${when(data.at)}.

${data.burned ? 'It was destroyed, as you chose. Nobody can open it any more.' : 'Nobody can open it until you unlock it.'}
`,
      }
    case 'secret.expired_unread':
      return {
        subject: 'Your secret expired unopened',
        text: `${secret} expired on ${when(data.at)}. Nobody opened it, and its content has been destroyed.
`,
      }
    case 'request.answered':
      return {
        subject: 'Your request was answered',
        text: `An answer to ${request} arrived on ${when(data.at)}.

Open it with your collect link, or in the workspace. It is kept for a limited time.
`,
      }
    case 'request.expired':
      return {
        subject: 'Your request expired',
        text: `The time for ${request} ended on ${when(data.at)}. It received ${data.answers_count} of ${data.maximum_answers} answers, and takes no more.
`,
      }
    case 'secret.shared':
      return {
        subject: 'You have been sent a secret',
        text: `“${oneLine(data.sender)}” has shared a secret with you on ${server}. They will send you the link themselves, because this
server doesn't know it.

It can be opened until ${when(data.expires_at)}. If you weren't expecting it, ignore this message.
`,
      }
  }
}
