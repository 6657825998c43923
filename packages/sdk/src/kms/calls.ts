/** Named secrets for backends, as a program asks for them. */
import { utf8, type Bytes } from '../protocol/encoding.ts'
import { HalfkeyError, throwIfInvalid } from '../errors.ts'
import { RevealCache } from './cache.ts'
import {
  KmsRevealed,
  openEntry,
  openListedEntry,
  readEntries,
  readEvents,
  readVersions,
  type KmsEntry,
  type KmsEvent,
  type KmsVersion,
} from './records.ts'
import { keysFor, needKeys } from './keys.ts'
import { pathOf, readOne, revealVersion, type Put } from './versions.ts'
import { Writer } from './writer.ts'
import type { KmsMeta } from '../protocol/kms.ts'
import { formatKey } from '../protocol/kms-keys.ts'
import {
  callRules,
  eventsRules,
  HANDLER,
  KEY_NAME,
  listRules,
  pageRules,
  putRules,
  revealRules,
  updateRules,
  VALUE,
  VERSION,
  type KmsEventsOptions,
  type KmsListOptions,
  type KmsPutOptions,
  type KmsRevealOptions,
  type KmsUpdateOptions,
  type PageOptions,
} from './options.ts'
import { checkOptions, listOf, type CallOptions } from '../options.ts'
import { pagesOf, queryOf } from '../transport/pages.ts'
import type { OwnerCalls } from '../workspace/owner-calls.ts'
import { readPagination, type Pagination } from '../workspace/records.ts'
import type { WireKmsPatchRequest } from '../wire.ts'

const MAX_VALUE_BYTES = 2 ** 20

function contentOf(value: string | Uint8Array): Bytes {
  const content = typeof value === 'string' ? utf8(value) : new Uint8Array(value)
  if (content.length <= MAX_VALUE_BYTES) return content
  throw new HalfkeyError('PAYLOAD_TOO_LARGE', 'The value is larger than 1 MiB. Nothing was sent.', {
    details: { limit: 'value', maximum_bytes: MAX_VALUE_BYTES },
  })
}

const metaOf = ({ name, properties }: KmsMeta): KmsMeta => ({
  ...(name !== undefined && { name }),
  ...(properties && { properties }),
})

const copyOf = ({ handler, version, bytes }: KmsRevealed): KmsRevealed =>
  new KmsRevealed(handler, version, bytes.slice())

/** `client.kms`: needs a token, and for whatever seals or opens a key that covers it: W, a folder or an entry key. */
export class Kms {
  readonly #owner: OwnerCalls
  readonly #cache = new RevealCache()
  readonly #writer: Writer

  /** Made by the client. */
  constructor(owner: OwnerCalls) {
    this.#owner = owner
    this.#writer = new Writer(owner)
  }

  /**
   * The text of a folder key (`orders/`) or an entry key (`orders/db`), for the `workspaceKey` of a machine that needs no
   * more: it opens the folder's entry and everything below it, or the entry alone. Sends nothing. Derived from the first
   * of this client's keys that covers it.
   *
   * @returns `orders/:1` and 91 characters
   * @throws HalfkeyError KEY_NOT_COVERING if none of this client's keys does.
   *
   * @example
   * ```ts
   * const folderKey = await client.kms.deriveKey('orders/')
   * const machine = new Halfkey({ baseUrl, token, workspaceKey: folderKey })
   * await machine.kms.put('orders/db', 'correct horse')
   * ```
   */
  async deriveKey(name: string): Promise<string> {
    checkOptions({}, {}, { name: [name, KEY_NAME] })
    const [key] = await needKeys(this.#owner, 'deriveKey', name)
    return formatKey(key, name)
  }

  /**
   * Seals a value and stores it as a new version, kept as it is to the byte.
   *
   * Without `version` it becomes the newest + 1, however many others put at the same time.
   *
   * @returns the version's number
   * @throws HalfkeyError CONFLICT if `version` isn't the newest + 1, which `details.newest` names; KEY_NOT_COVERING, before
   *   any request, if no key covers the handler; WRONG_KEY if the workspace has another key, or the name and properties
   *   that are there don't open; PAYLOAD_TOO_LARGE over 1 MiB.
   *
   * @example
   * ```ts
   * const { version } = await client.kms.put('db/password', 'correct horse', { name: 'Database' })
   * console.log(version)
   * ```
   */
  async put(
    handler: string,
    value: string | Uint8Array,
    options: KmsPutOptions = {},
  ): Promise<{ handler: string; version: number }> {
    checkOptions(options, putRules, { handler: [handler, HANDLER], value: [value, VALUE] })
    const { name, properties, whitelist, expiresIn, rotateAfter, signal } = options
    const content = contentOf(value)
    const meta = name !== undefined || properties !== undefined ? metaOf({ name, properties }) : undefined
    const put: Put = {
      handler,
      content,
      meta,
      fields: {
        ...(whitelist !== undefined && { whitelist: listOf(whitelist ?? []) }),
        ...(expiresIn !== undefined && { expires_in: expiresIn }),
        ...(rotateAfter !== undefined && { rotate_after: rotateAfter }),
      },
      signal,
    }
    this.#cache.forget(handler)
    return this.#writer.put(put, options.version)
  }

  /**
   * The newest value, or that of a version.
   *
   * @throws HalfkeyError KEY_NOT_COVERING, before any request, if no key covers the handler; PERMISSION_DENIED for whatever
   *   reason it is refused, there being none included; WRONG_KEY if it was sealed under another key, or is another entry
   *   or version than the server says.
   *
   * @example
   * ```ts
   * await client.kms.put('db/revealed', 'correct horse')
   * const { text, version } = await client.kms.reveal('db/revealed')
   * console.log(version, text.length)
   * ```
   */
  async reveal(handler: string, options: KmsRevealOptions = {}): Promise<KmsRevealed> {
    checkOptions(options, revealRules, { handler: [handler, HANDLER] })
    const { version, ttl, signal } = options
    const cached = ttl === undefined ? undefined : this.#cache.get(handler, version, ttl)
    if (cached) return copyOf(cached)
    const keys = await needKeys(this.#owner, 'reveal', handler)
    const found = await revealVersion(this.#owner, keys, handler, version, signal)
    const revealed = new KmsRevealed(handler, found.version, found.content)
    if (ttl !== undefined) this.#cache.set(handler, version, ttl, copyOf(revealed))
    return revealed
  }

  /**
   * One page, by handler: those that the token may name, with name and properties where a key covers them.
   *
   * @throws HalfkeyError VALIDATION_ERROR for wrong options; PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * const { entries } = await client.kms.list({ prefix: 'db/' })
   * for (const { handler, version } of entries) console.log(handler, version)
   * ```
   */
  async list(options: KmsListOptions = {}): Promise<{ entries: KmsEntry[]; pagination: Pagination }> {
    checkOptions(options, listRules)
    const { prefix, limit, page, signal } = options
    const query = queryOf({ prefix, per_page: limit, page })
    const { data, pagination } = await this.#owner.call('GET', `/kms?${query}`, { signal })
    const keys = await this.#owner.kmsKeys()
    const entries = readEntries(data).map((entry) => openListedEntry(entry, keys))
    return { entries: await Promise.all(entries), pagination: readPagination(pagination) }
  }

  /**
   * All of them, by handler; of what is made or deleted meanwhile, some may be missed.
   *
   * @throws HalfkeyError as `list`.
   *
   * @example
   * ```ts
   * for await (const { handler, rotationDue } of client.kms.entries()) console.log(handler, rotationDue)
   * ```
   */
  async *entries(options: Omit<KmsListOptions, 'page'> = {}): AsyncGenerator<KmsEntry, void, undefined> {
    for await (const { entries } of pagesOf((page) => this.list({ limit: 100, ...options, page }))) yield* entries
  }

  /**
   * Everything but the value.
   *
   * @throws HalfkeyError NOT_FOUND if there is none, WRONG_KEY if no key opens its name and properties; KEY_NOT_COVERING,
   *   before any request, if there are keys and none covers the handler.
   *
   * @example
   * ```ts
   * await client.kms.put('db/described', 'correct horse', { properties: { user: 'app' } })
   * const { properties } = await client.kms.get('db/described')
   * console.log(properties)
   * ```
   */
  async get(handler: string, options: CallOptions = {}): Promise<KmsEntry> {
    checkOptions(options, callRules, { handler: [handler, HANDLER] })
    const keys = await this.#owner.kmsKeys()
    if (keys.length > 0) keysFor(keys, handler)
    return openEntry(await readOne(this.#owner, handler, options.signal), keys)
  }

  /**
   * Changes anything but the value. Needs the scope `kms:write`.
   *
   * @returns the entry as it is afterwards
   * @throws HalfkeyError NOT_FOUND; VALIDATION_ERROR for wrong options, or if there is nothing to change; KEY_NOT_COVERING for a
   *   name or properties that the client has no key for.
   *
   * @example
   * ```ts
   * await client.kms.put('db/updated', 'correct horse')
   * const { whitelist } = await client.kms.update('db/updated', { whitelist: '10.0.0.0/8', rotateAfter: 86_400 })
   * console.log(whitelist)
   * ```
   */
  async update(handler: string, options: KmsUpdateOptions): Promise<KmsEntry> {
    checkOptions(options, updateRules, { handler: [handler, HANDLER] })
    const { name, properties, whitelist, expiresIn, rotateAfter, signal } = options
    const fields: WireKmsPatchRequest = {
      ...(whitelist !== undefined && { whitelist: listOf(whitelist ?? []) }),
      ...(expiresIn !== undefined && { expires_in: expiresIn }),
      ...(rotateAfter !== undefined && { rotate_after: rotateAfter }),
    }
    const renamed = name !== undefined || properties !== undefined
    if (!renamed && Object.keys(fields).length === 0)
      throwIfInvalid({ options: ['nothing to change: give at least one option'] })
    const keys = await this.#owner.kmsKeys()
    const changes = renamed ? metaOf({ name, properties }) : undefined
    return openEntry(await this.#writer.patch(handler, changes, fields, signal), keys)
  }

  /**
   * One page, newest first.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * await client.kms.put('db/versioned', 'correct horse')
   * const { versions } = await client.kms.versions('db/versioned')
   * for (const { version, createdAt } of versions) console.log(version, createdAt)
   * ```
   */
  async versions(
    handler: string,
    options: PageOptions = {},
  ): Promise<{ versions: KmsVersion[]; pagination: Pagination }> {
    checkOptions(options, pageRules, { handler: [handler, HANDLER] })
    const { limit, page, signal } = options
    const path = `${pathOf(handler)}/versions?${queryOf({ per_page: limit, page })}`
    const { data, pagination } = await this.#owner.call('GET', path, { signal })
    return { versions: readVersions(data), pagination: readPagination(pagination) }
  }

  /**
   * Who did what, when and from where, newest first. `next`: the `before` of the next page.
   *
   * @returns `next` is the `before` of the next page; null: this is the last
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * await client.kms.put('db/logged', 'correct horse')
   * const { events } = await client.kms.events('db/logged')
   * for (const { type, at, token } of events) console.log(type, at, token)
   * ```
   */
  async events(handler: string, options: KmsEventsOptions = {}): Promise<{ events: KmsEvent[]; next: number | null }> {
    checkOptions(options, eventsRules, { handler: [handler, HANDLER] })
    const { before, limit, signal } = options
    const path = `${pathOf(handler)}/events?${queryOf({ before, limit })}`
    const { data } = await this.#owner.call('GET', path, { signal })
    return readEvents(data)
  }

  /**
   * Puts the value of an older version as a new one.
   *
   * @throws HalfkeyError PERMISSION_DENIED if that version can't be revealed; WRONG_KEY and KEY_NOT_COVERING as `reveal`.
   *
   * @example
   * ```ts
   * await client.kms.put('db/rolled-back', 'the old value')
   * await client.kms.put('db/rolled-back', 'a mistake')
   * const { version } = await client.kms.rollback('db/rolled-back', 1)
   * console.log(version) // 3
   * ```
   */
  async rollback(
    handler: string,
    toVersion: number,
    options: CallOptions = {},
  ): Promise<{ handler: string; version: number }> {
    checkOptions(options, callRules, { handler: [handler, HANDLER], toVersion: [toVersion, VERSION] })
    const keys = await needKeys(this.#owner, 'rollback', handler)
    const { content } = await revealVersion(this.#owner, keys, handler, toVersion, options.signal)
    this.#cache.forget(handler)
    return this.#writer.put({ handler, content, fields: {}, signal: options.signal }, undefined)
  }

  /**
   * Destroys a version's value at once and for good; its number stays taken. Again: nothing more.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * const { version } = await client.kms.put('db/destroyed', 'leaked')
   * await client.kms.destroyVersion('db/destroyed', version)
   * ```
   */
  async destroyVersion(handler: string, version: number, options: CallOptions = {}): Promise<void> {
    checkOptions(options, callRules, { handler: [handler, HANDLER], version: [version, VERSION] })
    this.#cache.forget(handler)
    await this.#owner.call('DELETE', `${pathOf(handler)}/versions/${version}`, options)
  }

  /**
   * Destroys every version at once; a later put goes on from the newest number. Again: nothing more.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * await client.kms.put('db/deleted', 'correct horse')
   * await client.kms.delete('db/deleted')
   * ```
   */
  async delete(handler: string, options: CallOptions = {}): Promise<void> {
    checkOptions(options, callRules, { handler: [handler, HANDLER] })
    this.#cache.forget(handler)
    await this.#owner.call('DELETE', pathOf(handler), options)
  }
}
