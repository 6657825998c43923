/** Counts that lists and statistics of requests stand on, kept in the writing transaction; none of those without a token. */
import { and, eq, sql } from 'drizzle-orm'
import type { RequestRecord, RequestState } from '../../domain/requests/request.ts'
import type { RequestStats } from '../requests.ts'
import type { Drizzle } from './database.ts'
import { requestCounts } from './requests-schema.ts'
import { prepare } from './statements.ts'

type Owned = Pick<RequestRecord, 'workspaceId'>
type What = RequestState | 'answers' | 'collected'

export function openRequestCounts(db: Drizzle) {
  const placeholder = sql.placeholder
  const change = prepare(
    db,
    db
      .insert(requestCounts)
      .values({
        workspaceId: placeholder('workspaceId'),
        what: placeholder('what'),
        present: placeholder('present'),
        ever: placeholder('ever'),
      })
      .onConflictDoUpdate({
        target: [requestCounts.workspaceId, requestCounts.what],
        set: {
          present: sql`${requestCounts.present} + excluded.present`,
          ever: sql`${requestCounts.ever} + excluded.ever`,
        },
      }),
  )
  const add = ({ workspaceId }: Owned, what: What, present: number, ever = present): void => {
    if (workspaceId !== null) change.run({ workspaceId, what, present, ever })
  }

  return {
    add: (owner: Owned, what: What, by: 1 | -1): void => add(owner, what, by),

    move(owner: Owned, from: RequestState, to: RequestState): void {
      if (from === to) return
      add(owner, from, -1)
      add(owner, to, 1)
    },

    /** Its record goes: what became of it stays counted. */
    remove: (owner: Owned, state: RequestState): void => add(owner, state, -1, 0),

    present(workspaceId: number, state?: RequestState): number {
      const rows = db
        .select()
        .from(requestCounts)
        .where(and(eq(requestCounts.workspaceId, workspaceId), state && eq(requestCounts.what, state)))
        .all()
      return rows
        .filter(({ what }) => what !== 'answers' && what !== 'collected')
        .reduce((sum, { present }) => sum + present, 0)
    },

    stats(workspaceId: number): RequestStats {
      const rows = db.select().from(requestCounts).where(eq(requestCounts.workspaceId, workspaceId)).all()
      const ever = (what: What): number => rows.find((row) => row.what === what)?.ever ?? 0
      const states = {
        open: ever('open'),
        answered: ever('answered'),
        expired: ever('expired'),
        withdrawn: ever('withdrawn'),
      }
      return { ever: states, answers: ever('answers'), collected: ever('collected') }
    },
  }
}

export type RequestCounts = ReturnType<typeof openRequestCounts>
