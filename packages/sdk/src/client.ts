import { checkCreate, presentSecret, sealSecret, type CreateOptions, type SealedSecret } from './create/create.ts'
import {
  checkClientOptions,
  deleteRules,
  isNamedKey,
  keysOf,
  listRules,
  manageRules,
  SLUG,
  type DeleteOptions,
  type HalfkeyOptions,
  type ListOptions,
  type ManageOptions,
  type PatchOptions,
} from './client-options.ts'
import { b64, utf8 } from './protocol/encoding.ts'
import { HalfkeyError, throwIfInvalid } from './errors.ts'
import {
  Audit,
  createWithFiles,
  getStats,
  Kms,
  openKeys,
  openSources,
  patchSecret,
  rekey,
  sendNotice,
  Tokens,
  verifyRekey,
  Webhooks,
} from './bundles/extras.ts'
import { encryptedSize } from './protocol/chunks.ts'
import { request, type Call, type Reply, type TransportOptions } from './transport/http.ts'
import { refusedByCors } from './transport/cors.ts'
import { respell, SECRET_FIELDS, type Fields } from './transport/spelling.ts'
import type { WorkspaceKey } from './protocol/keys.ts'
import type { KmsKey } from './protocol/kms-keys.ts'
import { openLink } from './open.ts'
import { checkOptions, SIGNAL, tellProgress, type CallOptions } from './options.ts'
import type { OwnerCalls } from './workspace/owner-calls.ts'
import { parseWorkspaceKey, workspaceCheck } from './protocol/owner.ts'
import {
  openDetails,
  openListed,
  readEvents,
  readPagination,
  readSecret,
  readSecrets,
  readWorkspace,
  type Pagination,
  type SecretDetails,
  type SecretEvent,
  type Workspace,
} from './workspace/records.ts'
import type { RekeyOptions, RekeyReport } from './workspace/rekey.ts'
import type { Link } from './link/reveal.ts'
import { SharedSecret } from './create/secret.ts'
import type { Stats } from './workspace/stats.ts'
import { isEmail, openMailer, type MailerOptions } from './create/send-to.ts'
import type { Delivery } from './workspace/webhooks.ts'

interface RequestOptions extends ManageOptions {
  body?: string | undefined
  /** Not tried again. */
  once?: boolean | undefined
  /** What the caller calls the fields that are sent. */
  fields?: Fields
}

/** A sender's and owner's client. Its keys are private: neither inspection nor JSON shows them. */
export class Halfkey {
  readonly #base: string
  readonly #transport: TransportOptions
  readonly #token: string | undefined
  /** W alone. */
  readonly #workspaceKeys: readonly WorkspaceKey[]
  readonly #hasNamedKeys: boolean
  readonly #kmsKeys: () => Promise<readonly KmsKey[]>
  readonly #region: string | undefined
  readonly #mailer: MailerOptions | undefined
  readonly #audit = new Audit(
    (method, path, options) => this.#call(method, path, options),
    (path, options) => ({ call: this.#request('GET', path, options), transport: this.#transport }),
  )
  readonly #webhooks = new Webhooks((method, path, options) => this.#call(method, path, options))
  readonly #kms: Kms
  readonly #tokens: Tokens
  readonly #diagnose = (call: Call) => refusedByCors(call, this.#base, this.#transport)
  /** The workspace's key, once it was asked which that is. */
  #sealing: WorkspaceKey | undefined

  /** @throws HalfkeyError VALIDATION_ERROR with everything that is wrong, options that don't exist included. */
  constructor(options: HalfkeyOptions) {
    this.#base = checkClientOptions(options)
    const { baseUrl: _baseUrl, regions: _regions, token, workspaceKey, region, mailer, ...transport } = options
    this.#transport = transport
    this.#token = token
    const given = keysOf(workspaceKey ?? [])
    const whole = given.filter((key) => !isNamedKey(key))
    this.#workspaceKeys = whole.map(parseWorkspaceKey)
    this.#hasNamedKeys = whole.length < given.length
    let opened: Promise<KmsKey[]> | undefined
    this.#kmsKeys = () =>
      (opened ??= openKeys(given).catch((error: unknown) => {
        opened = undefined
        throw error
      }))
    this.#region = region
    this.#mailer = mailer
    this.#kms = new Kms(this.#owner())
    this.#tokens = new Tokens(this.#owner())
  }

  /**
   * Encrypts a secret, with attachments if there are any, and stores it. A text is kept as it is, white space included;
   * a `Buffer` or `Uint8Array` is content that isn't text, and its reader gets the same bytes from `opened.bytes()`. The
   * content may be empty beside attachments. Of these, memory holds a few parts of 8 MiB whatever their sizes; what
   * fails is removed from the server.
   *
   * With `sendTo` the link is then mailed to the recipient, from here; `secret.sendTo` tells how that went.
   *
   * @throws HalfkeyError VALIDATION_ERROR before anything is sent, for an attachment that can't be read or has another
   *   size than it said, or for policies that this server can't enforce; WRONG_KEY if the workspace has another
   *   workspace key; PAYLOAD_TOO_LARGE for content over 1 MiB of JSON (786,423 bytes that aren't text).
   */
  async createSecret(content: string | Uint8Array, options: CreateOptions = {}): Promise<SharedSecret> {
    checkCreate(content, options, {
      workspaceKey: this.#workspaceKeys.length > 0,
      mailer: this.#mailer !== undefined,
    })
    const { attachments = [], signal, sendTo } = options
    const sendLink = sendTo && this.#mailer && (await openMailer(this.#mailer))
    const sources = attachments.length > 0 ? await openSources(attachments) : []
    const sealed = await sealSecret(content, options, await this.#sealingKey(signal), sources)
    const contentLength = typeof content === 'string' ? utf8(content).length : content.length
    const total = sources.reduce((sum, { size }) => sum + encryptedSize(size), contentLength)
    let done = 0
    const onSent = (bytes: number) => void tellProgress(options, (done += bytes), total)
    onSent(0)
    const data = await this.#send(sealed, onSent, signal)
    onSent(contentLength)
    const shared = presentSecret(data, sealed)
    const { description, message } = options
    return new SharedSecret({ ...shared, description, message, sendTo: sendTo && (await sendLink?.(sendTo, shared)) })
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
  patchSecret(slug: string, options: PatchOptions): Promise<SecretDetails> {
    return patchSecret(this.#owner(), slug, options)
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

  getStats(options: CallOptions = {}): Promise<Stats> {
    return getStats(this.#owner(), options)
  }

  /** The token's workspace. */
  async getWorkspace(options: CallOptions = {}): Promise<Workspace> {
    checkOptions(options, { signal: SIGNAL })
    const { data } = await this.#call('GET', '/workspace', options)
    return readWorkspace(data)
  }

  /**
   * b64 of 32 bytes: the check value of the workspace that this client's workspace key, the first of several, belongs to.
   * A folder or entry key has it too.
   */
  async workspaceCheck(): Promise<string> {
    const [named] = this.#hasNamedKeys ? await this.#kmsKeys() : []
    return named?.check ?? this.#ownCheck()
  }

  /**
   * Has the workspace remember this client's workspace key by its check value, once and for all. Needs `tokens:admin`, and
   * the workspace key itself.
   *
   * @throws HalfkeyError CONFLICT if it remembers another.
   */
  async setWorkspaceCheck(options: CallOptions = {}): Promise<Workspace> {
    checkOptions(options, { signal: SIGNAL })
    const body = JSON.stringify({ workspace_check: await this.#ownCheck() })
    const { data } = await this.#call('PUT', '/workspace/check', { ...options, body })
    return readWorkspace(data)
  }

  /** Named secrets, for backends. */
  get kms(): Kms {
    return this.#kms
  }

  /** The workspace's tokens. */
  get tokens(): Tokens {
    return this.#tokens
  }

  /**
   * Moves the workspace from its old key to a new one: `workspaceKey` of this client is `[new, old]`. The check value
   * comes first, then the newest value of every named secret, as a new version, and all metadata. Safe to interrupt and
   * to run again; whoever has both keys can read everything at every moment. Ends with `verifyRekey`.
   *
   * @throws HalfkeyError WRONG_KEY if the workspace has neither key: nothing was changed.
   */
  rekey(options: RekeyOptions = {}): Promise<RekeyReport> {
    return rekey(this.#owner(), options)
  }

  /** Opens the newest value of every named secret and all metadata with the first workspace key alone. */
  verifyRekey(options: RekeyOptions = {}): Promise<RekeyReport> {
    return verifyRekey(this.#owner(), options)
  }

  /**
   * The key to seal with, after asking the workspace which one it has; without a token there is none to ask. Several
   * keys: asked each time, because a rekey may move on in between.
   */
  async #sealingKey(signal: AbortSignal | undefined): Promise<WorkspaceKey | undefined> {
    await this.#checkKeys()
    const [first, second] = this.#workspaceKeys
    if (!first || this.#token === undefined) return first
    if (this.#sealing && !second) return this.#sealing
    const { workspaceCheck: check } = await this.getWorkspace({ signal })
    for (const key of this.#workspaceKeys)
      if (check === null || check === b64(await workspaceCheck(key))) return (this.#sealing = key)
    throw new HalfkeyError('WRONG_KEY', 'The workspace has another workspace key. Nothing was sealed or sent.')
  }

  /** @throws HalfkeyError for a folder or entry key that can't be right, before the first request. */
  async #checkKeys(): Promise<void> {
    if (this.#hasNamedKeys) await this.#kmsKeys()
  }

  async #ownCheck(): Promise<string> {
    return b64(await workspaceCheck(this.#requireWorkspaceKey('workspaceKey')))
  }

  #requireWorkspaceKey(what: string): WorkspaceKey {
    const [first] = this.#workspaceKeys
    const problem = this.#hasNamedKeys
      ? 'needs the workspace key itself: folder and entry keys are for named secrets alone'
      : 'needs a workspaceKey'
    if (!first) throwIfInvalid({ [what]: [problem] })
    return first as WorkspaceKey
  }

  #owner(): OwnerCalls {
    return {
      call: (method, path, options) => this.#call(method, path, options),
      workspaceKeys: this.#workspaceKeys,
      kmsKeys: () => this.#kmsKeys(),
      sealingKey: async (what, signal) => (await this.#sealingKey(signal)) ?? this.#requireWorkspaceKey(what),
    }
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
      const transport = { ...this.#transport, diagnose: this.#diagnose }
      return createWithFiles({ sealed, call, transport, onSent, signal }).catch((error: unknown) => {
        throw respell(error, SECRET_FIELDS)
      })
    }
    const { data } = await this.#call('POST', '/secrets', { body: sealed.body, signal, fields: SECRET_FIELDS })
    return data
  }

  async #call(method: Call['method'], path: string, options: RequestOptions = {}): Promise<Reply> {
    await this.#checkKeys()
    const transport = options.once ? { ...this.#transport, retries: 0 } : this.#transport
    return request(this.#request(method, path, options), { ...transport, diagnose: this.#diagnose }).catch(
      (error: unknown) => {
        throw respell(error, options.fields)
      },
    )
  }

  #request(method: Call['method'], path: string, { manageKey, signal, body }: RequestOptions): Call {
    const headers: Record<string, string> = {}
    if (manageKey !== undefined) headers['Halfkey-Manage'] = manageKey
    else if (this.#token !== undefined) headers['Authorization'] = `Bearer ${this.#token}`
    if (this.#region !== undefined) headers['Halfkey-Region'] = this.#region
    return { url: `${this.#base}/api/v1${path}`, method, headers, body, signal }
  }
}
