/** Makes a request (spec/protocol.md section 10, step 1). */
import { linkBase, secondsOf, type OrUndefined } from '../create/create.ts'
import { openMailer, type MailerOptions } from '../create/send-to.ts'
import { throwIfInvalid } from '../errors.ts'
import { findProblems } from '../options.ts'
import type { PlatformAbortSignal } from '../platform.ts'
import { b64, isObject } from '../protocol/encoding.ts'
import { KEY_LENGTH, verifierOf, type WorkspaceKey } from '../protocol/keys.ts'
import { formatLink } from '../protocol/link.ts'
import { sealMeta } from '../protocol/owner.ts'
import { deriveRequest, sealRequestNote } from '../protocol/request.ts'
import { random } from '../provider.ts'
import type { TransportOptions } from '../transport/http.ts'
import { date, integer, malformedReply, record, string } from '../transport/read.ts'
import type { Fields } from '../transport/spelling.ts'
import type { WireAskRequest } from '../wire.ts'
import type { OwnerCalls } from '../workspace/owner-calls.ts'
import { SharedRequest } from './asked.ts'
import { loadKem } from './kem.ts'
import { createRequestRules, type CreateRequestOptions } from './options.ts'
import { readLimits } from './records.ts'

/** What the client lends to calls about requests. */
export interface AskerCalls extends OwnerCalls {
  /** The server's address. */
  base: string
  transport: TransportOptions
  mailer: MailerOptions | undefined
  /** The workspace key to seal owner metadata with; undefined: the client has none. */
  optionalKey: (signal: PlatformAbortSignal | undefined) => Promise<WorkspaceKey | undefined>
}

/** Of the fields that a request's creation or patch sends: the option that each was made from. */
export const REQUEST_FIELDS: Fields = {
  'answer.expires_in': 'answer.hours',
  'answer.maximum_views': 'answer.views',
  'answer.maximum_files': 'answer.maxFiles',
  'answer.maximum_bytes': 'answer.maxBytes',
  expires_in: 'hours',
  maximum_answers: 'answers',
  note: 'message',
  meta: 'description',
  notify: 'notify',
}

const readAsked = record({
  slug: string,
  askUrl: string,
  collectUrl: string,
  maximumAnswers: integer,
  expiration: date,
  limits: readLimits,
  createdAt: date,
})

function checkCreateRequest({ workspaceKeys, mailer }: AskerCalls, options: CreateRequestOptions): void {
  const problems = findProblems(options, createRequestRules)
  const need = (name: 'sendTo' | 'description' | 'keepSeed', has: boolean, problem: string) => {
    if (!has && isObject(options) && options[name]) (problems[name] ??= []).push(problem)
  }
  need('sendTo', mailer !== undefined, 'needs the client to have a mailer')
  need('description', workspaceKeys.length > 0, 'needs the client to have a workspaceKey')
  need('keepSeed', workspaceKeys.length > 0, 'needs the client to have a workspaceKey')
  throwIfInvalid(problems)
}

/** `client.createRequest` */
export async function createRequest(asker: AskerCalls, options: CreateRequestOptions): Promise<SharedRequest> {
  checkCreateRequest(asker, options)
  const { hours, answers, answer, description, message, notify, sendTo, keepSeed = true, signal } = options
  const sendLink = sendTo && asker.mailer && (await openMailer(asker.mailer))
  const [kem, seed, workspaceKey] = await Promise.all([
    options.kem ?? loadKem(),
    random(KEY_LENGTH),
    asker.optionalKey(signal),
  ])
  const { askKey, publicKey, collect, slug, accessVerifier } = await deriveRequest(kem, seed)
  const meta = { description, note: message, ...(keepSeed && { seed: b64(seed) }) }
  const body: OrUndefined<WireAskRequest> = {
    slug,
    access_verifier: b64(accessVerifier),
    collect_verifier: b64(await verifierOf(collect)),
    public_key: b64(publicKey),
    note: await sealRequestNote(askKey, slug, message ?? ''),
    meta: workspaceKey && (await sealMeta(workspaceKey, slug, meta)),
    maximum_answers: answers,
    expires_in: hours === undefined ? undefined : secondsOf(hours),
    answer: answer && limitsOf(answer),
    notify: notify === undefined ? undefined : { email: notify },
  }
  // Sent by every attempt as it is: the server answers the same bytes with the same reply.
  const sent = { signal, body: JSON.stringify(body), fields: REQUEST_FIELDS }
  const { data } = await asker.call('POST', '/requests', sent)

  const asked = readAsked(data)
  const askBase = linkBase(asked.askUrl, `ask/${slug}`)
  const collectBase = linkBase(asked.collectUrl, `collect/${slug}`)
  if (asked.slug !== slug || askBase === null || collectBase === null) throw malformedReply()
  const askUrl = formatLink(askBase, slug, askKey, 'ask')
  const shared = { ...asked, askUrl, collectUrl: formatLink(collectBase, slug, seed, 'collect'), description, message }
  return new SharedRequest({ ...shared, sendTo: sendTo && (await sendLink?.(sendTo, shared)) })
}

/** JSON has no members that are undefined. */
function limitsOf({ hours, views, maxFiles, maxBytes }: NonNullable<CreateRequestOptions['answer']>) {
  return {
    ...(hours !== undefined && { expires_in: secondsOf(hours) }),
    ...(views !== undefined && { maximum_views: views }),
    ...(maxFiles !== undefined && { maximum_files: maxFiles }),
    ...(maxBytes !== undefined && { maximum_bytes: maxBytes }),
  }
}
