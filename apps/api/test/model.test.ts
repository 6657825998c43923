import type { WireDetails, WireList, WireStats, WireSuccess } from '@halfkey/sdk'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { verifyAudit } from '../src/domain/audit/verify.ts'
import type { SweepReport } from '../src/store/store.ts'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import { expectSound, readDatabase, slugsWithContent } from './support/database.ts'
import { observed, send } from './support/model-calls.ts'
import { times } from './support/long.ts'
import type { Action, Expected, ModelSecret } from './support/model.ts'
import { expire, fileSize, letGo, predict, statusOf } from './support/model.ts'
import type { Drawn } from './support/model-draw.ts'
import { drawAction, drawIds, drawPause, drawPlan, drawRacing, retentionMs } from './support/model-draw.ts'
import type { Random } from './support/random.ts'
import { newSeed, seeded } from './support/random.ts'
import type { Reply } from './support/sender.ts'
import { seal } from './support/sender.ts'

const walks = times(5, 25)
const stepsPerWalk = 4000
const slots = 4
const living = ['uploading', 'active', 'locked'] as const
const ended = ['viewed', 'expired', 'burned'] as const
const states = [...living, ...ended]

interface Walked extends Drawn {
  /** The first success of a create, and of each reveal_id: its repetitions must be the same bytes. */
  first: Map<string, string>
}

function newSecret(random: Random): Walked {
  const plan = drawPlan(random)
  const fields = {
    maximum_views: plan.maximumViews,
    expires_in: plan.lifetime / 1000,
    max_attempts: plan.maxAttempts,
    on_lockout: plan.onLockout,
    note: plan.note,
    meta: plan.meta,
    attachments: plan.fileId === null ? [] : [{ id: plan.fileId, size: fileSize }],
  }
  const sealed = seal({ password: plan.password, size: 272, fields })
  return { plan: { ...plan, sealed }, record: null, ids: drawIds(), first: new Map() }
}

/** One walk: the server, the model of every secret it was given, and what the workspace's counts must be. */
class Walk {
  readonly #app: TestApp
  readonly #random: Random
  readonly #all: Walked[] = []
  readonly #slots: Walked[]
  readonly #totals = { created: 0, withPassword: 0, views: 0 }
  readonly trace: string[] = []

  constructor(app: TestApp, random: Random) {
    this.#app = app
    this.#random = random
    this.#slots = Array.from({ length: slots }, () => this.#add())
  }

  #add(): Walked {
    const secret = newSecret(this.#random)
    this.#all.push(secret)
    return secret
  }

  /** How many requests it took. */
  async step(): Promise<number> {
    const random = this.#random
    const kind = random.weighted({ call: 75, pair: 12, advance: 10, sweep: 3 })
    if (kind === 'advance') {
      const ms = drawPause(random)
      this.trace.push(`advance ${ms}`)
      this.#app.clock.advance(ms)
      return 0
    }
    if (kind === 'sweep') return this.#sweep()
    const slot = random.below(slots)
    const before = this.#slots[slot]
    const secret = before && !(before.record?.ended && random.chance(0.08)) ? before : this.#add()
    this.#slots[slot] = secret
    const actions =
      kind === 'call' ? [drawAction(random, secret)] : [drawRacing(random, secret), drawRacing(random, secret)]
    await this.#act(secret, actions)
    return actions.length
  }

  /** The replies to actions sent at once must be those of one order or the other. */
  async #act(secret: Walked, actions: Action[]): Promise<void> {
    const { clock } = this.#app
    this.trace.push(`${secret.plan.sealed.slug} ${JSON.stringify(actions)}`)
    const replies = await Promise.all(actions.map((action) => send(this.#app, secret.plan, action)))
    const orders =
      actions.length === 1
        ? [[0]]
        : [
            [0, 1],
            [1, 0],
          ]
    let told: { expected: Expected[]; got: Expected[] } | undefined
    for (const order of orders) {
      const after: ModelSecret = { plan: secret.plan, record: structuredClone(secret.record) }
      const expected: Expected[] = []
      for (const index of order) expected[index] = predict(after, actions[index] as Action, clock.now())
      const got = actions.map((_, index) => observed(replies[index] as Reply, expected[index] as Expected))
      told ??= { expected, got }
      if (!isDeepStrictEqual(got, expected)) continue
      this.#count(secret, after)
      if (!after.record) secret.first.clear()
      secret.record = after.record
      actions.forEach((action, index) => this.#compareRepetition(secret, action, replies[index] as Reply))
      return
    }
    expect(told?.got, 'the replies').toEqual(told?.expected)
  }

  #count({ plan, record: before }: Walked, { record: after }: ModelSecret): void {
    if (!plan.owned || !after) return
    if (!before) this.#totals.created++
    if (!before && plan.password) this.#totals.withPassword++
    this.#totals.views += after.views - (before?.views ?? 0)
  }

  #compareRepetition({ first }: Walked, action: Action, { status, text }: Reply): void {
    if (status >= 300 || (action.kind !== 'create' && action.kind !== 'reveal')) return
    const name = action.kind === 'reveal' ? action.id : 'create'
    if (!first.has(name)) first.set(name, text)
    expect(text, 'a repeated reply').toBe(first.get(name))
  }

  async #sweep(): Promise<number> {
    this.trace.push('sweep')
    const now = this.#app.clock.now()
    const report: SweepReport = { expired: 0, destroyed: 0, purged: 0, requestsExpired: 0, reminded: 0, disputed: 0 }
    for (const secret of this.#all) {
      const { record } = secret
      if (!record) continue
      const due = !record.ended && record.expiresAt <= now
      if (due) expire(record)
      if (due) report.expired++
      const { destroyed } = record
      if (record.ended) letGo(record, now)
      if (record.destroyed && !destroyed && !due) report.destroyed++
      if (record.ended && record.destroyed && !record.stored && record.ended.at <= now - retentionMs) {
        secret.record = null
        secret.first.clear()
        report.purged++
      }
    }
    expect(await this.#app.sweep(), 'the sweep').toEqual(report)
    return this.#compareCounts()
  }

  async #compareCounts(): Promise<number> {
    const { call, token, clock } = this.#app
    const owner = { Authorization: `Bearer ${token}` }
    const owned = this.#all.flatMap(({ plan, record }) => (plan.owned && record ? [record] : []))
    const active = owned.filter(({ ended }) => !ended).length
    const { created, withPassword, views } = this.#totals
    const stats = (await call('GET', '/api/v1/stats', undefined, owner)).body as WireSuccess<WireStats>
    expect(stats.data).toMatchObject({
      total_secrets: created,
      active_secrets: active,
      expired_secrets: created - active,
      total_views: views,
      secrets_with_password: withPassword,
    })
    const state = this.#random.pick(states)
    const reply = await call('GET', `/api/v1/secrets?status=${state}&per_page=100`, undefined, owner)
    const list = reply.body as WireList<WireDetails>
    const listed: readonly string[] = state === 'active' ? living : state === 'expired' ? ended : [state]
    const inState = owned.filter((record) => listed.includes(statusOf(record, clock.now())))
    expect(list.pagination.total, `the list of ${state}`).toBe(inState.length)
    expect(list.data).toHaveLength(Math.min(100, inState.length))
    return 2
  }

  /** Every chain of the access log verifies. */
  async verifyLog(): Promise<void> {
    const { store, denials, deps } = this.#app
    await denials.flush()
    const chains = await store.listAuditChains()
    for (const workspaceId of chains) {
      const { entries, problems } = await verifyAudit(store, deps.serverKey.mac, workspaceId)
      expect(problems).toEqual([])
      expect(entries).toBeGreaterThan(100)
    }
    expect(chains).toHaveLength(2)
  }

  /** The database itself, read beside the server. */
  compareDatabase(): void {
    const alive = this.#all.filter(({ record }) => record && !record.destroyed)
    readDatabase(this.#app.home.data, (db) => {
      expectSound(db)
      expect(slugsWithContent(db)).toEqual(alive.map(({ plan }) => plan.sealed.slug).sort())
      const stored = this.#all.filter(({ record }) => record?.stored)
      const parts = db.prepare('SELECT count(*) FROM blobs WHERE attachment_id IS NOT NULL').pluck().get()
      expect(parts).toBe(stored.length)
    })
  }
}

/** To walk one failed walk again: MODEL_SEED=… vitest run --project api model */
const chosen = process.env['MODEL_SEED']
const seeds = chosen === undefined ? Array.from({ length: walks }, newSeed) : [Number(chosen)]
let requests = 0

test.each(seeds)(
  'C6 and the life cycle: every reply on a random walk is the model’s, and its log is intact (seed %i)',
  async (seed) => {
    const app = await openApp({ HALFKEY_RETENTION_DAYS: String(retentionMs / 86_400_000) })
    const walk = new Walk(app, seeded(seed))
    try {
      for (let step = 0; step < stepsPerWalk; step++) requests += await walk.step()
      await walk.verifyLog()
      walk.compareDatabase()
    } catch (error) {
      const trace = walk.trace.slice(-40).join('\n')
      throw new Error(`MODEL_SEED=${seed}, after ${walk.trace.length} steps, the last of which were\n${trace}`, {
        cause: error,
      })
    } finally {
      await app.close()
    }
  },
)

afterAll(() => {
  if (chosen === undefined) expect(requests).toBeGreaterThan(3600 * walks)
})
