/** From one workspace key to another: spec/adr/0006-rekeying.md says why each step may be interrupted. */
import { HalfkeyError, type ErrorCode, throwIfInvalid } from '../errors.ts'
import { readEntries, type KmsRecord } from '../kms/records.ts'
import { openMetaWithAnyKey, openWithAnyKey } from '../kms/keys.ts'
import { isConflict, newestIn, pathOf, putVersion, revealVersion } from '../kms/versions.ts'
import type { WorkspaceKey } from '../protocol/keys.ts'
import { openKmsMeta, resealKmsMeta } from '../protocol/kms.ts'
import { deriveKey, rootKey, type KmsKey } from '../protocol/kms-keys.ts'
import { checkOptions, FUNCTION, SIGNAL, reportProgress, type CallOptions, type ProgressOptions } from '../options.ts'
import { pagesOf, queryOf } from '../transport/pages.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { openMeta, resealMeta } from '../protocol/owner.ts'
import { readRequests } from '../request/records.ts'
import { readPagination, readSecrets, readWorkspace } from './records.ts'
import type { WireKmsPatchRequest, WireWorkspaceCheckRequest } from '../wire.ts'
import { openWithAny } from './workspace-keys.ts'

/** Progress is in named secrets, secrets and requests, not bytes. */
export interface RekeyOptions extends CallOptions, ProgressOptions {}

/** How a rekeying ended. */
export interface RekeyReport {
  /** Everything opens with the new key alone: the old one isn't needed any more, but for older versions. */
  complete: boolean
  /** How many values and pieces of metadata this run sealed under the new key. */
  moved: number
  /** How many the new key opened in the end. */
  opened: number
  /** Named secrets whose newest version expired or was destroyed: they can't be read, and so can't be moved. */
  skipped: string[]
  /** What the new key doesn't open yet, by handler or slug, and why: run it again once that is put right. */
  failed: { name: string; code: ErrorCode }[]
}

/** Of a secret or a request. */
interface SealedMeta {
  slug: string
  meta: string | null
}

/** Of one thing that others may be changing at the same time. */
const MAX_ATTEMPTS = 10

/** Failures of one thing alone, which must not keep the others from being moved. */
const OF_ONE_THING: ReadonlySet<ErrorCode> = new Set([
  'PERMISSION_DENIED',
  'WRONG_KEY',
  'TAMPERED',
  'MALFORMED',
  'CONFLICT',
])

export async function rekey(owner: OwnerCalls, options: RekeyOptions): Promise<RekeyReport> {
  checkOptions(options, { signal: SIGNAL, onProgress: FUNCTION })
  const [root, ...oldRoots] = await rootsOf(owner)
  if (!root || oldRoots.length === 0) throwIfInvalid({ workspaceKey: ['must be [new, old]'] })
  const move = new Move(owner, [root as KmsKey, ...oldRoots], options)
  await move.switchCheck()
  await move.all()
  const report = await verifyRekey(owner, options)
  return { ...report, moved: move.moved }
}

export async function verifyRekey(owner: OwnerCalls, options: RekeyOptions): Promise<RekeyReport> {
  checkOptions(options, { signal: SIGNAL, onProgress: FUNCTION })
  const [root] = await rootsOf(owner)
  if (!root) throwIfInvalid({ workspaceKey: ['is needed'] })
  const alone = [root as KmsKey]
  const report: RekeyReport = { complete: false, moved: 0, opened: 0, skipped: [], failed: [] }
  const open = async ({ slug, meta }: SealedMeta): Promise<void> => {
    if (meta === null) return
    await openMeta(owner.workspaceKeys[0] as WorkspaceKey, slug, meta)
    report.opened++
  }
  await forEach(owner, options, {
    async entry({ handler, meta, ...entry }) {
      await openMetaWithAnyKey(alone, handler, meta)
      if (isReadable(entry)) await revealVersion(owner, alone, handler, undefined, options.signal)
      else report.skipped.push(handler)
      report.opened++
    },
    secret: (secret) => open(secret),
    request: (request) => open(request),
    failed: (name, code) => report.failed.push({ name, code }),
  })
  report.complete = report.failed.length === 0
  return report
}

/** W alone: folder and entry keys can't be made of one another. */
const rootsOf = ({ workspaceKeys }: OwnerCalls): Promise<KmsKey[]> => Promise.all(workspaceKeys.map(rootKey))

/** What was given out a moment ago: whether its newest version can still be revealed to anybody. */
const isReadable = ({ expiresAt, destroyedAt }: Pick<KmsRecord, 'expiresAt' | 'destroyedAt'>): boolean =>
  destroyedAt === null && (expiresAt === null || expiresAt.getTime() > Date.now())

interface Visitor {
  entry: (entry: KmsRecord) => Promise<void>
  secret: (secret: SealedMeta) => Promise<void>
  request: (request: SealedMeta) => Promise<void>
  failed: (name: string, code: ErrorCode) => void
}

/** Visits every named secret, secret and request of the workspace, as they are listed before the first is visited. */
async function forEach(owner: OwnerCalls, options: RekeyOptions, visitor: Visitor): Promise<void> {
  const entries = await listAll(owner, '/kms', (data) => readEntries(data), options.signal)
  const secrets = await listAll(owner, '/secrets', (data) => readSecrets(data), options.signal)
  const requests = await listAll(owner, '/requests', (data) => readRequests(data), options.signal).catch(orNone)
  const total = entries.length + secrets.length + requests.length
  let done = 0
  const visit = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof HalfkeyError)) throw error
      // Deleted or purged meanwhile: then there is nothing to open.
      if (error.code !== 'NOT_FOUND') {
        if (!OF_ONE_THING.has(error.code)) throw error
        visitor.failed(name, error.code)
      }
    }
    void reportProgress(options, ++done, total)
  }
  for (const entry of entries) await visit(entry.handler, () => visitor.entry(entry))
  for (const secret of secrets) await visit(secret.slug, () => visitor.secret(secret))
  for (const request of requests) await visit(request.slug, () => visitor.request(request))
}

/** A server of an earlier version has no requests. */
function orNone(error: unknown): [] {
  if (error instanceof HalfkeyError && error.code === 'NOT_FOUND') return []
  throw error
}

async function listAll<T>(
  { call }: OwnerCalls,
  path: string,
  read: (data: unknown) => T[],
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const all: T[][] = []
  const pages = pagesOf(async (page) => {
    const { data, pagination } = await call('GET', `${path}?${queryOf({ page, per_page: 100 })}`, { signal })
    return { items: read(data), pagination: readPagination(pagination) }
  })
  for await (const { items } of pages) all.push(items)
  return all.flat()
}

/** Moves what the new key doesn't open yet. Every step leaves what either key opens. */
class Move {
  moved = 0
  readonly #owner: OwnerCalls
  /** The new one first. */
  readonly #roots: readonly [KmsKey, ...KmsKey[]]
  readonly #options: RekeyOptions

  constructor(owner: OwnerCalls, roots: readonly [KmsKey, ...KmsKey[]], options: RekeyOptions) {
    this.#owner = owner
    this.#roots = roots
    this.#options = options
  }

  /** From here on the server takes no version that is sealed under another key. */
  async switchCheck(): Promise<void> {
    const { signal } = this.#options
    const [{ check }, ...old] = this.#roots
    const { data } = await this.#owner.call('GET', '/workspace', { signal })
    const { workspaceCheck: previous } = readWorkspace(data)
    if (previous === check) return
    if (previous !== null && !old.some((root) => root.check === previous))
      throw new HalfkeyError('WRONG_KEY', 'The workspace has neither of the workspace keys. Nothing was changed.')
    const request: WireWorkspaceCheckRequest = { workspace_check: check, ...(previous !== null && { previous }) }
    await this.#owner.call('PUT', '/workspace/check', { signal, body: JSON.stringify(request) })
  }

  all(): Promise<void> {
    return forEach(this.#owner, this.#options, {
      entry: async (entry) => {
        await this.#moveMeta(entry)
        if (isReadable(entry)) await this.#moveValue(entry.handler)
      },
      secret: (secret) => this.#moveSealed('secrets', secret),
      request: (request) => this.#moveSealed('requests', request),
      // The verification afterwards tells of them.
      failed: () => undefined,
    })
  }

  /** The newest value as a new version; somebody else's newer one meanwhile is the one that counts. */
  async #moveValue(handler: string): Promise<void> {
    const { signal } = this.#options
    const [root] = this.#roots
    for (let attempt = 1; ; attempt++) {
      const { version, content, key } = await revealVersion(this.#owner, this.#roots, handler, undefined, signal)
      if (key === root) return
      if (attempt > 1) await openMetaWithAnyKey(this.#roots, handler, await this.#readMeta(handler))
      try {
        const put = { handler, content, fields: { same_value: true }, signal }
        await putVersion(this.#owner, root, version + 1, put)
        this.moved++
        return
      } catch (error) {
        if (newestIn(error) === undefined || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }

  async #moveMeta(entry: KmsRecord): Promise<void> {
    const { handler } = entry
    const { signal } = this.#options
    const [root] = this.#roots
    let { meta } = entry
    for (let attempt = 1; meta !== null; attempt++) {
      const sealed: string = meta
      const [key, entryKey] = await openWithAnyKey(this.#roots, handler, async (one, from) => {
        await openKmsMeta(one, handler, sealed)
        return [from, one]
      })
      if (key === root) return
      const patch: WireKmsPatchRequest = {
        meta: await resealKmsMeta(entryKey, await deriveKey(root, handler), handler, sealed),
        previous_meta: sealed,
        workspace_check: root.check,
      }
      try {
        await this.#owner.call('PATCH', pathOf(handler), { signal, body: JSON.stringify(patch) })
        this.moved++
        return
      } catch (error) {
        if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error
      }
      meta = await this.#readMeta(handler)
    }
  }

  /** null: there is none, or the named secret was deleted. */
  async #readMeta(handler: string): Promise<string | null> {
    const path = `/kms?prefix=${encodeURIComponent(handler)}&per_page=1`
    const { data } = await this.#owner.call('GET', path, { signal: this.#options.signal })
    return readEntries(data).find((one) => one.handler === handler)?.meta ?? null
  }

  /** Of a request too, whose seed is in it. */
  async #moveSealed(room: 'secrets' | 'requests', { slug, meta }: SealedMeta): Promise<void> {
    if (meta === null) return
    const { call, workspaceKeys } = this.#owner
    const key = await openWithAny(workspaceKeys, (one) => openMeta(one, slug, meta).then(() => one))
    if (key === workspaceKeys[0]) return
    const body = JSON.stringify({ meta: await resealMeta(key, workspaceKeys[0] as WorkspaceKey, slug, meta) })
    await call('PATCH', `/${room}/${slug}`, { signal: this.#options.signal, body })
    this.moved++
  }
}
