/** Notices as e-mail: short, without a link, and without a word of who opened what from where. */
import type { Mail } from '../../adapters/mail.ts'
import type { MailedNotice } from './notice.ts'

/** `2026-01-31 at 13:45 UTC` */
const when = (iso: string): string => `${iso.slice(0, 10)} at ${iso.slice(11, 16)} UTC`

/** A token's name is its maker's: it must not look like a paragraph of ours. */
const oneLine = (name: string): string => name.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

/** `server` is its address, such as https://halfkey.example. */
export function mailOf(notice: MailedNotice, server: string): Omit<Mail, 'to'> {
  const { type, data } = notice
  const secret = `The secret ${data.slug} on ${server}`
  switch (type) {
    case 'secret.opened':
      return {
        subject: 'Your secret was opened',
        text: `${secret} was opened for the first time on ${when(data.at)}.

Its access log tells more. If this wasn't the recipient, change what the secret held.
`,
      }
    case 'secret.locked':
      return {
        subject: data.burned ? 'Your secret was burned' : 'Your secret is locked',
        text: `${secret} saw too many wrong passwords or codes, the last on ${when(data.at)}.

${data.burned ? 'It was burned, as you asked for: nobody can open it any more.' : 'Nobody can open it until you unlock it.'}
`,
      }
    case 'secret.expired_unread':
      return {
        subject: 'Your secret expired unread',
        text: `${secret} expired on ${when(data.at)}. Nobody opened it, and its content is destroyed.
`,
      }
    case 'secret.shared':
      return {
        subject: 'A secret waits for you',
        text: `«${oneLine(data.sender)}» shares a secret with you on ${server}. The link that opens it comes from them, on another way:
this server doesn't know it.

It can be opened until ${when(data.expires_at)}. If you don't expect anything, ignore this message.
`,
      }
  }
}
