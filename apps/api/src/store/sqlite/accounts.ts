/** Workspaces, tokens and settings. */
import { and, eq, isNull, ne, or, sql } from 'drizzle-orm'
import type { Token } from '../../domain/tokens/token.ts'
import { descendantsOf } from '../../domain/tokens/token.ts'
import type { Workspace } from '../store.ts'
import type { Drizzle } from './database.ts'
import { anonymous, settings, tokens, workspaces } from './schema.ts'

export function openAccounts(db: Drizzle) {
  const findWorkspace = (id: number): Workspace | undefined =>
    db.select().from(workspaces).where(eq(workspaces.id, id)).get()

  const listTokens = (workspaceId: number): Token[] =>
    db.select().from(tokens).where(eq(tokens.workspaceId, workspaceId)).orderBy(tokens.createdAt).all()

  const selectToken = db
    .select()
    .from(tokens)
    .where(eq(tokens.id, sql.placeholder('id')))
    .prepare()

  return {
    findWorkspace,

    firstWorkspace(name: string, now: number): Workspace {
      const first = db
        .select()
        .from(workspaces)
        .where(ne(workspaces.id, anonymous))
        .orderBy(workspaces.id)
        .limit(1)
        .get()
      return first ?? db.insert(workspaces).values({ name, createdAt: now }).returning().get()
    },

    setWorkspaceCheck(id: number, workspaceCheck: string, previous?: string): string {
      const isPrevious = previous === undefined ? undefined : eq(workspaces.workspaceCheck, previous)
      db.update(workspaces)
        .set({ workspaceCheck })
        .where(and(eq(workspaces.id, id), or(isNull(workspaces.workspaceCheck), isPrevious)))
        .run()
      return findWorkspace(id)?.workspaceCheck ?? workspaceCheck
    },

    findToken: (id: string): Token | undefined => selectToken.get({ id }),
    hasTokens: (): boolean => db.select({ id: tokens.id }).from(tokens).limit(1).get() !== undefined,
    createToken: (token: Token): void => void db.insert(tokens).values(token).run(),
    listTokens,

    revokeToken(workspaceId: number, id: string, now: number, withDescendants = false): string[] {
      const all = listTokens(workspaceId)
      if (!all.some((token) => token.id === id)) return []
      const ids = withDescendants ? [id, ...descendantsOf(id, all)] : [id]
      for (const one of ids)
        db.update(tokens)
          .set({ revokedAt: now })
          .where(and(eq(tokens.id, one), isNull(tokens.revokedAt)))
          .run()
      return ids
    },

    recordTokenUse(used: ReadonlyMap<string, number>): void {
      for (const [id, lastUsedAt] of used) db.update(tokens).set({ lastUsedAt }).where(eq(tokens.id, id)).run()
    },

    readSetting: (name: string): string | undefined =>
      db.select().from(settings).where(eq(settings.name, name)).get()?.value,

    writeSetting(name: string, value: string): void {
      db.insert(settings).values({ name, value }).onConflictDoUpdate({ target: settings.name, set: { value } }).run()
    },
  }
}
