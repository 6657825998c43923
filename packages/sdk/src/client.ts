import {
  checkCreate,
  HOURS,
  presentSecret,
  sealSecret,
  secondsOf,
  VIEWS,
  type CreateOptions,
  type SealedSecret,
} from './create.ts'
import { b64, utf8, type Bytes } from './encoding.ts'
import { HalfkeyError } from './errors.ts'
import { Audit, createWithFiles, openSources, sendNotice, Webhooks } from './extras.ts'
import { encryptedSize } from './files.ts'
import { request, type Call, type Reply, type TransportOptions } from './http.ts'
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
import type { Link } from './reveal.ts'
import { SharedSecret } from './secret.ts'
import { isEmail, MAILER, openMailer, type MailerOptions } from './send-to.ts'
import type { Delivery } from './webhooks.ts'
import type { WirePatchRequest, WireStatus } from './wire.ts'

export interface HalfkeyOptions extends TransportOptions {
  /** Of the server, http or https, with a path prefix if it has one. */
  baseUrl: string
  /** `hkt_<id>_<secret>`. Without one, secrets are made anonymously and managed with their manage keys. */
  token?: string | undefined
  /** b64 of 32 bytes, which no server ever sees: seals what owners note about their secrets. */
  workspaceKey?: string | undefined
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

const isBaseUrl = (value: unknown): boolean => {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const url = new URL(value)
  return /^https?:$/.test(url.protocol) && url.href === url.origin + url.pathname
}

const BASE_URL: Rule = [isBaseUrl, 'must be an http or https URL without user, query and fragment']

const clientRules: Rules<HalfkeyOptions> = {
  ...transportRules,
  baseUrl: BASE_URL,
  token: [matches(/^hkt_[A-Za-z\d]+_[\w-]+$/), 'must be of the form hkt_<id>_<secret>'],
  workspaceKey: KEY,
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
  readonly #workspaceKey: Bytes | undefined
  readonly #region: string | undefined
  readonly #mailer: MailerOptions | undefined
  readonly #audit = new Audit(
    (method, path, options) => this.#call(method, path, options),
    (path, options) => ({ call: this.#request('GET', path, options), transport: this.#transport }),
  )
  readonly #webhooks = new Webhooks((method, path, options) => this.#call(method, path, options))
  #workspaceKeyChecked = false

  /** @throws HalfkeyError VALIDATION_ERROR with everything that is wrong, options that don't exist included. */
  constructor(options: HalfkeyOptions) {
    checkOptions(options, clientRules, {
      baseUrl: [(options as Partial<HalfkeyOptions> | undefined)?.baseUrl, BASE_URL],
    })
    const { baseUrl, token, workspaceKey, region, mailer, ...transport } = options
    this.#base = new URL(baseUrl).href.replace(/\/+$/, '')
    this.#transport = transport
    this.#token = token
    this.#workspaceKey = workspaceKey === undefined ? undefined : parseWorkspaceKey(workspaceKey)
    this.#region = region
    this.#mailer = mailer
  }

  /**
   * Seals a text and attachments, and stores them. The content is kept as it is, white space included; it may be empty
   * beside attachments. Of these, memory holds a few parts of 8 MiB whatever their sizes; what fails is removed from
   * the server.
   *
   * With `sendTo` the link is then mailed to the recipient, from here; `secret.sendTo` tells how that went.
   *
   * @throws HalfkeyError VALIDATION_ERROR before anything is sent, for an attachment that can't be read or has another
   *   size than it said, or with the server's field names for policies that it can't enforce; WRONG_KEY if the workspace has another workspace key; PAYLOAD_TOO_LARGE over 1 MiB of JSON.
   */
  async createSecret(content: string, options: CreateOptions = {}): Promise<SharedSecret> {
    checkCreate(content, options, {
      workspaceKey: this.#workspaceKey !== undefined,
      mailer: this.#mailer !== undefined,
    })
    const { attachments = [], onProgress, signal, sendTo } = options
    const sendLink = sendTo && this.#mailer && (await openMailer(this.#mailer))
    await this.#checkWorkspaceKey(signal)
    const sources = attachments.length > 0 ? await openSources(attachments) : []
    const sealed = await sealSecret(content, options, this.#workspaceKey, sources)
    const textLength = utf8(content).length
    const total = sources.reduce((sum, { size }) => sum + encryptedSize(size), textLength)
    let done = 0
    const onSent = (bytes: number) => onProgress?.({ done: (done += bytes), total })
    onSent(0)
    const data = await this.#send(sealed, onSent, signal)
    onSent(textLength)
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
    const secrets = readSecrets(data).map((secret) => openListed(secret, this.#workspaceKey))
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
    return openDetails(readSecret(data), this.#workspaceKey)
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
    return openDetails(readSecret(data), this.#workspaceKey)
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
    return sendNotice((...call) => this.#call(...call), slug, email, options)
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

  /** Asks the workspace, before the first seal, whether this is its workspace key. Without a token there is none. */
  async #checkWorkspaceKey(signal: AbortSignal | undefined): Promise<void> {
    if (this.#workspaceKeyChecked || !this.#workspaceKey || this.#token === undefined) return
    const workspace = await this.getWorkspace({ signal })
    if (
      workspace.workspaceCheck !== null &&
      workspace.workspaceCheck !== b64(await workspaceCheck(this.#workspaceKey))
    ) {
      throw new HalfkeyError('WRONG_KEY', 'The workspace has another workspace key. Nothing was sealed or sent.')
    }
    this.#workspaceKeyChecked = true
  }

  /** The secret's sealed metadata with another description. */
  async #resealMeta(slug: string, description: string, options: ManageOptions): Promise<string> {
    const workspaceKey = this.#requireWorkspaceKey('description')
    await this.#checkWorkspaceKey(options.signal)
    const { data } = await this.#call('GET', `/secrets/${slug}`, options)
    const { meta } = readSecret(data)
    const opened = meta === null ? {} : await openMeta(workspaceKey, slug, meta)
    return sealMeta(workspaceKey, slug, { ...opened, description })
  }

  #requireWorkspaceKey(what: string): Bytes {
    if (!this.#workspaceKey) refuseProblems({ [what]: ['needs a workspaceKey'] })
    return this.#workspaceKey as Bytes
  }

  /** Creates a secret, with its files if there are any; returns the reply to the create. */
  async #send(
    sealed: SealedSecret,
    onSent: (bytes: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    if (sealed.files.length > 0) {
      const manageKey = this.#token === undefined ? b64(sealed.manageKey) : undefined
      const call = (method: Call['method'], path: string) => this.#request(method, path, { manageKey })
      return createWithFiles({ sealed, call, transport: this.#transport, onSent, signal })
    }
    const { data } = await this.#call('POST', '/secrets', { body: sealed.body, signal })
    return data
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
