/**
 * What owners are told of their secrets, and recipients of one that waits for them. A notice waits in the outbox as a
 * message to one receiver, whose id is the same at every try.
 */
import { randomBytes } from 'node:crypto'
import type { WireKmsNotice, WireNotice, WireOwnerNotice, WireRequestNotice, WireSharedNotice } from '@halfkey/sdk'
import type { RequestRecord } from '../requests/request.ts'
import type { ServerKey } from '../server-key.ts'
import type { Secret } from '../secrets/secret.ts'

export type OwnerNotice = WireOwnerNotice
export type KmsNotice = WireKmsNotice
export type RequestNotice = WireRequestNotice
/** What is sent by mail: the others go to webhooks alone. */
export type MailedNotice = WireOwnerNotice | WireRequestNotice | WireSharedNotice

/** Bears neither content nor keys, and no address of anybody. */
export type Notice = WireNotice | WireSharedNotice

/** Times are milliseconds since the epoch. */
export interface Message {
  /** The `webhook-id`. */
  id: string
  /** null: it tells of a secret that was made without a token. */
  workspaceId: number | null
  /** null: it tells of no secret, or of one whose record is gone. */
  secretId: number | null
  kind: 'email' | 'webhook'
  webhookId: string | null
  /** An e-mail address under the server key; null for a webhook, and once nobody needs it. */
  sealedTo: Buffer | null
  notice: Notice
  createdAt: number
  attempts: number
  /** null: delivered, or given up. */
  nextAt: number | null
  deliveredAt: number | null
  /** What went wrong at the last try; null after a delivery. */
  lastError: string | null
}

export type NewMessage = Omit<Message, 'attempts' | 'nextAt' | 'deliveredAt' | 'lastError'>

/** Who gets it: a webhook, by its id, or the one mail server. */
export const receiverOf = ({ webhookId }: Pick<Message, 'webhookId'>): string => webhookId ?? 'email'

export const newMessageId = (): string => `msg_${randomBytes(16).toString('base64url')}`

export const isMailed = (notice: Notice): notice is MailedNotice => 'slug' in notice.data

export function kmsNotice(type: KmsNotice['type'], handler: string, version: number, time: number): KmsNotice {
  const at = new Date(time).toISOString()
  return { type, timestamp: at, data: { handler, version, at } }
}

export function ownerNotice(
  type: OwnerNotice['type'],
  { slug, creator, onLockout }: Pick<Secret, 'slug' | 'creator' | 'onLockout'>,
  time: number,
): OwnerNotice {
  const at = new Date(time).toISOString()
  const data = { slug, at, creator }
  return type === 'secret.locked'
    ? { type, timestamp: at, data: { ...data, burned: onLockout === 'burn' } }
    : { type, timestamp: at, data }
}

export function requestNotice(
  type: RequestNotice['type'],
  { slug, creator, answers, maximumAnswers }: RequestRecord,
  time: number,
): RequestNotice {
  const at = new Date(time).toISOString()
  return { type, timestamp: at, data: { slug, at, creator, answers_count: answers, maximum_answers: maximumAnswers } }
}

/** An address under the server key, bound to the secret that it is told of. */
export const sealRecipient = (key: ServerKey, slug: string, address: string): Buffer =>
  key.sealBox(`notify ${slug}`, Buffer.from(address))

export const openRecipient = (key: ServerKey, slug: string, sealed: Buffer): string =>
  key.unsealBox(`notify ${slug}`, sealed).toString()

interface AdmitFacts {
  /** Whose recipient is to be told; null: its record is gone. */
  secret: Pick<Secret, 'endedAt' | 'expiresAt'> | null
  /** How many notices of this type were sent of it before. */
  sent: number
}

/** Whether one more notice may go to a secret's recipient. */
export function admitNotice({ secret, sent }: AdmitFacts, limit: number, now: number): 'admitted' | 'ended' | 'limit' {
  if (!secret || secret.endedAt !== null || secret.expiresAt <= now) return 'ended'
  return sent >= limit ? 'limit' : 'admitted'
}

/** How long a message that nobody takes is tried. */
export const retryForMs = 86_400_000
const firstWaitMs = 60_000
const maxWaitMs = 14_400_000

/**
 * When to try again after a failure: 1, 3, 9 … minutes later, 4 hours at most, and for the last time 24 hours after
 * the event. null: given up.
 */
export function nextTry({ createdAt, attempts }: Pick<Message, 'createdAt' | 'attempts'>, now: number): number | null {
  const last = createdAt + retryForMs
  const wait = Math.min(firstWaitMs * 3 ** (attempts - 1), maxWaitMs)
  return now >= last ? null : Math.min(now + wait, last)
}
