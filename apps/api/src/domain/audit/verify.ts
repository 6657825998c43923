/** Walks a chain of the access log, names every entry that is not as it was recorded, and compares records with it. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditEntry, AuditHead, Mac } from './entry.ts'
import { chainStart, isIntact, linkEntry } from './entry.ts'

/**
 * `changed`: doesn't say what was recorded. `misplaced`: doesn't follow the entry before it. `purge`: a purge that
 * emptied other entries than it says, or too early. `record`: the first entry of a secret, named secret or request (0:
 * there is none) whose record in the database isn't as its log has it.
 */
export interface Problem {
  id: number
  problem: 'changed' | 'misplaced' | 'purge' | 'record'
}

export interface Verification {
  /** Entries walked. */
  entries: number
  /** null: the log is empty. */
  head: AuditHead | null
  problems: Problem[]
  /** Whether the saved head is an entry of this chain; true if none was given. */
  holdsSaved: boolean
}

/** The records that were looked at last. */
export interface RecordsAfter {
  secret: number
  named: number
  request: number
}

export interface DisputedRecords {
  /** The first entry of each, 0 where there is none. */
  entries: number[]
  next: RecordsAfter | null
}

/** What is read of the log and of the records that it tells of. */
export interface AuditSource {
  readAuditHead(workspaceId: number | null): Promise<AuditHead | null>
  /** Entries with ids after `after`, oldest first. */
  readAudit(query: { workspaceId: number | null; after: number; limit: number }): Promise<AuditEntry[]>
  findDisputed(workspaceId: number | null, after: RecordsAfter, limit: number): Promise<DisputedRecords>
}

const pageLength = 500

/** At most this many problems are named: one is enough to distrust a log. */
const maxProblems = 1000

/** With a saved head it finds a cut tail too, which a chain alone can't show. Lets others run between two pages. */
export async function verifyAudit(
  store: AuditSource,
  mac: Mac,
  workspaceId: number | null,
  saved?: AuditHead,
): Promise<Verification> {
  const problems: Problem[] = []
  const report = (id: number, problem: Problem['problem']): void => {
    if (problems.length < maxProblems) problems.push({ id, problem })
  }
  let [entries, head, holdsSaved]: [number, AuditHead | null, boolean] = [0, null, saved === undefined]
  let previous = chainStart(workspaceId)
  /** Purges made meanwhile may have emptied entries that were walked already. */
  const newest = (await store.readAuditHead(workspaceId))?.id ?? 0
  const purged = new Map<number, number>()
  for (;;) {
    const page = await store.readAudit({ workspaceId, after: head?.id ?? Number.MIN_SAFE_INTEGER, limit: pageLength })
    for (const entry of page) {
      const { id, chain } = entry
      if (!isIntact(mac, entry)) report(id, 'changed')
      if (!linkEntry(mac, previous, entry.entryHash).equals(chain)) report(id, 'misplaced')
      const { purgedBy } = entry
      if (purgedBy !== null && purgedBy <= newest) purged.set(purgedBy, (purged.get(purgedBy) ?? 0) + 1)
      if (entry.type === 'purged' && id <= newest) {
        if (!isDue(entry, purged.get(id) ?? 0)) report(id, 'purge')
        purged.delete(id)
      }
      if (saved?.id === id) holdsSaved = saved.chain.equals(chain)
      previous = chain
      head = { id, chain }
    }
    entries += page.length
    if (page.length < pageLength) break
    await nextTurn()
  }
  for (const id of purged.keys()) report(id, 'purge')
  for (let after: RecordsAfter | null = { secret: 0, named: 0, request: 0 }; after !== null; await nextTurn()) {
    const found: DisputedRecords = await store.findDisputed(workspaceId, after, pageLength)
    for (const id of found.entries) report(id, 'record')
    after = found.next
  }
  return { entries, head, problems, holdsSaved }
}

/** Whether a purge emptied as many entries as it says, when what it rests on was old enough. */
function isDue({ at, basis }: AuditEntry, emptied: number): boolean {
  if (!basis || !('since' in basis) || basis.entries !== emptied) return false
  return basis.retention === null || Date.parse(basis.since) + basis.retention * 1000 <= at
}
