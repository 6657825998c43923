/** What may be asked of named secrets, and the rules that are checked before anything is sent. */
import { isObject, isWellFormed } from '../protocol/encoding.ts'
import { isKeyName } from '../protocol/kms-keys.ts'
import {
  isBytes,
  isIntegerIn,
  matches,
  NETWORKS,
  pageRules as numberedPage,
  SECONDS,
  SIGNAL,
  TEXT,
  type CallOptions,
  type Rule,
  type Rules,
} from '../options.ts'

export { HANDLER } from '../protocol/kms.ts'

/** For `kms.put`. */
export interface KmsPutOptions extends CallOptions {
  /** With `properties`: both are replaced together if either is given. */
  name?: string | undefined
  /** With `name`: both are replaced together if either is given. */
  properties?: Record<string, unknown> | undefined
  /** Addresses and CIDR blocks that may reveal it, as a list or a string with commas between them; null: any. */
  whitelist?: string | readonly string[] | null | undefined
  /** Seconds until this version isn't given out any more, 60 … 316,224,000. Default: never. */
  expiresIn?: number | undefined
  /** Seconds after which a newer version is due, 60 … 316,224,000; null: never. */
  rotateAfter?: number | null | undefined
  /** Only as this one: CONFLICT if it isn't the newest + 1. */
  version?: number | undefined
}

/** What `kms.update` changes. What is left out stays as it was. */
export interface KmsUpdateOptions extends CallOptions {
  /** For people. */
  name?: string | undefined
  /** Anything that JSON can hold. */
  properties?: Record<string, unknown> | undefined
  /** Addresses and CIDR blocks that may reveal it, as a list or a string with commas between them; null: any. */
  whitelist?: string | readonly string[] | null | undefined
  /** Of the newest version, seconds from now; null: never. */
  expiresIn?: number | null | undefined
  /** Seconds after which a newer version is due; null: never. */
  rotateAfter?: number | null | undefined
}

/** For `kms.reveal`. */
export interface KmsRevealOptions extends CallOptions {
  /** Default: the newest, which the server may say of an old one: name it where that matters. */
  version?: number | undefined
  /** Seconds for which the value is kept in memory, and one kept before will do. Default: not at all. */
  ttl?: number | undefined
}

/** Which page of a list. */
export interface PageOptions extends CallOptions {
  /** A page, 1 … 100. */
  limit?: number | undefined
  /** From 1. */
  page?: number | undefined
}

/** For `kms.list`. */
export interface KmsListOptions extends PageOptions {
  /** What the handlers begin with. */
  prefix?: string | undefined
}

/** For `kms.events`. */
export interface KmsEventsOptions extends CallOptions {
  /** The id after the first that is wanted. */
  before?: number | undefined
  /** A page, 1 … 1000. Default 100. */
  limit?: number | undefined
}

const orNull = ([test, problem]: Rule): Rule => [(value) => value === null || test(value), `${problem}, or null`]

export const KEY_NAME: Rule = [
  (value) => typeof value === 'string' && isKeyName(value),
  'must be a handler, or a handler and "/" for the key of its folder',
]
export const VERSION: Rule = [isIntegerIn(1, Number.MAX_SAFE_INTEGER), 'must be an integer from 1 to 2^53-1']
export const VALUE: Rule = [
  (value) => (typeof value === 'string' ? isWellFormed(value) : isBytes(value)),
  'must be well-formed Unicode text, a Buffer or a Uint8Array',
]

export const callRules: Rules<CallOptions> = { signal: SIGNAL }
const metaRules = { name: TEXT, properties: [isObject, 'must be an object'] } as const
export const putRules: Rules<KmsPutOptions> = {
  ...metaRules,
  whitelist: orNull(NETWORKS),
  expiresIn: SECONDS,
  rotateAfter: orNull(SECONDS),
  version: VERSION,
  signal: SIGNAL,
}
export const updateRules: Rules<KmsUpdateOptions> = {
  ...metaRules,
  whitelist: orNull(NETWORKS),
  expiresIn: orNull(SECONDS),
  rotateAfter: orNull(SECONDS),
  signal: SIGNAL,
}
export const revealRules: Rules<KmsRevealOptions> = {
  version: VERSION,
  ttl: [isIntegerIn(1, 86_400), 'must be a whole number of seconds from 1 to 86400'],
  signal: SIGNAL,
}
export const pageRules: Rules<PageOptions> = {
  ...numberedPage,
  signal: SIGNAL,
}
export const listRules: Rules<KmsListOptions> = {
  ...pageRules,
  prefix: [matches(/^[a-z\d._/-]{1,128}$/), 'must be the beginning of a handler'],
}
export const eventsRules: Rules<KmsEventsOptions> = {
  before: [isIntegerIn(1, 1e15 - 1), 'must be the id of an event'],
  limit: [isIntegerIn(1, 1000), 'must be a whole number from 1 to 1000'],
  signal: SIGNAL,
}
