/** Named secrets for backends, as a program asks for them. */
import { b64, utf8, type Bytes } from '../protocol/encoding.ts'
import { HalfkeyError, throwIfInvalid } from '../errors.ts'
import { RevealCache } from './cache.ts'
import {
  KmsRevealed,
  openEntry,
  openListedEntry,
  readEntries,
  readEntry,
  readEvents,
  readVersions,
  type KmsEntry,
  type KmsEvent,
  type KmsRecord,
  type KmsVersion,
} from './records.ts'
import { isRekeyed, keyAfterRekey, pathOf, putNewest, putVersion, revealVersion, type Put } from './versions.ts'
import { openKmsMeta, sealKmsMeta, type KmsMeta } from '../protocol/kms.ts'
import {
  callRules,
  eventsRules,
  HANDLER,
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
import type { OwnerCalls } from '../workspace/owner-calls.ts'
import { workspaceCheck } from '../protocol/owner.ts'
import { readPagination, type Pagination } from '../workspace/records.ts'
import type { WireKmsPatchRequest } from '../wire.ts'
import { openWithAny } from '../workspace/workspace-keys.ts'

const MAX_VALUE_BYTES = 2 ** 20
/** Of a change that others may be making at the same time. */
const MOST_ATTEMPTS = 10

function queryOf(parameters: Record<string, string | number | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
}

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

/** `client.kms`: needs a token, and the workspace key for whatever seals or opens. */
export class Kms {
  readonly #owner: OwnerCalls
  readonly #cache = new RevealCache()
  /** The newest numbers that this client heard of: what a put tries to go on from. */
  readonly #newest = new Map<string, number>()

  constructor(owner: OwnerCalls) {
    this.#owner = owner
  }

  /**
   * Seals a value and stores it as a new version, kept as it is to the byte.
   *
   * Without `version` it becomes the newest + 1, however many others put at the same time.
   *
   * @returns the version's number
   * @throws HalfkeyError CONFLICT if `version` isn't the newest + 1, which `details.newest` names; WRONG_KEY if the
   *   workspace has another workspace key; PAYLOAD_TOO_LARGE over 1 MiB.
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
    return this.#put(put, options.version)
  }

  /**
   * The newest value, or that of a version.
   *
   * @throws HalfkeyError PERMISSION_DENIED for whatever reason it is refused, there being none included; WRONG_KEY if it
   *   was sealed under another workspace key, or is another entry or version than the server says.
   */
  async reveal(handler: string, options: KmsRevealOptions = {}): Promise<KmsRevealed> {
    checkOptions(options, revealRules, { handler: [handler, HANDLER] })
    const { version, ttl, signal } = options
    const cached = ttl === undefined ? undefined : this.#cache.get(handler, version, ttl)
    if (cached) return copyOf(cached)
    this.#requireKey('reveal')
    const found = await revealVersion(this.#owner, handler, version, signal)
    if (version === undefined) this.#newest.set(handler, found.version)
    const revealed = new KmsRevealed(handler, found.version, found.content)
    if (ttl !== undefined) this.#cache.set(handler, version, ttl, copyOf(revealed))
    return revealed
  }

  /** One page, by handler: those that the token may name. */
  async list(options: KmsListOptions = {}): Promise<{ entries: KmsEntry[]; pagination: Pagination }> {
    checkOptions(options, listRules)
    const { prefix, limit, page, signal } = options
    const query = queryOf({ prefix, per_page: limit, page })
    const { data, pagination } = await this.#owner.call('GET', `/kms?${query}`, { signal })
    const entries = readEntries(data).map((entry) => openListedEntry(entry, this.#owner.workspaceKeys))
    return { entries: await Promise.all(entries), pagination: readPagination(pagination) }
  }

  /** All of them, by handler; of what is made or deleted meanwhile, some may be missed. */
  async *entries(options: Omit<KmsListOptions, 'page'> = {}): AsyncGenerator<KmsEntry, void, undefined> {
    for (let page = 1, lastPage = 1; page <= lastPage; page++) {
      const { entries, pagination } = await this.list({ limit: 100, ...options, page })
      lastPage = pagination.lastPage
      yield* entries
    }
  }

  /**
   * Everything but the value.
   *
   * @throws HalfkeyError NOT_FOUND if there is none, WRONG_KEY if no workspace key opens its name and properties.
   */
  async get(handler: string, options: CallOptions = {}): Promise<KmsEntry> {
    checkOptions(options, callRules, { handler: [handler, HANDLER] })
    return openEntry(await this.#read(handler, options.signal), this.#owner.workspaceKeys)
  }

  /** Changes everything but the value. Returns what it is afterwards. */
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
    const data = renamed
      ? await this.#rename(handler, metaOf({ name, properties }), fields, signal)
      : await this.#patch(handler, fields, signal)
    return openEntry(readEntry(data), this.#owner.workspaceKeys)
  }

  /** One page, newest first. */
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

  /** Who did what, when and from where, newest first. `next`: the `before` of the next page. */
  async events(handler: string, options: KmsEventsOptions = {}): Promise<{ events: KmsEvent[]; next: number | null }> {
    checkOptions(options, eventsRules, { handler: [handler, HANDLER] })
    const { before, limit, signal } = options
    const path = `${pathOf(handler)}/events?${queryOf({ before, limit })}`
    const { data } = await this.#owner.call('GET', path, { signal })
    return readEvents(data)
  }

  /** Puts the value of an older version as a new one. */
  async rollback(
    handler: string,
    toVersion: number,
    options: CallOptions = {},
  ): Promise<{ handler: string; version: number }> {
    checkOptions(options, callRules, { handler: [handler, HANDLER], toVersion: [toVersion, VERSION] })
    this.#requireKey('rollback')
    const { content } = await revealVersion(this.#owner, handler, toVersion, options.signal)
    return this.#put({ handler, content, fields: {}, signal: options.signal }, undefined)
  }

  /** Destroys a version's value at once and for good; its number stays taken. Again: nothing more. */
  async destroyVersion(handler: string, version: number, options: CallOptions = {}): Promise<void> {
    checkOptions(options, callRules, { handler: [handler, HANDLER], version: [version, VERSION] })
    this.#cache.forget(handler)
    await this.#owner.call('DELETE', `${pathOf(handler)}/versions/${version}`, options)
  }

  /** Destroys every version at once; a later put goes on from the newest number. Again: nothing more. */
  async delete(handler: string, options: CallOptions = {}): Promise<void> {
    checkOptions(options, callRules, { handler: [handler, HANDLER] })
    this.#cache.forget(handler)
    await this.#owner.call('DELETE', pathOf(handler), options)
  }

  #requireKey(what: string): void {
    if (this.#owner.workspaceKeys.length === 0) throwIfInvalid({ [what]: ['needs a workspaceKey'] })
  }

  async #put(put: Put, version: number | undefined): Promise<{ handler: string; version: number }> {
    const { handler, signal } = put
    this.#cache.forget(handler)
    const number =
      version === undefined
        ? await putNewest(this.#owner, put, (this.#newest.get(handler) ?? 0) + 1)
        : await putVersion(this.#owner, await this.#owner.sealingKey('put', signal), version, put)
    this.#newest.set(handler, number)
    return { handler, version: number }
  }

  async #read(handler: string, signal: AbortSignal | undefined): Promise<KmsRecord> {
    const { data } = await this.#owner.call('GET', pathOf(handler), { signal })
    return readEntry(data)
  }

  async #patch(handler: string, patch: WireKmsPatchRequest, signal: AbortSignal | undefined): Promise<unknown> {
    const { data } = await this.#owner.call('PATCH', pathOf(handler), { signal, body: JSON.stringify(patch) })
    return data
  }

  /** Changes what is given of name and properties; tried again if somebody else did so meanwhile. */
  async #rename(
    handler: string,
    changes: KmsMeta,
    fields: WireKmsPatchRequest,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    let key = await this.#owner.sealingKey('name', signal)
    for (let attempt = 1; ; attempt++) {
      const { meta } = await this.#read(handler, signal)
      const { workspaceKeys } = this.#owner
      const opened = meta === null ? {} : await openWithAny(workspaceKeys, (one) => openKmsMeta(one, handler, meta))
      const sealed = await sealKmsMeta(key, handler, { ...opened, ...changes })
      const patch = { ...fields, meta: sealed, previous_meta: meta, workspace_check: b64(await workspaceCheck(key)) }
      try {
        return await this.#patch(handler, patch, signal)
      } catch (error) {
        const isConflict = error instanceof HalfkeyError && error.code === 'CONFLICT'
        if (!isConflict || attempt === MOST_ATTEMPTS) throw error
        if (isRekeyed(error)) key = await keyAfterRekey(this.#owner, key, signal, error)
      }
    }
  }
}
