/** Walks a chain of the access log and names every entry that is not as it was recorded. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Store } from '../../store/store.ts'
import type { AuditHead, Mac } from './entry.ts'
import { chainStart, isIntact, linkEntry } from './entry.ts'

/** `changed`: doesn't say what was recorded. `misplaced`: doesn't follow the entry before it. */
export interface Problem {
  id: number
  problem: 'changed' | 'misplaced'
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

const pageLength = 500

/** At most this many problems are named: one is enough to distrust a log. */
const mostProblems = 1000

/** With a saved head it finds a cut tail too, which a chain alone can't show. Lets others run between two pages. */
export async function verifyAudit(
  store: Store,
  mac: Mac,
  workspaceId: number | null,
  saved?: AuditHead,
): Promise<Verification> {
  const problems: Problem[] = []
  const report = (id: number, problem: Problem['problem']): void => {
    if (problems.length < mostProblems) problems.push({ id, problem })
  }
  let [entries, head, holdsSaved]: [number, AuditHead | null, boolean] = [0, null, saved === undefined]
  let previous = chainStart(workspaceId)
  for (;;) {
    const page = await store.readAudit({ workspaceId, after: head?.id ?? Number.MIN_SAFE_INTEGER, limit: pageLength })
    for (const entry of page) {
      const { id, chain } = entry
      if (!isIntact(mac, entry)) report(id, 'changed')
      if (!linkEntry(mac, previous, entry.entryHash).equals(chain)) report(id, 'misplaced')
      if (saved?.id === id) holdsSaved = saved.chain.equals(chain)
      previous = chain
      head = { id, chain }
    }
    entries += page.length
    if (page.length < pageLength) return { entries, head, problems, holdsSaved }
    await nextTurn()
  }
}
