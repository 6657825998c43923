import { checkCreate, presentSecret, sealSecret, type CreateOptions, type SealedSecret } from './create/create.ts'
import { checkClientOptions, isNamedKey, keysOf } from './client-options.ts'
import type { DeleteOptions, HalfkeyOptions, ListOptions, ManageOptions, PatchOptions } from './client-options.ts'
import { b64, utf8 } from './protocol/encoding.ts'
import { HalfkeyError, throwIfInvalid } from './errors.ts'
import {
  Audit,
  createWithFiles,
  deleteSecret,
  getEvents,
  getSecretDetails,
  getStats,
  getWorkspace,
  Kms,
  listSecrets,
  openKeys,
  openSources,
  patchSecret,
  rekey,
  sendNotice,
  setWorkspaceCheck,
  Tokens,
  verifyRekey,
  Webhooks,
} from './bundles/extras.ts'
import { encryptedSize } from './protocol/chunks.ts'
import { request, type Call, type Reply, type TransportOptions } from './transport/http.ts'
import { refusedByCors } from './transport/cors.ts'
import { pagesOf } from './transport/pages.ts'
import { respell, SECRET_FIELDS, type Fields } from './transport/spelling.ts'
import type { WorkspaceKey } from './protocol/keys.ts'
import type { KmsKey } from './protocol/kms-keys.ts'
import { openLink } from './open.ts'
import * as requests from './request/lazy.ts'
import type { SharedRequest } from './request/asked.ts'
import type { Collect } from './request/collect.ts'
import type { AskerCalls } from './request/create.ts'
import type {
  CreateRequestOptions,
  DeleteRequestOptions,
  KemOptions,
  ListRequestsOptions,
  PatchRequestOptions,
} from './request/options.ts'
import type { RequestDetails, RequestStats } from './request/records.ts'
import { reportProgress, type CallOptions } from './options.ts'
import type { OwnerCalls } from './workspace/owner-calls.ts'
import { parseWorkspaceKey, workspaceCheck } from './protocol/owner.ts'
import type { Pagination, SecretDetails, SecretEvent, Workspace } from './workspace/records.ts'
import type { RekeyOptions, RekeyReport } from './workspace/rekey.ts'
import type { Link } from './link/reveal.ts'
import { SharedSecret } from './create/secret.ts'
import type { Stats } from './workspace/workspace.ts'
import { openMailer, type MailerOptions } from './create/send-to.ts'
import type { Delivery } from './workspace/webhooks.ts'

interface RequestOptions extends ManageOptions {
  body?: string | undefined
  /** Not retried. */
  once?: boolean | undefined
  /** The caller's names for the fields that are sent. */
  fields?: Fields
}

/**
 * A client for senders and owners. Token and keys are private members: neither `console.log` nor `JSON.stringify` shows
 * them.
 *
 * @example
 * ```ts
 * import { Halfkey } from '@halfkey/sdk'
 *
 * const client = new Halfkey({ baseUrl: 'https://halfkey.example' })
 * const secret = await client.createSecret('my secret')
 * console.log(secret.shareUrl)
 * ```
 */
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
  readonly #audit: Audit
  readonly #webhooks: Webhooks
  readonly #kms: Kms
  readonly #tokens: Tokens
  readonly #diagnose = (call: Call) => refusedByCors(call, this.#base, this.#transport)
  /** The workspace's key, once it was asked which that is. */
  #sealing: WorkspaceKey | undefined

  /** @throws HalfkeyError VALIDATION_ERROR with everything that is wrong, unknown options included. */
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
    this.#audit = new Audit(this.#owner())
    this.#webhooks = new Webhooks(this.#owner())
    this.#kms = new Kms(this.#owner())
    this.#tokens = new Tokens(this.#owner())
  }

  /**
   * Encrypts a secret and stores it, with attachments if there are any. A text is kept as it is, white space included. A
   * `Buffer` or `Uint8Array` is content that isn't text; its reader gets the same bytes from `opened.bytes()`. With
   * attachments the content may be empty. They are streamed: memory holds a few parts of 8 MiB, whatever their sizes. A
   * secret whose upload fails is removed from the server.
   *
   * With `sendTo`, this program then mails the link to the recipient; `secret.sendTo` says whether that worked.
   *
   * @throws HalfkeyError VALIDATION_ERROR for wrong options before anything is sent, for an attachment that can't be read
   *   or isn't as long as it said, and for policies that this server can't enforce; WRONG_KEY if the workspace has another
   *   workspace key; PAYLOAD_TOO_LARGE for content over 1 MiB of JSON (786,423 bytes that aren't text).
   *
   * @example
   * ```ts
   * const secret = await client.createSecret('correct horse', { hours: 24, views: 1, message: 'Use today' })
   * console.log(secret.shareUrl)
   * ```
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
    const onSent = (bytes: number) => void reportProgress(options, (done += bytes), total)
    onSent(0)
    const data = await this.#send(sealed, onSent, signal)
    onSent(contentLength)
    const shared = presentSecret(data, sealed)
    const { description, message } = options
    return new SharedSecret({ ...shared, description, message, sendTo: sendTo && (await sendLink?.(sendTo, shared)) })
  }

  /**
   * `openLink` with this client's `fetch`, `timeout` and `retries`; never with its token, workspace key or address. Spends
   * nothing.
   *
   * @throws HalfkeyError as `openLink`.
   *
   * @example
   * ```ts
   * const link = await client.openLink(secret.shareUrl)
   * const opened = await link.reveal()
   * console.log(opened.text)
   * ```
   */
  openLink(shareUrl: string, options: CallOptions & { revealId?: string | undefined } = {}): Promise<Link> {
    return openLink(shareUrl, { ...this.#transport, ...options })
  }

  /**
   * One page of the workspace's secrets, newest first. Needs the scope `secrets:read`.
   *
   * @throws HalfkeyError VALIDATION_ERROR for wrong options; AUTHENTICATION_ERROR or PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * const { secrets, pagination } = await client.listSecrets({ status: 'active', limit: 10 })
   * console.log(`${secrets.length} of ${pagination.total}`)
   * ```
   */
  listSecrets(options: ListOptions = {}): Promise<{ secrets: SecretDetails[]; pagination: Pagination }> {
    return listSecrets(this.#owner(), options)
  }

  /**
   * All pages of `listSecrets`, each secret once. Of those created or ended meanwhile, some may be missing.
   *
   * @throws HalfkeyError as `listSecrets`.
   *
   * @example
   * ```ts
   * for await (const { slug, expiration } of client.secrets({ status: 'active' })) console.log(slug, expiration)
   * ```
   */
  async *secrets(options: Omit<ListOptions, 'page'> = {}): AsyncGenerator<SecretDetails, void, undefined> {
    const seen = new Set<string>()
    for await (const { secrets } of pagesOf((page) => this.listSecrets({ limit: 100, ...options, page }))) {
      for (const secret of secrets) {
        if (seen.has(secret.slug)) continue
        seen.add(secret.slug)
        yield secret
      }
    }
  }

  /**
   * Everything about a secret but its content. Needs the scope `secrets:read`, or the secret's `manageKey`.
   *
   * @throws HalfkeyError NOT_FOUND; WRONG_KEY if the owner's notes were sealed under another workspace key, or changed.
   *
   * @example
   * ```ts
   * const { status, currentViews } = await client.getSecretDetails(secret.slug)
   * console.log(status, currentViews)
   * ```
   */
  getSecretDetails(slug: string, options: ManageOptions = {}): Promise<SecretDetails> {
    return getSecretDetails(this.#owner(), slug, options)
  }

  /**
   * Destroys the content at once, even while someone is reading it. Calling it again does nothing more. Needs the scope
   * `secrets:write`, or the secret's `manageKey`.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * await client.deleteSecret(secret.slug, { manageKey: secret.manageKey })
   * ```
   */
  deleteSecret(slug: string, options: DeleteOptions = {}): Promise<void> {
    return deleteSecret(this.#owner(), slug, options)
  }

  /**
   * Shortens a secret's life, lowers its views, unlocks or describes it; nothing can be loosened. Needs the scope
   * `secrets:write`, or the secret's `manageKey`.
   *
   * @returns the details as they are afterwards
   * @throws HalfkeyError VALIDATION_ERROR for a change that loosens something, or for none; NOT_FOUND; GONE if it has ended.
   *
   * @example
   * ```ts
   * const { expiration } = await client.patchSecret(secret.slug, { hours: 1 })
   * console.log(expiration)
   * ```
   */
  patchSecret(slug: string, options: PatchOptions): Promise<SecretDetails> {
    return patchSecret(this.#owner(), slug, options)
  }

  /**
   * Who did what to a secret, when and from where, oldest first. Needs the scope `secrets:read`, or the secret's
   * `manageKey`.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * for (const { type, at, ip } of await client.getEvents(secret.slug)) console.log(type, at, ip)
   * ```
   */
  getEvents(slug: string, options: ManageOptions = {}): Promise<SecretEvent[]> {
    return getEvents(this.#owner(), slug, options)
  }

  /** The workspace's access log. */
  get audit(): Audit {
    return this.#audit
  }

  /** The addresses that the server notifies of events, and how each delivery went. */
  get webhooks(): Webhooks {
    return this.#webhooks
  }

  /**
   * Has the server tell a recipient by e-mail that a secret is waiting. The notice has no link, which the server doesn't
   * know: to mail the link itself, see `sendTo`. It is never retried, because each call sends an e-mail.
   *
   * @throws HalfkeyError RATE_LIMITED past 5 for a secret; GONE if it has ended; UNAVAILABLE if the server sends no mail.
   *
   * @example
   * ```ts
   * const { status } = await client.sendNotice(secret.slug, 'someone@example.com')
   * console.log(status) // pending: the server is about to send it
   * ```
   */
  sendNotice(slug: string, email: string, options: CallOptions = {}): Promise<Delivery> {
    return sendNotice(this.#owner(), slug, email, options)
  }

  /**
   * The workspace's numbers. Needs the scope `secrets:read`.
   *
   * @throws HalfkeyError AUTHENTICATION_ERROR or PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * const { activeSecrets, totalViews } = await client.getStats()
   * console.log(activeSecrets, totalViews)
   * ```
   */
  getStats(options: CallOptions = {}): Promise<Stats> {
    return getStats(this.#owner(), options)
  }

  /**
   * The token's workspace: its name, limits and use.
   *
   * @throws HalfkeyError AUTHENTICATION_ERROR for the token.
   *
   * @example
   * ```ts
   * const { name, limits, usage } = await client.getWorkspace()
   * console.log(name, usage, limits)
   * ```
   */
  getWorkspace(options: CallOptions = {}): Promise<Workspace> {
    return getWorkspace(this.#owner(), options)
  }

  /**
   * The check value of the workspace that this client's workspace key belongs to, the first if it has several: b64 of 32
   * bytes (spec/protocol.md section 7). A folder or entry key has it too.
   *
   * @throws HalfkeyError VALIDATION_ERROR if the client has no key.
   *
   * @example
   * ```ts
   * const isOurs = (await client.getWorkspace()).workspaceCheck === (await client.workspaceCheck())
   * console.log(isOurs)
   * ```
   */
  async workspaceCheck(): Promise<string> {
    const [named] = this.#hasNamedKeys ? await this.#kmsKeys() : []
    return named?.check ?? this.#ownCheck()
  }

  /**
   * Sets the workspace's check value to that of this client's workspace key, once and for all. Needs the scope
   * `tokens:admin`, and the workspace key itself.
   *
   * @throws HalfkeyError CONFLICT if the workspace has another; VALIDATION_ERROR if the client has no workspace key.
   *
   * @example
   * ```ts
   * const { workspaceCheck } = await client.setWorkspaceCheck()
   * console.log(workspaceCheck)
   * ```
   */
  async setWorkspaceCheck(options: CallOptions = {}): Promise<Workspace> {
    return setWorkspaceCheck(this.#owner(), await this.#ownCheck(), options)
  }

  /**
   * Asks somebody for a secret that only you can read. Send them `askUrl`; `collectUrl` reads the answers, as does
   * `collect(slug)` wherever the workspace key is. Needs the scope `requests:write`, unless the server lets anyone ask.
   *
   * With `sendTo`, this program then mails the ask link; `asked.sendTo` says whether that worked.
   *
   * @throws HalfkeyError VALIDATION_ERROR for wrong options before anything is sent, and for limits that this server doesn't
   *   allow; WRONG_KEY if the workspace has another workspace key; UNSUPPORTED where `globalThis.crypto` is missing.
   *
   * @example
   * ```ts
   * const { askUrl, collectUrl } = await client.createRequest({
   *   message: 'The database password, please',
   *   hours: 48,
   *   answers: 1,
   *   answer: { hours: 24, views: 1, maxFiles: 0 },
   * })
   * console.log(askUrl, collectUrl)
   * ```
   */
  createRequest(options: CreateRequestOptions = {}): Promise<SharedRequest> {
    return requests.createRequest(this.#asker(), options)
  }

  /**
   * The answers to one of the workspace's requests, whose seed the workspace key keeps. Needs the scope `requests:read`.
   *
   * @throws HalfkeyError VALIDATION_ERROR without a workspace key, and for a request made with `keepSeed: false`; NOT_FOUND;
   *   WRONG_KEY; UNSUPPORTED where `globalThis.crypto` is missing.
   *
   * @example
   * ```ts
   * const { slug } = await client.createRequest({ message: 'The database password, please' })
   * const collect = await client.collect(slug)
   * for (const answer of await collect.answers()) console.log((await (await answer.open()).reveal()).text)
   * ```
   */
  collect(slug: string, options: CallOptions & KemOptions = {}): Promise<Collect> {
    return requests.collect(this.#asker(), slug, options)
  }

  /**
   * One page of the workspace's requests, newest first. Needs the scope `requests:read`.
   *
   * @throws HalfkeyError VALIDATION_ERROR for wrong options; AUTHENTICATION_ERROR or PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * const { requests, pagination } = await client.listRequests({ status: 'open', limit: 10 })
   * console.log(`${requests.length} of ${pagination.total}`)
   * ```
   */
  listRequests(options: ListRequestsOptions = {}): Promise<{ requests: RequestDetails[]; pagination: Pagination }> {
    return requests.listRequests(this.#owner(), options)
  }

  /**
   * Everything about a request but its answers. Needs the scope `requests:read`.
   *
   * @throws HalfkeyError NOT_FOUND; WRONG_KEY if the owner's notes were sealed under another workspace key, or changed.
   *
   * @example
   * ```ts
   * const { slug } = await client.createRequest({ answers: 3 })
   * const { status, answersLeft } = await client.getRequest(slug)
   * console.log(status, answersLeft)
   * ```
   */
  getRequest(slug: string, options: CallOptions = {}): Promise<RequestDetails> {
    return requests.getRequest(this.#owner(), slug, options)
  }

  /**
   * Shortens a request, has it take fewer answers, or describes it; nothing can be loosened. Needs the scope `requests:write`.
   *
   * @returns the details as they are afterwards
   * @throws HalfkeyError VALIDATION_ERROR for a change that loosens something, or for none; NOT_FOUND; GONE if it has ended.
   *
   * @example
   * ```ts
   * const { slug } = await client.createRequest({ answers: 3 })
   * const { maximumAnswers } = await client.patchRequest(slug, { answers: 2 })
   * console.log(maximumAnswers)
   * ```
   */
  patchRequest(slug: string, options: PatchRequestOptions): Promise<RequestDetails> {
    return requests.patchRequest(this.#owner(), slug, options)
  }

  /**
   * Withdraws a request: it takes no more answers. Those that are there can still be collected. Calling it again does
   * nothing more. Needs the scope `requests:write`.
   *
   * @throws HalfkeyError NOT_FOUND; CONFLICT for a `purge` while an answer hasn't ended.
   *
   * @example
   * ```ts
   * const { slug } = await client.createRequest()
   * await client.deleteRequest(slug)
   * ```
   */
  deleteRequest(slug: string, options: DeleteRequestOptions = {}): Promise<void> {
    return requests.deleteRequest(this.#owner(), slug, options)
  }

  /**
   * The numbers of the workspace's requests. Needs the scope `requests:read`.
   *
   * @throws HalfkeyError AUTHENTICATION_ERROR or PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * const { openRequests, collectedAnswers } = await client.getRequestStats()
   * console.log(openRequests, collectedAnswers)
   * ```
   */
  getRequestStats(options: CallOptions = {}): Promise<RequestStats> {
    return requests.getRequestStats(this.#owner(), options)
  }

  /** Named secrets, for backends. */
  get kms(): Kms {
    return this.#kms
  }

  /** The workspace's API tokens. */
  get tokens(): Tokens {
    return this.#tokens
  }

  /**
   * Moves the workspace from its old key to a new one: `workspaceKey` of this client is `[new, old]`. The check value
   * comes first, then the newest value of every named secret, as a new version, and all metadata, requests' seeds included. It may be interrupted
   * and run again; anyone who has both keys can read everything at every moment. Ends with `verifyRekey`.
   *
   * @throws HalfkeyError VALIDATION_ERROR without two keys; WRONG_KEY if the workspace has neither: nothing was changed.
   *
   * @example
   * ```ts
   * const newKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
   * const both = new Halfkey({ baseUrl, token, workspaceKey: [newKey, workspaceKey] })
   * const { complete, failed } = await both.rekey()
   * console.log(complete, failed)
   * ```
   */
  rekey(options: RekeyOptions = {}): Promise<RekeyReport> {
    return rekey(this.#owner(), options)
  }

  /**
   * Opens the newest value of every named secret and all metadata with the first workspace key alone, changing nothing.
   *
   * @throws HalfkeyError VALIDATION_ERROR if the client has no workspace key.
   *
   * @example
   * ```ts
   * const { complete, opened, failed } = await client.verifyRekey()
   * console.log(complete, opened, failed)
   * ```
   */
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
    throw new HalfkeyError('WRONG_KEY', "This isn't the workspace's key. Nothing was sent.")
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
      : 'needs the client to have a workspaceKey'
    if (!first) throwIfInvalid({ [what]: [problem] })
    return first as WorkspaceKey
  }

  #owner(): OwnerCalls {
    return {
      call: (method, path, options) => this.#call(method, path, options),
      prepare: (path, options) => ({ call: this.#request('GET', path, options), transport: this.#transport }),
      workspaceKeys: this.#workspaceKeys,
      kmsKeys: () => this.#kmsKeys(),
      sealingKey: async (what, signal) => (await this.#sealingKey(signal)) ?? this.#requireWorkspaceKey(what),
    }
  }

  #asker(): AskerCalls {
    return {
      ...this.#owner(),
      base: this.#base,
      transport: this.#transport,
      mailer: this.#mailer,
      optionalKey: (signal) => this.#sealingKey(signal),
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
