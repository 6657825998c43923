import { Audit } from './audit.ts'
import { checkCreate, HOURS, presentSecret, sealSecret, secondsOf, VIEWS, type CreateOptions } from './create.ts'
import { b64, utf8, type Bytes } from './encoding.ts'
import { HalfkeyError } from './errors.ts'
import { download, request, type Call, type Reply, type TransportOptions } from './http.ts'
import { Kms } from './kms-calls.ts'
import { openLink } from './open.ts'
import {
  BOOLEAN,
  checkOptions,
  isIntegerIn,
  KEY,
  matches,
  refuseProblems,
  SIGNAL,
  TEXT,
  transportRules,
  type CallOptions,
  type Rule,
  type Rules,
} from './options.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { openMeta, parseWorkspaceKey, sealMeta, workspaceCheck } from './owner.ts'
import {
  openDetails,
  openListed,
  readEvents,
  readPagination,
  readSecret,
  readSecrets,
  readStats,
  readWorkspace,
  type Pagination,
  type SecretDetails,
  type SecretEvent,
  type Stats,
  type Workspace,
} from './records.ts'
import { rekey, verifyRekey, type RekeyOptions, type RekeyReport } from './rekey.ts'
import type { Link } from './reveal.ts'
import { SharedSecret } from './secret.ts'
import { isEmail, MAILER, openMailer, type MailerOptions } from './send-to.ts'
import { Tokens } from './tokens.ts'
import { readDelivery, Webhooks, type Delivery } from './webhooks.ts'
import type { WirePatchRequest, WireStatus } from './wire.ts'
import { openWithAny } from './workspace-keys.ts'

export interface HalfkeyOptions extends TransportOptions {
  /** Of the server, http or https, with a path prefix if it has one. */
  baseUrl: string
  /** `hkt_<id>_<secret>`. Without one, secrets are made anonymously and managed with their manage keys. */
  token?: string | undefined
  /**
   * b64 of 32 bytes, which no server ever sees: seals named secrets, and what owners note about theirs. During a rekey
   * `[new, old]`: what either opens is read, and what is sealed is sealed under the one that the workspace's check value
   * names, the first if it has none.
   */
  workspaceKey?: string | readonly string[] | undefined
  /** Has servers of other regions refuse the calls with WRONG_REGION. */
  region?: string | undefined
  /** For `sendTo`: the sender's own mail server. */
  mailer?: MailerOptions | undefined
}

export interface ListOptions extends CallOptions {
  status?: WireStatus | undefined
  /** Secrets a page, 1 … 100. */
  limit?: number | undefined
  /** From 1. */
  page?: number | undefined
  /** A token's name, or `anonymous`. */
  creator?: string | undefined
}

export interface ManageOptions extends CallOptions {
  /** b64 of 32 bytes, from `createSecret`: used instead of the token. */
  manageKey?: string | undefined
}

export interface DeleteOptions extends ManageOptions {
  /** Also removes the record and its log. */
  purge?: boolean | undefined
}

/** Nothing can be loosened. */
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

/** Defined by the browser bundle, which leaves named secrets, tokens and rekeying out. */
declare const __HALFKEY_BROWSER__: true | undefined

const notInBrowsers = (what: string): HalfkeyError =>
  new HalfkeyError('UNSUPPORTED', `The script-tag bundle has no ${what}.`)

const isBaseUrl = (value: unknown): boolean => {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const url = new URL(value)
  return /^https?:$/.test(url.protocol) && url.href === url.origin + url.pathname
}

const keysOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

const BASE_URL: Rule = [isBaseUrl, 'must be an http or https URL without user, query and fragment']

const WORKSPACE_KEY: Rule = [(value) => keysOf(value).every(KEY[0]), `${KEY[1]}, or a list of such`]

const clientRules: Rules<HalfkeyOptions> = {
  ...transportRules,
  baseUrl: BASE_URL,
  token: [matches(/^hkt_[A-Za-z\d]+_[\w-]+$/), 'must be of the form hkt_<id>_<secret>'],
  workspaceKey: WORKSPACE_KEY,
  region: [matches(/^[\w-]{1,32}$/), 'must be the name of a region'],
  mailer: MAILER,
}

const manageRules: Rules<ManageOptions> = { manageKey: KEY, signal: SIGNAL }

const listRules: Rules<ListOptions> = {
  status: [
    matches(/^(active|uploading|viewed|expired|burned|locked)$/),
    'must be active, uploading, viewed, expired, burned or locked',
  ],
  limit: [isIntegerIn(1, 100), 'must be a whole number from 1 to 100'],
  page: [isIntegerIn(1, 1e8), 'must be a whole number from 1'],
  creator: TEXT,
  signal: SIGNAL,
}

const deleteRules: Rules<DeleteOptions> = { ...manageRules, purge: BOOLEAN }

const patchRules: Rules<PatchOptions> = {
  ...manageRules,
  hours: HOURS,
  views: VIEWS,
  unlock: [(value) => value === true, 'must be true'],
  description: TEXT,
}

const SLUG: Rule = [matches(/^[1-9A-HJ-NP-Za-km-z]{13}$/), 'must be 13 letters and digits, not the whole link']

interface RequestOptions extends ManageOptions {
  body?: string | undefined
  /** Not tried again. */
  once?: boolean | undefined
}

/** A sender's and owner's client. Its keys are private: neither inspection nor JSON shows them. */
export class Halfkey {
  readonly #base: string
  readonly #transport: TransportOptions
  readonly #token: string | undefined
  readonly #workspaceKeys: readonly Bytes[]
  readonly #region: string | undefined
  readonly #mailer: MailerOptions | undefined
  readonly #audit = new Audit(
    (method, path, options) => this.#call(method, path, options),
    (path, options) => download(this.#request('GET', path, options), this.#transport),
  )
  readonly #webhooks = new Webhooks((method, path, options) => this.#call(method, path, options))
  #kms: Kms | undefined
  #tokens: Tokens | undefined
  /** The workspace's key, once it was asked which that is. */
  #sealing: Bytes | undefined

  /** @throws HalfkeyError VALIDATION_ERROR with everything that is wrong, options that don't exist included. */
  constructor(options: HalfkeyOptions) {
    checkOptions(options, clientRules, {
      baseUrl: [(options as Partial<HalfkeyOptions> | undefined)?.baseUrl, BASE_URL],
    })
    const { baseUrl, token, workspaceKey, region, mailer, ...transport } = options
    this.#base = new URL(baseUrl).href.replace(/\/+$/, '')
    this.#transport = transport
    this.#token = token
    this.#workspaceKeys = [workspaceKey ?? []].flat().map(parseWorkspaceKey)
    this.#region = region
    this.#mailer = mailer
  }

  /**
   * Seals a text and stores it. The content is kept as it is, white space included.
   *
   * With `sendTo` the link is then mailed to the recipient, from here; `secret.sendTo` tells how that went.
   *
   * @throws HalfkeyError VALIDATION_ERROR before anything is sent, or with the server's field names for policies that it
   *   can't enforce; WRONG_KEY if the workspace has another workspace key; PAYLOAD_TOO_LARGE over 1 MiB of JSON.
   */
  async createSecret(content: string, options: CreateOptions = {}): Promise<SharedSecret> {
    checkCreate(content, options, {
      workspaceKey: this.#workspaceKeys.length > 0,
      mailer: this.#mailer !== undefined,
    })
    const { onProgress, signal, sendTo } = options
    const sendLink = sendTo && this.#mailer && (await openMailer(this.#mailer))
    const sealed = await sealSecret(content, options, await this.#sealingKey(signal))
    const total = utf8(content).length
    onProgress?.({ done: 0, total })
    const { data } = await this.#call('POST', '/secrets', { body: sealed.body, signal })
    onProgress?.({ done: total, total })
    const shared = presentSecret(data, sealed)
    return new SharedSecret({ ...shared, sendTo: sendTo && (await sendLink?.(sendTo, shared)) })
  }

  /** `openLink` with this client's `fetch`, `timeout` and `retries`; never with its token, workspace key or address. */
  openLink(shareUrl: string, options: CallOptions & { revealId?: string | undefined } = {}): Promise<Link> {
    return openLink(shareUrl, { ...this.#transport, ...options })
  }

  /** One page, newest first. */
  async listSecrets(options: ListOptions = {}): Promise<{ secrets: SecretDetails[]; pagination: Pagination }> {
    checkOptions(options, listRules)
    const { status, limit, page, creator, signal } = options
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries({ status, per_page: limit, page, creator })) {
      if (value !== undefined) query.set(name, String(value))
    }
    const { data, pagination } = await this.#call('GET', `/secrets?${query.toString()}`, { signal })
    const secrets = readSecrets(data).map((secret) => openListed(secret, this.#workspaceKeys))
    return { secrets: await Promise.all(secrets), pagination: readPagination(pagination) }
  }

  /** All pages, each slug once; of what is made or ends meanwhile, some may be missed. */
  async *secrets(options: Omit<ListOptions, 'page'> = {}): AsyncGenerator<SecretDetails, void, undefined> {
    const seen = new Set<string>()
    for (let page = 1, lastPage = 1; page <= lastPage; page++) {
      const { secrets, pagination } = await this.listSecrets({ limit: 100, ...options, page })
      lastPage = pagination.lastPage
      for (const secret of secrets) {
        if (seen.has(secret.slug)) continue
        seen.add(secret.slug)
        yield secret
      }
    }
  }

  /**
   * Everything but the content.
   *
   * @throws HalfkeyError WRONG_KEY if what the owner noted was sealed under another workspace key, or changed.
   */
  async getSecretDetails(slug: string, options: ManageOptions = {}): Promise<SecretDetails> {
    checkOptions(options, manageRules, { slug: [slug, SLUG] })
    const { data } = await this.#call('GET', `/secrets/${slug}`, options)
    return openDetails(readSecret(data), this.#workspaceKeys)
  }

  /** Destroys the content at once, whoever is reading it. Again: nothing more. */
  async deleteSecret(slug: string, options: DeleteOptions = {}): Promise<void> {
    checkOptions(options, deleteRules, { slug: [slug, SLUG] })
    await this.#call('DELETE', `/secrets/${slug}${options.purge === true ? '?purge=true' : ''}`, options)
  }

  /** Returns the details as they are afterwards. */
  async patchSecret(slug: string, options: PatchOptions): Promise<SecretDetails> {
    checkOptions(options, patchRules, { slug: [slug, SLUG] })
    const { hours, views, unlock, description, ...access } = options
    const patch: WirePatchRequest = {
      ...(hours !== undefined && { expires_in: secondsOf(hours) }),
      ...(views !== undefined && { maximum_views: views }),
      ...(unlock && { unlock }),
      ...(description !== undefined && { meta: await this.#resealMeta(slug, description, access) }),
    }
    if (Object.keys(patch).length === 0) refuseProblems({ options: ['must change something'] })
    const { data } = await this.#call('PATCH', `/secrets/${slug}`, { ...access, body: JSON.stringify(patch) })
    return openDetails(readSecret(data), this.#workspaceKeys)
  }

  /** Who did what to a secret, when and from where, oldest first. */
  async getEvents(slug: string, options: ManageOptions = {}): Promise<SecretEvent[]> {
    checkOptions(options, manageRules, { slug: [slug, SLUG] })
    const { data } = await this.#call('GET', `/secrets/${slug}/events`, options)
    return readEvents(data)
  }

  /** The workspace's access log. */
  get audit(): Audit {
    return this.#audit
  }

  /** Where the workspace is told of events. */
  get webhooks(): Webhooks {
    return this.#webhooks
  }

  /**
   * Has the server tell a recipient by mail that a secret waits. The notice bears no link, which the server doesn't
   * know: see `sendTo` for that.
   *
   * @throws HalfkeyError RATE_LIMITED past 5 for a secret, GONE if it has ended.
   */
  async sendNotice(slug: string, email: string, options: CallOptions = {}): Promise<Delivery> {
    checkOptions(
      options,
      { signal: SIGNAL },
      { slug: [slug, SLUG], email: [email, [isEmail, 'must be an e-mail address']] },
    )
    const body = JSON.stringify({ email })
    const { data } = await this.#call('POST', `/secrets/${slug}/notice`, { ...options, body, once: true })
    return readDelivery(data)
  }

  async getStats(options: CallOptions = {}): Promise<Stats> {
    checkOptions(options, { signal: SIGNAL })
    const { data } = await this.#call('GET', '/stats', options)
    return readStats(data)
  }

  /** The token's workspace. */
  async getWorkspace(options: CallOptions = {}): Promise<Workspace> {
    checkOptions(options, { signal: SIGNAL })
    const { data } = await this.#call('GET', '/workspace', options)
    return readWorkspace(data)
  }

  /**
   * Has the workspace remember this client's workspace key by its check value, once and for all.
   *
   * @throws HalfkeyError CONFLICT if it remembers another.
   */
  async setWorkspaceCheck(options: CallOptions = {}): Promise<Workspace> {
    checkOptions(options, { signal: SIGNAL })
    const check = b64(await workspaceCheck(this.#requireWorkspaceKey('setWorkspaceCheck')))
    const body = JSON.stringify({ workspace_check: check })
    const { data } = await this.#call('PUT', '/workspace/check', { ...options, body })
    return readWorkspace(data)
  }

  /** Named secrets, for backends. */
  get kms(): Kms {
    if (typeof __HALFKEY_BROWSER__ === 'undefined') return (this.#kms ??= new Kms(this.#owner()))
    throw notInBrowsers('kms')
  }

  /** The workspace's tokens. */
  get tokens(): Tokens {
    if (typeof __HALFKEY_BROWSER__ === 'undefined') return (this.#tokens ??= new Tokens(this.#owner()))
    throw notInBrowsers('tokens')
  }

  /**
   * Moves the workspace from its old key to a new one: `workspaceKey` of this client is `[new, old]`. The check value
   * comes first, then the newest value of every named secret, as a new version, and all metadata. Safe to interrupt and
   * to run again; whoever has both keys can read everything at every moment. Ends with `verifyRekey`.
   *
   * @throws HalfkeyError WRONG_KEY if the workspace has neither key: nothing was changed.
   */
  async rekey(options: RekeyOptions = {}): Promise<RekeyReport> {
    if (typeof __HALFKEY_BROWSER__ === 'undefined') return rekey(this.#owner(), options)
    throw notInBrowsers('rekey')
  }

  /** Opens the newest value of every named secret and all metadata with the first workspace key alone. */
  async verifyRekey(options: RekeyOptions = {}): Promise<RekeyReport> {
    if (typeof __HALFKEY_BROWSER__ === 'undefined') return verifyRekey(this.#owner(), options)
    throw notInBrowsers('verifyRekey')
  }

  /**
   * The key to seal with, after asking the workspace which one it has; without a token there is none to ask. Several
   * keys: asked each time, because a rekey may move on in between.
   */
  async #sealingKey(signal: AbortSignal | undefined, afresh = false): Promise<Bytes | undefined> {
    const [first, second] = this.#workspaceKeys
    if (!first || this.#token === undefined) return first
    if (this.#sealing && !second && !afresh) return this.#sealing
    const { workspaceCheck: check } = await this.getWorkspace({ signal })
    for (const key of this.#workspaceKeys)
      if (check === null || check === b64(await workspaceCheck(key))) return (this.#sealing = key)
    throw new HalfkeyError('WRONG_KEY', 'The workspace has another workspace key. Nothing was sealed or sent.')
  }

  /** The secret's sealed metadata with another description. */
  async #resealMeta(slug: string, description: string, options: ManageOptions): Promise<string> {
    this.#requireWorkspaceKey('description')
    const workspaceKey = (await this.#sealingKey(options.signal)) as Bytes
    const { data } = await this.#call('GET', `/secrets/${slug}`, options)
    const { meta } = readSecret(data)
    const opened = meta === null ? {} : await openWithAny(this.#workspaceKeys, (key) => openMeta(key, slug, meta))
    return sealMeta(workspaceKey, slug, { ...opened, description })
  }

  #requireWorkspaceKey(what: string): Bytes {
    const [first] = this.#workspaceKeys
    if (!first) refuseProblems({ [what]: ['needs a workspaceKey'] })
    return first as Bytes
  }

  #owner(): OwnerCalls {
    return {
      call: (method, path, options) => this.#call(method, path, options),
      workspaceKeys: this.#workspaceKeys,
      sealingKey: async (what, signal, afresh) =>
        (await this.#sealingKey(signal, afresh)) ?? this.#requireWorkspaceKey(what),
    }
  }

  #call(method: Call['method'], path: string, options: RequestOptions = {}): Promise<Reply> {
    const transport = options.once ? { ...this.#transport, retries: 0 } : this.#transport
    return request(this.#request(method, path, options), transport)
  }

  #request(method: Call['method'], path: string, { manageKey, signal, body }: RequestOptions): Call {
    const headers: Record<string, string> = {}
    if (manageKey !== undefined) headers['Halfkey-Manage'] = manageKey
    else if (this.#token !== undefined) headers['Authorization'] = `Bearer ${this.#token}`
    if (this.#region !== undefined) headers['Halfkey-Region'] = this.#region
    return { url: `${this.#base}/api/v1${path}`, method, headers, body, signal }
  }
}
