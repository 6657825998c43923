/** From one workspace key to another: spec/adr/0006-rekeying.md says why each step may be interrupted. */
import { b64 } from '../protocol/encoding.ts'
import { HalfkeyError, type ErrorCode, throwIfInvalid } from '../errors.ts'
import { readEntries, type KmsRecord } from '../kms/records.ts'
import type { WorkspaceKey } from '../protocol/keys.ts'
import { newestIn, pathOf, putVersion, revealVersion } from '../kms/versions.ts'
import { openKmsMeta, resealKmsMeta } from '../protocol/kms.ts'
import { checkOptions, FUNCTION, SIGNAL, tellProgress, type CallOptions, type ProgressOptions } from '../options.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { openMeta, resealMeta, workspaceCheck } from '../protocol/owner.ts'
import { readPagination, readSecrets, readWorkspace } from './records.ts'
import type { WireKmsPatchRequest, WireWorkspaceCheckRequest } from '../wire.ts'
import { openWithAny } from './workspace-keys.ts'

/** Progress is in named secrets and secrets, not bytes. */
export interface RekeyOptions extends CallOptions, ProgressOptions {}

export interface RekeyReport {
  /** Everything opens with the new key alone: the old one isn't needed any more, but for older versions. */
  complete: boolean
  /** How many values and pieces of metadata this run sealed under the new key. */
  moved: number
  /** How many the new key opened in the end. */
  opened: number
  /** Named secrets whose newest version expired or was destroyed: nobody can read it, and so nobody can move it. */
  skipped: string[]
  /** What the new key doesn't open yet, by handler or slug, and why: run it again once that is put right. */
  failed: { name: string; code: ErrorCode }[]
}

interface SecretMeta {
  slug: string
  meta: string | null
}

/** Of one thing that others may be changing at the same time. */
const MOST_ATTEMPTS = 10

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
  const [key, ...oldKeys] = owner.workspaceKeys
  if (!key || oldKeys.length === 0) throwIfInvalid({ workspaceKey: ['must be [new, old]'] })
  const move = new Move(owner, key as WorkspaceKey, options)
  await move.switchCheck(oldKeys)
  await move.all()
  const report = await verifyRekey(owner, options)
  return { ...report, moved: move.moved }
}

export async function verifyRekey(owner: OwnerCalls, options: RekeyOptions): Promise<RekeyReport> {
  checkOptions(options, { signal: SIGNAL, onProgress: FUNCTION })
  const [key] = owner.workspaceKeys
  if (!key) throwIfInvalid({ workspaceKey: ['is needed'] })
  const alone = { ...owner, workspaceKeys: [key as WorkspaceKey] }
  const report: RekeyReport = { complete: false, moved: 0, opened: 0, skipped: [], failed: [] }
  await forEach(owner, options, {
    async entry({ handler, meta, ...entry }) {
      if (meta !== null) await openKmsMeta(key as WorkspaceKey, handler, meta)
      if (isReadable(entry)) await revealVersion(alone, handler, undefined, options.signal)
      else report.skipped.push(handler)
      report.opened++
    },
    async secret({ slug, meta }) {
      if (meta === null) return
      await openMeta(key as WorkspaceKey, slug, meta)
      report.opened++
    },
    failed: (name, code) => report.failed.push({ name, code }),
  })
  report.complete = report.failed.length === 0
  return report
}

/** What was given out a moment ago: whether its newest version can still be revealed to anybody. */
const isReadable = ({ expiresAt, destroyedAt }: Pick<KmsRecord, 'expiresAt' | 'destroyedAt'>): boolean =>
  destroyedAt === null && (expiresAt === null || expiresAt.getTime() > Date.now())

interface Visitor {
  entry: (entry: KmsRecord) => Promise<void>
  secret: (secret: SecretMeta) => Promise<void>
  failed: (name: string, code: ErrorCode) => void
}

/** Visits every named secret and every secret of the workspace, as they are listed before the first is visited. */
async function forEach(owner: OwnerCalls, options: RekeyOptions, visitor: Visitor): Promise<void> {
  const entries = await listAll(owner, '/kms', (data) => readEntries(data), options.signal)
  const secrets = await listAll(owner, '/secrets', (data) => readSecrets(data), options.signal)
  const total = entries.length + secrets.length
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
    void tellProgress(options, ++done, total)
  }
  for (const entry of entries) await visit(entry.handler, () => visitor.entry(entry))
  for (const secret of secrets) await visit(secret.slug, () => visitor.secret(secret))
}

async function listAll<T>(
  { call }: OwnerCalls,
  path: string,
  read: (data: unknown) => T[],
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const all: T[] = []
  for (let page = 1, lastPage = 1; page <= lastPage; page++) {
    const { data, pagination } = await call('GET', `${path}?page=${page}&per_page=100`, { signal })
    all.push(...read(data))
    lastPage = readPagination(pagination).lastPage
  }
  return all
}

/** Moves what the new key doesn't open yet. Every step leaves what either key opens. */
class Move {
  moved = 0
  readonly #owner: OwnerCalls
  readonly #key: WorkspaceKey
  readonly #options: RekeyOptions
  #check = ''

  constructor(owner: OwnerCalls, key: WorkspaceKey, options: RekeyOptions) {
    this.#owner = owner
    this.#key = key
    this.#options = options
  }

  /** From here on the server takes no version that is sealed under another key. */
  async switchCheck(oldKeys: readonly WorkspaceKey[]): Promise<void> {
    const { signal } = this.#options
    this.#check = b64(await workspaceCheck(this.#key))
    const { data } = await this.#owner.call('GET', '/workspace', { signal })
    const { workspaceCheck: previous } = readWorkspace(data)
    if (previous === this.#check) return
    const known = await Promise.all(oldKeys.map(async (key) => b64(await workspaceCheck(key))))
    if (previous !== null && !known.includes(previous))
      throw new HalfkeyError('WRONG_KEY', 'The workspace has neither of the workspace keys. Nothing was changed.')
    const request: WireWorkspaceCheckRequest = { workspace_check: this.#check, ...(previous !== null && { previous }) }
    await this.#owner.call('PUT', '/workspace/check', { signal, body: JSON.stringify(request) })
  }

  all(): Promise<void> {
    return forEach(this.#owner, this.#options, {
      entry: async (entry) => {
        await this.#moveMeta(entry)
        if (isReadable(entry)) await this.#moveValue(entry.handler)
      },
      secret: (secret) => this.#moveSecret(secret),
      // The verification afterwards tells of them.
      failed: () => undefined,
    })
  }

  /** The newest value as a new version; somebody else's newer one meanwhile is the one that counts. */
  async #moveValue(handler: string): Promise<void> {
    const { signal } = this.#options
    for (let attempt = 1; ; attempt++) {
      const { version, content, workspaceKey } = await revealVersion(this.#owner, handler, undefined, signal)
      if (workspaceKey === this.#key) return
      try {
        const put = { handler, content, fields: { same_value: true }, signal }
        await putVersion(this.#owner, this.#key, version + 1, put)
        this.moved++
        return
      } catch (error) {
        if (newestIn(error) === undefined || attempt === MOST_ATTEMPTS) throw error
      }
    }
  }

  async #moveMeta(entry: KmsRecord): Promise<void> {
    const { handler } = entry
    const { call, workspaceKeys } = this.#owner
    const { signal } = this.#options
    let { meta } = entry
    for (let attempt = 1; meta !== null; attempt++) {
      const sealed: string = meta
      const key = await openWithAny(workspaceKeys, (one) => openKmsMeta(one, handler, sealed).then(() => one))
      if (key === this.#key) return
      const patch: WireKmsPatchRequest = {
        meta: await resealKmsMeta(key, this.#key, handler, sealed),
        previous_meta: sealed,
        workspace_check: this.#check,
      }
      try {
        await call('PATCH', pathOf(handler), { signal, body: JSON.stringify(patch) })
        this.moved++
        return
      } catch (error) {
        const isConflict = error instanceof HalfkeyError && error.code === 'CONFLICT'
        if (!isConflict || attempt === MOST_ATTEMPTS) throw error
      }
      const { data } = await call('GET', `/kms?prefix=${encodeURIComponent(handler)}&per_page=1`, { signal })
      meta = readEntries(data).find((one) => one.handler === handler)?.meta ?? null
    }
  }

  async #moveSecret({ slug, meta }: SecretMeta): Promise<void> {
    if (meta === null) return
    const { call, workspaceKeys } = this.#owner
    const key = await openWithAny(workspaceKeys, (one) => openMeta(one, slug, meta).then(() => one))
    if (key === this.#key) return
    const body = JSON.stringify({ meta: await resealMeta(key, this.#key, slug, meta) })
    await call('PATCH', `/secrets/${slug}`, { signal: this.#options.signal, body })
    this.moved++
  }
}
