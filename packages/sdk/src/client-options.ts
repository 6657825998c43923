/** The options of the client's calls, and the rules that check them before anything is sent. */
import {
  BOOLEAN,
  checkOptions,
  matches,
  pageRules,
  SIGNAL,
  TEXT,
  transportRules,
  type CallOptions,
  type Rule,
  type Rules,
} from './options.ts'
import { isObject } from './protocol/encoding.ts'
import type { PlatformCryptoKey } from './platform.ts'
import type { TransportOptions } from './transport/http.ts'
import { isWorkspaceCryptoKey, KEY } from './protocol/keys.ts'
import { MAILER, type MailerOptions } from './create/send-to.ts'
import type { WireStatus } from './wire.ts'

/** What a client is made with. */
export interface HalfkeyOptions extends TransportOptions {
  /** Of the server, http or https, with a path prefix if it has one. Default: what `regions` says of `region`. */
  baseUrl?: string | undefined
  /**
   * `hkt_<id>_<secret>`. Left out, secrets are created anonymously and managed with their manage keys. `undefined`, as
   * from an unset environment variable, is refused: it would create secrets that no workspace owns.
   */
  token?: string
  /**
   * The workspace key W, b64 of 32 bytes, which no server ever sees: seals named secrets, and what owners note about
   * theirs. Or these bytes imported for HKDF with the usage `deriveBits` (Web Cryptography), so that no script can read
   * them. A machine gets a folder key (`orders/:1…`) or an entry key (`orders/db:1…`) from `kms.deriveKey` instead, which
   * opens those named secrets and nothing else. Several, as a list or with commas between them: what any opens is read,
   * and what is sealed is sealed under the one that the workspace's check value names, the first if it has none; so
   * `[new, old]` during a rekey. Folder and entry keys are checked before the first request, which fails with
   * KEY_CUT_SHORT, KEY_MISTYPED, KEY_NEWER_VERSION or MALFORMED.
   */
  workspaceKey?: string | PlatformCryptoKey | readonly (string | PlatformCryptoKey)[] | undefined
  /** Has servers of other regions refuse the calls with WRONG_REGION. */
  region?: string | undefined
  /** The servers' base URLs by region. */
  regions?: Readonly<Record<string, string>> | undefined
  /** For `sendTo`: the sender's own mail server. */
  mailer?: MailerOptions | undefined
}

/** Which of the workspace's secrets `listSecrets` and `secrets` give. */
export interface ListOptions extends CallOptions {
  /** `active`: all that hasn't ended, `expired`: all that has, as in `Stats`; the others are parts of these. */
  status?: WireStatus | undefined
  /** Secrets a page, 1 … 100. */
  limit?: number | undefined
  /** From 1. */
  page?: number | undefined
  /** A token's name, or `anonymous`. */
  creator?: string | undefined
}

/** For calls about one secret, which its manage key allows without a token. */
export interface ManageOptions extends CallOptions {
  /** b64 of 32 bytes, from `createSecret`: used instead of the token. */
  manageKey?: string | undefined
}

/** For `deleteSecret`. */
export interface DeleteOptions extends ManageOptions {
  /** Also removes the record and its log. */
  purge?: boolean | undefined
}

/** What `patchSecret` changes. Nothing can be loosened. */
export interface PatchOptions extends ManageOptions {
  /** From now; must end earlier than before. */
  hours?: number | undefined
  /** Lower than before, above the views already spent. */
  views?: number | undefined
  /** Forgets the failed attempts of a locked secret. */
  unlock?: true | undefined
  /** Needs the workspace key. */
  description?: string | undefined
}

const isBaseUrl = (value: unknown): boolean => {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const url = new URL(value)
  return /^https?:$/.test(url.protocol) && url.href === url.origin + url.pathname
}

type GivenKey = string | PlatformCryptoKey

/** Each key by itself. */
export const keysOf = (value: GivenKey | readonly GivenKey[]): GivenKey[] =>
  [value].flat().flatMap((key): GivenKey[] => (typeof key === 'string' ? key.split(',') : [key]))

/** A folder or entry key: `NAME:1…`. */
export const isNamedKey = (key: GivenKey): key is string => typeof key === 'string' && key.includes(':')

const BASE_URL: Rule = [isBaseUrl, 'must be an http or https URL without user, query and fragment']

const WORKSPACE_KEY: Rule = [
  (value) => keysOf(value as GivenKey).every((key) => isNamedKey(key) || KEY[0](key) || isWorkspaceCryptoKey(key)),
  `${KEY[1]}, a folder or entry key, a CryptoKey for HKDF, or a list of such`,
]

const REGION: Rule = [matches(/^[\w-]{1,32}$/), 'must be the name of a region']

const REGIONS: Rule = [
  (value) => isObject(value) && Object.entries(value).every(([name, url]) => REGION[0](name) && isBaseUrl(url)),
  'must be an object of base URLs by the name of a region',
]

const TOKEN: Rule = [
  matches(/^hkt_[A-Za-z\d]+_[\w-]+$/),
  'must be of the form hkt_<id>_<secret>; leave it out to create secrets anonymously',
]

const clientRules: Rules<HalfkeyOptions> = {
  ...transportRules,
  baseUrl: BASE_URL,
  token: TOKEN,
  workspaceKey: WORKSPACE_KEY,
  region: REGION,
  regions: REGIONS,
  mailer: MAILER,
}

/** Where the server is. @throws HalfkeyError VALIDATION_ERROR with everything that is wrong with the options. */
export function checkClientOptions(options: HalfkeyOptions): string {
  const { baseUrl, region = '', regions } = (isObject(options) ? options : {}) as HalfkeyOptions
  const known = regions && Object.hasOwn(regions, region) ? regions[region] : undefined
  const address = baseUrl ?? known
  checkOptions(options, clientRules, {
    ...(isObject(options) && 'token' in options && { token: [options['token'], TOKEN] }),
    ...(regions === undefined || address !== undefined
      ? { baseUrl: [address, BASE_URL] }
      : { region: [undefined, [() => false, 'must be one of regions']] }),
  })
  return new URL(address as string).href.replace(/(?<!\/)\/+$/, '')
}

export const manageRules: Rules<ManageOptions> = { manageKey: KEY, signal: SIGNAL }

export const listRules: Rules<ListOptions> = {
  status: [
    matches(/^(active|uploading|viewed|expired|burned|locked)$/),
    'must be active, uploading, viewed, expired, burned or locked',
  ],
  ...pageRules,
  creator: TEXT,
  signal: SIGNAL,
}

export const deleteRules: Rules<DeleteOptions> = { ...manageRules, purge: BOOLEAN }

export const SLUG: Rule = [matches(/^[1-9A-HJ-NP-Za-km-z]{13}$/), 'must be 13 letters and digits, not the whole link']
