/** Share secrets: links that can be opened once. */
import type { SecretDetails, SecretEvent, SharedSecret } from '@halfkey/sdk'
import { b58, unb58 } from '@halfkey/sdk/parts'
import { isUnanswered } from '../failure.ts'
import { nameIn, type Call } from './call.ts'
import { instead, noShareSecret, maybeCreated } from './errors.ts'
import { presentPage, readPage } from './page.ts'
import { readShareSecret } from './read-share-secret.ts'

const SLUG_CHARS = 13
const SLUG_BYTES = 9
/** Donutwork's ids have this many hexadecimal digits. */
const ID_CHARS = 24

/** Encodes the slug as hexadecimal digits, so that the id alone finds the secret. */
function idOf(slug: string): string {
  const bytes = unb58(slug, SLUG_CHARS, SLUG_BYTES)
  if (!bytes) throw new Error('The slug must be 13 base-58 characters.')
  return Buffer.from(bytes).toString('hex').padStart(ID_CHARS, '0')
}

/** @throws Refusal if it isn't an id */
function slugIn(call: Call): string {
  const [, digits] = /^0{6}([\da-f]{18})$/.exec(nameIn(call, 'id')) ?? []
  if (digits === undefined) throw noShareSecret()
  return b58(new Uint8Array(Buffer.from(digits, 'hex')), SLUG_CHARS)
}

/** `url` has the fragment if the owner can recover the link, as with secrets created here. */
const presentSecret = ({ slug, description = '', shareUrl, fragment, currentViews }: SecretDetails) => ({
  id: idOf(slug),
  name: description,
  url: fragment === undefined ? shareUrl : `${shareUrl}#${fragment}`,
  readed: currentViews > 0,
})

/** `DD/MM/YYYY HH:MM:SS`, UTC. */
function isoDate(date: Date): string {
  const [year, month, day, time] = date.toISOString().split(/[-T.]/)
  return `${day}/${month}/${year} ${time}`
}

/** Who opened it first. */
function presentReader(events: SecretEvent[]) {
  const opened = events.find(({ type }) => type === 'opened')
  if (!opened) return { ip: null, ua: null, isoDate: null, ts: null }
  const { ip, userAgent, at } = opened
  return { ip, ua: userAgent, isoDate: isoDate(at), ts: Math.floor(at.getTime() / 1000) }
}

/** The secrets of the account's workspace, newest first, including ended ones that the server still has a record of. */
export async function listShareSecrets(call: Call) {
  const { secrets, pagination } = await call.client.listSecrets(readPage(call))
  return presentPage('ShareSecret', pagination, secrets.map(presentSecret))
}

/** If the mail fails, the secret is kept, and the reply says so and contains the link. @throws Refusal, HalfkeyError */
export async function createShareSecret(call: Call) {
  const { client, settings, log } = call
  const { name, content, sendTo } = await readShareSecret(call)
  const mail = sendTo && settings.mail ? { sendTo } : {}
  if (sendTo && !settings.mail) log('A link could not be mailed, because the settings have no `mail`.')
  const options = { hours: settings.shareSecretHours, description: name, recoverable: true, ...mail }
  const shared = await client.createSecret(content, options).catch((error: unknown) => {
    if (!isUnanswered(error)) throw error
    log(`${error.code}: ${error.message}`)
    throw maybeCreated()
  })
  return {
    id: idOf(shared.slug),
    name,
    url: shared.shareUrl,
    readed: false,
    readerInfo: presentReader([]),
    sendTo: presentMail(shared, log),
  }
}

function presentMail({ sendTo }: SharedSecret, log: Call['log']) {
  if (sendTo?.status) return { status: true, messageId: sendTo.messageId }
  if (sendTo) log(sendTo.reason)
  return { status: false, messageId: null }
}

/** @throws Refusal, HalfkeyError */
export async function getShareSecret(call: Call) {
  const slug = slugIn(call)
  const [details, events] = await Promise.all([call.client.getSecretDetails(slug), call.client.getEvents(slug)]).catch(
    instead(noShareSecret(), 'NOT_FOUND'),
  )
  return { ...presentSecret(details), readerInfo: presentReader(events) }
}

/** Destroys the content and the record. @throws Refusal, HalfkeyError */
export async function deleteShareSecret(call: Call) {
  const slug = slugIn(call)
  await call.client.deleteSecret(slug, { purge: true }).catch(instead(noShareSecret(), 'NOT_FOUND'))
  return { id: idOf(slug), deleted: true }
}
