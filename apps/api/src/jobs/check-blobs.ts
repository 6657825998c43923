/** Compares the blob store with the database, even while servers are running. */
import { partLength } from '../domain/secrets/attachment.ts'
import type { PartRecord } from '../store/attachments.ts'
import type { BlobStore } from '../store/blobs/blobs.ts'
import { BlobMissing } from '../store/blobs/blobs.ts'
import type { Store } from '../store/store.ts'
import type { RemovalParts } from './remove-blobs.ts'
import { removeDueBlobs } from './remove-blobs.ts'

export interface BlobFindings {
  /** The number of expected parts, and of existing blobs. */
  parts: number
  blobs: number
  /** Names of blobs that the database doesn't know. */
  orphans: string[]
  /** Parts whose blob is missing or has the wrong size. */
  lost: PartRecord[]
}

export interface CheckParts extends RemovalParts {
  store: Store
  blobs: BlobStore
}

const pageSize = 1000

/** Checks every finding again, because a server may have changed it meanwhile. */
export async function findStrayBlobs({ store, blobs }: Pick<CheckParts, 'store' | 'blobs'>): Promise<BlobFindings> {
  const expected = await readRecords(store)
  const found: BlobFindings = { parts: expected.size, blobs: 0, orphans: [], lost: [] }
  const strangers: string[] = []
  for await (const { name, size } of blobs.list()) {
    found.blobs++
    const record = expected.get(name)
    if (!record) strangers.push(name)
    else if (size === partLength(record.fileSize, record.part)) expected.delete(name)
  }
  for (const record of expected.values())
    if ((await store.findPart(record.attachmentId, record.part))?.name === record.name) found.lost.push(record)
  for (let at = 0; at < strangers.length; at += pageSize) {
    const names = strangers.slice(at, at + pageSize)
    const known = new Set(await store.knownBlobs(names))
    for (const name of names) if (!known.has(name) && (await isThere(blobs, name))) found.orphans.push(name)
  }
  return found
}

/**
 * Removes orphans. Lost parts of an upload become missing, so that they can be uploaded again; complete secrets with lost
 * parts are burned, because nobody could read them completely.
 */
export async function repairBlobs(parts: CheckParts, { orphans, lost }: BlobFindings): Promise<void> {
  const { store, blobs, clock } = parts
  for (const name of orphans) await blobs.remove(name)
  const now = clock.now()
  for (const { name, uploading } of lost) if (uploading) await store.dropPart(name, now)
  const broken = new Set(lost.filter(({ uploading }) => !uploading).map(({ secretId }) => secretId))
  for (const id of broken) await store.burn(id, now, { ip: null, userAgent: null, country: null }, 'operator')
  await store.scrub()
  await removeDueBlobs(parts)
}

async function readRecords(store: Store): Promise<Map<string, PartRecord>> {
  const records = new Map<string, PartRecord>()
  for (let after = ''; ;) {
    const page = await store.listPartRecords(after, pageSize)
    for (const record of page) records.set(record.name, record)
    const last = page.at(-1)
    if (!last || page.length < pageSize) return records
    after = last.name
  }
}

async function isThere(blobs: BlobStore, name: string): Promise<boolean> {
  try {
    for await (const _chunk of blobs.read(name, 0, 1)) break
    return true
  } catch (error) {
    // A blob that can't be read, such as a truncated one, still exists.
    return !(error instanceof BlobMissing)
  }
}
