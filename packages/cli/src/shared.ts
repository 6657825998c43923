/** Prints a secret that was just created. */
import type { SendToResult, SharedSecret } from '@halfkey/sdk'
import { copy } from './clipboard.ts'
import type { CommonOptions } from './context.ts'
import { connectionOf, numberOf, say, writeJson } from './context.ts'
import type { Io } from './io.ts'
import { printable, write } from './io.ts'

export interface ShowOptions extends CommonOptions {
  qr?: boolean
  copy?: boolean
}

export const sentences = (sent: SendToResult): string =>
  sent.status
    ? 'The link was sent by e-mail.'
    : `The link couldn't be mailed (${printable(sent.reason)}). Send it yourself.`

/** Parses --views; null: unlimited. */
export const viewsOf = (text: string): number | null => (text === 'unlimited' ? null : numberOf('--views', text))

/**
 * Prints the link on stdout and notes for people on stderr, or one JSON object with the fields of `more`. Copies to the
 * clipboard last, so that a failure there loses nothing else.
 */
export async function print(
  secret: SharedSecret,
  more: Record<string, string>,
  options: ShowOptions,
  io: Io,
): Promise<void> {
  if (options.json) await writeJson(io, { ...secret.toJSON(), ...more })
  else await printForPeople(secret, connectionOf(options, io).token !== undefined, io)
  await showElsewhere(secret.shareUrl, options, io)
}

/** Shows a link as a QR code and copies it, as the options say. */
export async function showElsewhere(link: string, options: ShowOptions, io: Io): Promise<void> {
  if (options.qr) await showCode(link, io)
  if (options.copy) {
    await copy(link, 'The link', io)
    await say(io, 'The link is on the clipboard.')
  }
}

/** @param isOwned  whether it belongs to a token's workspace, which doesn't need the manage key */
async function printForPeople(secret: SharedSecret, isOwned: boolean, io: Io): Promise<void> {
  await write(io.stdout, `${secret.shareUrl}\n`)
  const { maximumViews: views } = secret
  const often = views === null ? 'any number of times' : views === 1 ? 'once' : `${views} times`
  await say(io, `Can be opened ${often}, until ${secret.expiration.toISOString()}.`)
  if (secret.sendTo) await say(io, sentences(secret.sendTo))
  const key = isOwned ? '' : `HALFKEY_MANAGE_KEY=${secret.manageKey} `
  await say(io, `To destroy it: ${key}halfkey delete ${secret.slug}`)
}

async function showCode(link: string, { stderr, env }: Io): Promise<void> {
  const { qrCode } = await import('./qr.ts')
  const code = qrCode(link, stderr, env)
  await write(stderr, code ?? 'The terminal is too narrow for a QR code of this link.\n')
}
