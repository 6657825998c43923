/** A secret that was just shared, as commands print it. */
import type { SharedSecret } from '@halfkey/sdk'
import { copy } from './clipboard.ts'
import { say } from './context.ts'
import type { Io } from './io.ts'
import { printable, write } from './io.ts'

export interface ShowOptions {
  qr?: boolean
  copy?: boolean
}

export const present = (secret: SharedSecret) => ({
  share_url: secret.shareUrl,
  slug: secret.slug,
  manage_key: secret.manageKey,
  expiration: secret.expiration.toISOString(),
  maximum_views: secret.maximumViews,
  has_password: secret.hasPassword,
  created_at: secret.createdAt.toISOString(),
})

export const presentSent = ({ sendTo }: SharedSecret) =>
  sendTo && {
    sent: sendTo.status,
    ...(sendTo.status ? { message_id: sendTo.messageId } : { send_error: sendTo.reason }),
  }

const sentences = (sent: NonNullable<SharedSecret['sendTo']>): string =>
  sent.status
    ? 'The link was mailed.'
    : `The link could not be mailed (${printable(sent.reason)}): send it another way.`

/** The link alone on stdout; what a person should know beside it on stderr. */
export async function print(secret: SharedSecret, options: ShowOptions, io: Io): Promise<void> {
  await write(io.stdout, `${secret.shareUrl}\n`)
  const { maximumViews: views } = secret
  const often = views === null ? 'any number of times' : views === 1 ? 'once' : `${views} times`
  await say(io, `It opens ${often}, until ${secret.expiration.toISOString()}.`)
  if (secret.sendTo) await say(io, sentences(secret.sendTo))
  if (options.qr) await say(io, (await import('uqr')).renderUnicodeCompact(secret.shareUrl))
  await say(io, `To destroy it: halfkey delete ${secret.slug} --manage-key ${secret.manageKey}`)
  if (options.copy) {
    await copy(secret.shareUrl, 'The link', io)
    await say(io, 'The link is on the clipboard.')
  }
}
