import type { WireDetails, WireList, WireStats, WireSuccess } from '@halfkey/sdk'
import { describe, expect, test } from 'vitest'
import { newSeed, seeded } from './support/random.ts'
import { useApp } from './support/running-app.ts'
import type { Sealed } from './support/sender.ts'
import { newId, seal } from './support/sender.ts'
import { addWorkspace } from './support/strangers.ts'

const minute = 60_000
const day = 24 * 60 * minute
const { app, call, bearer, now, later, given, own, ...talk } = useApp()
const { create, reveal, ack, details, patch, burn, purge } = talk

async function list(query = '', headers = bearer()): Promise<WireList<WireDetails>> {
  const reply = await call('GET', `/api/v1/secrets${query}`, undefined, headers)
  expect(reply.status).toBe(200)
  return reply.body as WireList<WireDetails>
}

describe('the list', () => {
  test('is of the workspace’s own secrets, newest first, page by page', async () => {
    const made: string[] = []
    for (let n = 0; n < 7; n++) made.unshift((await own()).slug)
    await given()
    const stranger = { Authorization: `Bearer ${addWorkspace(app().home.data, now()).text}` }
    await create(seal(), stranger)
    for (const page of [1, 2, 3]) {
      const { data, pagination } = await list(`?per_page=3&page=${page}`)
      expect(data.map(({ slug }) => slug)).toEqual(made.slice(3 * page - 3, 3 * page))
      expect(pagination).toEqual({ current_page: page, per_page: 3, total: 7, last_page: 3 })
    }
    expect(await list('?per_page=3&page=4')).toMatchObject({ data: [], pagination: { total: 7, last_page: 3 } })
    expect((await list()).pagination).toEqual({ current_page: 1, per_page: 50, total: 7, last_page: 1 })
    expect((await list('', stranger)).pagination.total).toBe(1)
  })

  test('shows of each secret what its details show', async () => {
    const sealed = await own({ maximum_views: 3 }, { password: true })
    await reveal(sealed, newId(), { password_proof: sealed.passwordProof })
    expect((await list()).data).toEqual([(await details(sealed)).body.data])
  })

  test('of an empty workspace has one empty page', async () => {
    expect(await list()).toMatchObject({ data: [], pagination: { current_page: 1, total: 0, last_page: 1 } })
  })

  test('shows each status apart, active and expired as the figures count them, and counts what it shows', async () => {
    const active = await own()
    const viewed = await own()
    await reveal(viewed)
    const burned = await own()
    await burn(burned)
    const locked = await own({ max_attempts: 1 }, { password: true })
    await reveal(locked, newId(), { password_proof: locked.access })
    const expired = await own({ expires_in: 60 })
    later(minute)
    await app().sweep()
    for (const [name, { slug }] of Object.entries({ viewed, burned, locked })) {
      const { data, pagination } = await list(`?status=${name}`)
      expect(data).toMatchObject([{ slug, status: name }])
      expect(pagination.total).toBe(1)
    }
    expect(await list('?status=uploading')).toMatchObject({ data: [], pagination: { total: 0 } })
    expect((await list()).pagination.total).toBe(5)

    // «active» and «expired» mean the same in the list, in the details and in the figures.
    const halves = { active: [locked, active], expired: [expired, burned, viewed] }
    for (const [name, secrets] of Object.entries(halves)) {
      const { data, pagination } = await list(`?status=${name}`)
      expect(data.map(({ slug, is_expired }) => [slug, is_expired])).toEqual(
        secrets.map(({ slug }) => [slug, name === 'expired']),
      )
      expect(pagination.total).toBe(secrets.length)
      const second = await list(`?status=${name}&per_page=1&page=2`)
      expect(second.data).toMatchObject([{ slug: secrets[1]?.slug }])
    }
    const { body } = await call('GET', '/api/v1/stats', undefined, bearer())
    expect(body.data).toMatchObject({ total_secrets: 5, active_secrets: 2, expired_secrets: 3 })
  })

  test('by creator shows what tokens of that name made, revoked ones included', async () => {
    const slugsIn = async (query: string) => (await list(query)).data.map(({ slug }) => slug)
    const made: string[] = []
    for (const name of ['ci', 'ci', 'laptop']) {
      const token = await call('POST', '/api/v1/tokens', { name, scopes: ['secrets:write'] }, bearer())
      const sealed = seal()
      await create(sealed, { Authorization: `Bearer ${token.body.data.token}` })
      await call('DELETE', `/api/v1/tokens/${token.body.data.id}`, undefined, bearer())
      made.unshift(sealed.slug)
    }
    await own()
    expect(await slugsIn('?creator=ci')).toEqual(made.slice(1))
    expect((await list('?creator=ci')).pagination.total).toBe(2)
    expect(await slugsIn('?creator=laptop&status=active')).toEqual(made.slice(0, 1))
    expect(await list('?creator=nobody')).toMatchObject({ data: [], pagination: { total: 0 } })
  })
})

describe('statistics', () => {
  const stats = async () =>
    ((await call('GET', '/api/v1/stats', undefined, bearer())).body as WireSuccess<WireStats>).data

  test('equal a recount after anything that happens', async () => {
    const random = seeded(newSeed())
    const secrets: Sealed[] = []
    let views = 0
    const happenings: ((sealed: Sealed) => Promise<unknown>)[] = [
      async (sealed) => {
        const id = newId()
        const proof = random.chance(0.8) ? sealed.passwordProof : sealed.access
        if ((await reveal(sealed, id, { password_proof: proof })).status !== 200) return
        views++
        if (random.chance(0.5)) await ack(sealed, id)
      },
      (sealed) => patch(sealed, { unlock: true }),
      (sealed) => (random.chance(0.3) ? burn(sealed) : details(sealed)),
      () => {
        later(random.below(minute))
        return app().sweep()
      },
    ]
    for (let n = 0; n < 90; n++) {
      const fields = { maximum_views: random.pick([1, 2, null]), expires_in: random.pick([60, 3600]), max_attempts: 1 }
      const password = random.chance(0.3)
      secrets.push(await own({ ...fields, on_lockout: random.pick(['lock', 'burn']) }, { password }))
      for (let m = 0; m < 4; m++) await random.pick(happenings)(random.pick(secrets))
    }
    await app().sweep()

    const { data: all } = await list('?per_page=100')
    expect(all).toHaveLength(secrets.length)
    const alive = all.filter((one) => !one.is_expired).length
    expect(await stats()).toMatchObject({
      total_secrets: all.length,
      active_secrets: alive,
      expired_secrets: all.length - alive,
      total_views: views,
      secrets_with_password: all.filter((one) => one.has_password).length,
    })
    expect(all.reduce((sum, one) => sum + one.current_views, 0)).toBe(views)
  })

  test('count today, this week from Monday and this month from its first, by UTC', async () => {
    const at = (date: string) => later(Date.parse(date) - now())
    const counted = async () => {
      const { secrets_created_today, secrets_created_this_week, secrets_created_this_month } = await stats()
      return [secrets_created_today, secrets_created_this_week, secrets_created_this_month]
    }
    at('2026-01-31T23:59:59.999Z') // a Saturday
    await own()
    expect(await counted()).toEqual([1, 1, 1])
    at('2026-02-01T00:00:00.000Z')
    expect(await counted()).toEqual([0, 1, 0])
    await own()
    at('2026-02-01T23:59:59.999Z')
    expect(await counted()).toEqual([1, 2, 1])
    at('2026-02-02T00:00:00.000Z')
    expect(await counted()).toEqual([0, 0, 1])
    await own()
    later(6 * day)
    expect(await counted()).toEqual([0, 1, 2])
    later(day)
    expect(await counted()).toEqual([0, 0, 2])
  })

  test('keep what was made and seen when records are purged, and never count the anonymous', async () => {
    const sealed = await own()
    await reveal(sealed)
    await purge(sealed)
    await reveal(await given())
    expect(await stats()).toMatchObject({ total_secrets: 1, active_secrets: 0, expired_secrets: 1, total_views: 1 })
  })
})
