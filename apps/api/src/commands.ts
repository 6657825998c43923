/** The commands of `halfkey-api`. All but `restore` also work while the server runs. Nothing here prints or exits. */
import type { Logger } from 'pino'
import type { AuditHead } from './domain/audit/entry.ts'
import { verifyAudit } from './domain/audit/verify.ts'
import type { Config } from './config.ts'
import { stateAt } from './domain/requests/request.ts'
import { tokenName } from './http/schemas.ts'
import { findStrayBlobs, repairBlobs } from './jobs/check-blobs.ts'
import { removeDueBlobs } from './jobs/remove-blobs.ts'
import type { Clock } from './adapters/clock.ts'
import { requireServerKey } from './adapters/server-key.ts'
import type { ServerKey } from './domain/server-key.ts'
import { StartRefused } from './start-refused.ts'
import { makeToken, openBlobs, openStore } from './start.ts'
import type { BlobStore } from './store/blobs/blobs.ts'
import { restoreDatabase } from './store/sqlite/restore.ts'
import { DatabaseRefused } from './store/sqlite/wal-mark.ts'
import type { Store } from './store/store.ts'

export interface Outcome {
  /** Output for people. */
  lines: string[]
  failed?: boolean
}

async function withStore<T>(config: Config, work: (store: Store, serverKey: ServerKey) => Promise<T>): Promise<T> {
  const { store, serverKey } = await openStore(config, { mayCreate: false })
  try {
    return await work(store, serverKey)
  } finally {
    await store.close()
  }
}

const withBlobs = <T>(config: Config, work: (store: Store, blobs: BlobStore) => Promise<T>): Promise<T> =>
  withStore(config, async (store) => {
    const blobs = await openBlobs(config)
    try {
      return await work(store, blobs)
    } finally {
      await blobs.close()
    }
  })

/** Accepts the same names as the API. */
export function createToken(config: Config, clock: Clock, name: string): Promise<Outcome> {
  const { error } = tokenName.safeParse(name)
  if (error) throw new StartRefused(error.issues.map(({ message }) => `The token’s name: ${message}`).join('\n'))
  return withStore(config, async (store) => ({ lines: [await makeToken(store, clock, name)] }))
}

export const compact = (config: Config): Promise<Outcome> =>
  withStore(config, async (store) => {
    await store.compact()
    return { lines: ['Freed the disk space of destroyed secrets.'] }
  })

/** Restores a backup of the database. The server must be stopped. */
export function restore(config: Config, clock: Clock, backup: string): Promise<Outcome> {
  const { HALFKEY_DATA_DIR, HALFKEY_SERVER_KEY_FILE } = config
  try {
    const { secrets, aside } = restoreDatabase(HALFKEY_DATA_DIR, backup, {
      requireKey: (check) => void requireServerKey(HALFKEY_SERVER_KEY_FILE, check),
      now: new Date(clock.now()),
    })
    return Promise.resolve({
      lines: [
        `Restored ${backup}, with ${secrets} secrets.`,
        ...(aside === undefined ? [] : [`The previous database was moved to ${aside}.`]),
        'Secrets that ended after the backup was made can be opened again. Burn those that must not exist.',
        'Restore the attachments, run halfkey-api check --repair, and start the server.',
      ],
    })
  } catch (error) {
    if (!(error instanceof DatabaseRefused)) throw error
    throw new StartRefused(error.message)
  }
}

/** Destroys a secret. The log names the operator as the cause. */
export const burn = (config: Config, clock: Clock, log: Logger, slug: string): Promise<Outcome> =>
  withBlobs(config, async (store, blobs) => {
    const secret = await store.findSecret(slug)
    if (!secret) return { lines: [`There is no secret ${slug}.`], failed: true }
    await store.burn(secret.id, clock.now(), { ip: null, userAgent: null, country: null }, 'operator')
    await store.scrub()
    await removeDueBlobs({ store, blobs, clock, log })
    const record = await store.readRecord(secret.id)
    return { lines: [`The content of ${slug} is destroyed (cause: ${record?.cause ?? 'purged'}).`] }
  })

/** How many requests an operator is shown. */
const newestRequests = 50

/** The newest requests of all workspaces, and of those without a token. What they ask for only holders of their link can read. */
export const listRequests = (config: Config, clock: Clock): Promise<Outcome> =>
  withStore(config, async (store) => {
    const { requests, total } = await store.listRequests({ workspaceId: null, page: 1, perPage: newestRequests })
    if (total === 0) return { lines: ['There are no requests.'] }
    const lines = requests.map((request) => {
      const { slug, createdAt, creator, workspaceName, answers, maximumAnswers } = request
      const by = workspaceName === null ? creator : `${creator} (workspace ${workspaceName})`
      const state = stateAt(request, clock.now())
      return `${slug}  ${new Date(createdAt).toISOString()}  ${state}  ${answers} of ${maximumAnswers} answers  by ${by}`
    })
    return { lines: [...lines, `The newest ${requests.length} of ${total} requests.`] }
  })

/** Withdraws a request, which ends none of its answers. The log names the operator as the cause. */
export const withdrawRequest = (config: Config, clock: Clock, slug: string): Promise<Outcome> =>
  withStore(config, async (store) => {
    const found = await store.findRequestVerifiers(slug)
    if (found.slug !== slug || slug === '') return { lines: [`There is no request ${slug}.`], failed: true }
    await store.withdrawRequest(found.id, clock.now(), { ip: null, userAgent: null, country: null }, 'operator')
    const state = (await store.readRequest(found.id))?.state ?? 'purged'
    return { lines: [`The request ${slug} takes no more answers (${state}).`] }
  })

/** Checks that the attachments match the database, and optionally repairs them. */
export const check = (config: Config, clock: Clock, log: Logger, repair: boolean): Promise<Outcome> =>
  withBlobs(config, async (store, blobs) => {
    const found = await findStrayBlobs({ store, blobs })
    const { orphans, lost } = found
    if (repair) await repairBlobs({ store, blobs, clock, log }, found)
    const suffix = (done: string): string => (repair ? `: ${done}` : '')
    const uploads = lost.filter(({ uploading }) => uploading)
    const broken = new Set(lost.filter(({ uploading }) => !uploading).map(({ slug }) => slug))
    const lines = [
      `${found.parts} parts of attachments, ${found.blobs} blobs`,
      ...orphans.map((name) => `  blob ${name} belongs to no attachment${suffix('removed')}`),
      ...uploads.map(
        ({ slug, part }) =>
          `  ${slug} (still uploading) has lost part ${part} of a file${suffix('must be uploaded again')}`,
      ),
      ...[...broken].map((slug) => `  ${slug} has lost parts of its files${suffix('burned')}`),
    ]
    const whole = orphans.length + lost.length === 0
    if (whole) lines.push('The attachments match the database.')
    else if (repair) lines.push('The attachments match the database again.')
    else lines.push('The attachments do NOT match the database. To repair what is possible, use --repair.')
    return { lines, failed: !whole && !repair }
  })

function parseHead(text: string): AuditHead {
  const [, id, chain] = /^(\d{1,15}):([\w-]{43})$/.exec(text) ?? []
  if (id === undefined || chain === undefined)
    throw new StartRefused('--head must be ID:CHAIN, as shown by an export or an earlier verification.')
  return { id: Number(id), chain: Buffer.from(chain, 'base64url') }
}

const problems = {
  changed: 'was modified',
  misplaced: 'doesn’t follow the previous entry: an entry was removed, inserted or moved here',
  purge: 'records a purge that emptied other entries than it says, or too early',
  record: 'is the first of a secret whose database record doesn’t match its log (0: it has no log)',
}

/** Verifies every workspace's chain. One of the chains must contain `head`. */
export const verifyAuditLog = (config: Config, head?: string): Promise<Outcome> =>
  withStore(config, async (store, { mac }) => {
    const saved = head === undefined ? undefined : parseHead(head)
    const lines: string[] = []
    let [intact, held] = [true, saved === undefined]
    for (const workspaceId of await store.listAuditChains()) {
      const verified = await verifyAudit(store, mac, workspaceId, saved)
      if (verified.problems.length > 0) intact = false
      if (verified.holdsSaved) held = true
      const name = workspaceId === null ? 'anonymous secrets' : `workspace ${workspaceId}`
      const newest = verified.head ? `${verified.head.id}:${verified.head.chain.toString('base64url')}` : 'none'
      lines.push(`${name}: ${verified.entries} entries, head ${newest}`)
      for (const { id, problem } of verified.problems) lines.push(`  entry ${id} ${problems[problem]}`)
    }
    if (!held)
      lines.push(`Entry ${saved?.id} doesn’t match the given head: the end of the log was truncated or rewritten.`)
    lines.push(intact && held ? 'The log is intact.' : 'The log is NOT intact.')
    return { lines, failed: !intact || !held }
  })
