/** The app with a workspace's token in hand, for the tests of its access log. */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished } from 'vitest'
import type { WireAuditEntry, WireAuditHead, WireAuditPage, WireAuditVerified } from '@halfkey/sdk'
import type { Config } from '../../src/config.ts'
import { readConfig } from '../../src/config.ts'
import type { Scope } from '../../src/domain/tokens/token.ts'
import { newToken } from '../../src/domain/tokens/token.ts'
import type { Outside, TestApp } from './app.ts'
import { openApp } from './app.ts'
import type { Json, Reply, Sealed, SealOptions } from './sender.ts'
import { b64, conversation, seal } from './sender.ts'

export interface Given extends TestApp {
  /** What the recipient and the owner may call. */
  api: ReturnType<typeof conversation>
  bearer: Record<string, string>
  /** Makes a secret of the workspace. */
  given(options?: SealOptions): Promise<Sealed>
  audit(query?: string): Promise<WireAuditPage>
  /** With the problems of records apart from those of the chain. */
  verify(head?: WireAuditHead | null): Promise<WireAuditVerified & { records: number[] }>
  /** Changes the database behind the server's back, which sees it from its next turn of the event loop on. */
  sql: (statement: string) => void
}

/** Closed when the test that opened it has finished. */
export async function openAudited(settings: Record<string, string> = {}, outside: Outside = {}): Promise<Given> {
  const app = await openApp(settings, outside)
  onTestFinished(() => app.close())
  const api = conversation(app.call)
  const bearer = { Authorization: `Bearer ${app.token}` }
  const data = (reply: Reply): Json => {
    expect(reply.status).toBe(200)
    return reply.body.data
  }
  return {
    ...app,
    api,
    bearer,
    async given(options) {
      const sealed = seal(options)
      expect(await api.create(sealed, bearer)).toMatchObject({ status: 201 })
      return sealed
    },
    async audit(query = '') {
      await nextTurn()
      return data(await app.call('GET', `/api/v1/audit${query}`, undefined, bearer))
    },
    async verify(head) {
      await nextTurn()
      const reply = await app.call('POST', '/api/v1/audit/verify', { head: head ?? undefined }, bearer)
      const { problems, ...verified } = data(reply) as WireAuditVerified
      const records = problems.filter(({ problem }) => problem === 'record').map(({ id }) => id)
      return { ...verified, problems: problems.filter(({ problem }) => problem !== 'record'), records }
    },
    sql(statement) {
      const database = new Sqlite(path.join(app.home.data, 'halfkey.sqlite'))
      database.pragma('foreign_keys = OFF')
      database.exec(statement)
      database.close()
    },
  }
}

/** Another workspace's token. */
export async function otherToken(
  { store, sql }: Given,
  scopes: Scope[] = ['audit:read', 'secrets:write', 'secrets:read'],
) {
  sql(`INSERT OR IGNORE INTO workspaces (id, name, created_at) VALUES (2, 'other', 0)`)
  const { token, text } = newToken({ workspaceId: 2, name: 'other', scopes, createdAt: 0, expiresAt: null })
  await store.createToken(token)
  return { Authorization: `Bearer ${text}` }
}

export const wrongAccess = (): string => b64(randomBytes(32))
export const typesOf = (entries: WireAuditEntry[]) =>
  entries.map(({ type, reason }) => (reason === null ? type : `${type} ${reason}`))

/** Ten entries: five secrets created, then burned; their ids are 1 to 10. */
export async function tenEntries(): Promise<Given> {
  const app = await openAudited()
  const made: Sealed[] = []
  for (let n = 0; n < 5; n++) made.push(await app.given())
  for (const sealed of made) await app.api.burn(sealed)
  expect(await app.verify()).toMatchObject({ valid: true, entries: 10, problems: [] })
  return app
}

export const configOf = ({ home }: TestApp): Config =>
  readConfig({ HALFKEY_DATA_DIR: home.data, HALFKEY_SERVER_KEY_FILE: home.serverKey }).config
