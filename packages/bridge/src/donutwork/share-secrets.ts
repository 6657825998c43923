/** Links that open once. */
import type { SecretDetails, SecretEvent, SharedSecret } from '@halfkey/sdk'
import { b58, unb58 } from '@halfkey/sdk/parts'
import { isUnanswered } from '../failure.ts'
import { nameIn, type Call } from './call.ts'
import { instead, noShareSecret, perhapsMade } from './errors.ts'
import { presentPage, readPage } from './page.ts'
import { readShareSecret } from './read-share-secret.ts'

const SLUG_CHARS = 13
const SLUG_BYTES = 9
/** As many hexadecimal digits as the ids of the service that is spoken for have. */
const ID_CHARS = 24

/** The slug's bytes as hexadecimal digits: an id carries all that finds the secret. */
function idOf(slug: string): string {
  const bytes = unb58(slug, SLUG_CHARS, SLUG_BYTES)
  if (!bytes) throw new Error('A slug is 13 characters of base 58.')
  return Buffer.from(bytes).toString('hex').padStart(ID_CHARS, '0')
}

/** @throws Refusal for what is no id */
function slugIn(call: Call): string {
  const [, digits] = /^0{6}([\da-f]{18})$/.exec(nameIn(call, 'id')) ?? []
  if (digits === undefined) throw noShareSecret()
  return b58(new Uint8Array(Buffer.from(digits, 'hex')), SLUG_CHARS)
}

/** The link with its fragment, if the secret was made with a link that its owner can recover, as here. */
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

/** Of the first opening. */
function presentReader(events: SecretEvent[]) {
  const opened = events.find(({ type }) => type === 'opened')
  if (!opened) return { ip: null, ua: null, isoDate: null, ts: null }
  const { ip, userAgent, at } = opened
  return { ip, ua: userAgent, isoDate: isoDate(at), ts: Math.floor(at.getTime() / 1000) }
}

/** The account's workspace, newest first, ended ones for as long as the server keeps their records. */
export async function listShareSecrets(call: Call) {
  const { secrets, pagination } = await call.client.listSecrets(readPage(call))
  return presentPage('ShareSecret', pagination, secrets.map(presentSecret))
}

/** Mail that fails takes nothing back: the reply says so, and holds the link. @throws Refusal; HalfkeyError */
export async function createShareSecret(call: Call) {
  const { client, settings, log } = call
  const { name, content, sendTo } = await readShareSecret(call)
  const mail = sendTo && settings.mail ? { sendTo } : {}
  if (sendTo && !settings.mail) log('a link was to be mailed, and the settings have no `mail`')
  const options = { hours: settings.shareSecretHours, description: name, recoverable: true, ...mail }
  const shared = await client.createSecret(content, options).catch((error: unknown) => {
    if (!isUnanswered(error)) throw error
    log(`${error.code}: ${error.message}`)
    throw perhapsMade()
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

/** @throws Refusal; HalfkeyError */
export async function getShareSecret(call: Call) {
  const slug = slugIn(call)
  const [details, events] = await Promise.all([call.client.getSecretDetails(slug), call.client.getEvents(slug)]).catch(
    instead(noShareSecret(), 'NOT_FOUND'),
  )
  return { ...presentSecret(details), readerInfo: presentReader(events) }
}

/** Destroys content and record. @throws Refusal; HalfkeyError */
export async function deleteShareSecret(call: Call) {
  const slug = slugIn(call)
  await call.client.deleteSecret(slug, { purge: true }).catch(instead(noShareSecret(), 'NOT_FOUND'))
  return { id: idOf(slug), deleted: true }
}
