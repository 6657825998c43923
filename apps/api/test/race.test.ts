import type { WireDetails, WireEvent, WireStats, WireSuccess } from '@halfkey/sdk'
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readDatabase, slugsWithContent } from './support/database.ts'
import { useServer } from './support/running.ts'
import type { Reply, Sealed, SealOptions } from './support/sender.ts'
import { b64, newId, seal } from './support/sender.ts'

const readers = 1000
const { home, create, reveal, details, events, burn, patch, call, bearer } = useServer({ HALFKEY_LOG: 'off' })

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

async function given(maximumViews: number | null, options: SealOptions = {}): Promise<Sealed> {
  const sealed = seal({ ...options, fields: { maximum_views: maximumViews, ...options.fields } })
  expect((await create(sealed)).status).toBe(201)
  return sealed
}

const detailsOf = async (sealed: Sealed) => ((await details(sealed)).body as WireSuccess<WireDetails>).data
const eventsOf = async (sealed: Sealed) =>
  ((await events(sealed)).body as WireSuccess<WireEvent[]>).data.map(({ type, reason }) => reason ?? type)

/** How often each status, with its code and details, was answered. */
function tally(replies: Reply[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, body } of replies) {
    const { error } = body as { error?: { code: string; details?: { cause?: string; attempts_left?: number } } }
    const about = error?.details?.cause ?? error?.details?.attempts_left
    const name = [status, error?.code, about].filter((part) => part !== undefined).join(' ')
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('C6: views', () => {
  test.each([1, 5])(
    `of ${readers} readers at once of a secret with views for %i exactly so many get it, and the others nothing of it`,
    async (views) => {
      const sealed = await given(views)
      const replies = await Promise.all(times(readers, () => reveal(sealed)))
      expect(tally(replies)).toEqual({ 200: views, '410 GONE viewed': readers - views })
      for (const { status, body, text } of replies) {
        const opened = { key_a: sealed.keyA, envelope: sealed.body.envelope }
        if (status === 200) expect(body).toMatchObject({ data: opened })
        else expect(text.includes(sealed.keyA) || text.includes(sealed.body.envelope.ciphertext)).toBe(false)
      }
      expect(await detailsOf(sealed)).toMatchObject({ current_views: views, status: 'viewed' })
      expect((await eventsOf(sealed)).filter((type) => type === 'opened')).toHaveLength(views)
    },
  )

  test.each([1, 5])(
    `one reveal_id sent ${readers} times at once to a secret with views for %i spends one, and every reply is the same`,
    async (views) => {
      const sealed = await given(views)
      const id = newId()
      const replies = await Promise.all(times(readers, () => reveal(sealed, id)))
      expect(tally(replies)).toEqual({ 200: readers })
      expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
      expect(await detailsOf(sealed)).toMatchObject({ current_views: 1 })
      expect((await eventsOf(sealed)).filter((type) => type === 'opened')).toHaveLength(1)
    },
  )

  test('of ten reveal_ids, each sent a hundred times at once, three open a secret of three views, each always', async () => {
    const sealed = await given(3)
    const ids = times(10, newId)
    const replies = await Promise.all(
      times(1000, async (i) => {
        const id = ids[i % ids.length] ?? ''
        return { id, reply: await reveal(sealed, id) }
      }),
    )
    const outcomes = ids.map((id) => tally(replies.filter((one) => one.id === id).map(({ reply }) => reply)))
    expect(outcomes.filter((outcome) => outcome['200'] === 100)).toHaveLength(3)
    expect(outcomes.filter((outcome) => outcome['410 GONE viewed'] === 100)).toHaveLength(7)
  })

  test('views that are lowered while readers come are never exceeded', async () => {
    const sealed = await given(50)
    const [lowered, ...replies] = await Promise.all([
      patch(sealed, { maximum_views: 7 }),
      ...times(100, () => reveal(sealed)),
    ])
    const allowed = lowered.status === 200 ? 7 : 50
    expect(tally(replies)).toEqual({ 200: allowed, '410 GONE viewed': 100 - allowed })
  })

  test('nobody reads any more once a burn was answered, however many are at it', async () => {
    const sealed = await given(null)
    let burned = false
    const readUntilBurned = async () => {
      for (;;) {
        const asked = burned
        const { status } = await reveal(sealed)
        if (asked) return status
      }
    }
    const reading = Promise.all(times(20, readUntilBurned))
    expect((await burn(sealed)).status).toBe(200)
    burned = true
    const late = await reading
    expect(new Set(late)).toEqual(new Set([410]))
  })
})

describe('passwords', () => {
  const guesses = 200
  const guess = (sealed: Sealed) => reveal(sealed, newId(), { password_proof: b64(randomBytes(32)) })
  const counted = Object.fromEntries(times(10, (left) => [`403 PASSWORD_WRONG ${left}`, 1]))

  test(`of ${guesses} wrong ones at once exactly the limit is tried, then the secret is locked, the right one included`, async () => {
    const sealed = await given(1, { password: true, fields: { max_attempts: 10 } })
    const replies = await Promise.all(times(guesses, () => guess(sealed)))
    expect(tally(replies)).toEqual({ ...counted, '423 LOCKED': guesses - 10 })
    expect(tally([await reveal(sealed, newId(), { password_proof: sealed.passwordProof })])).toEqual({
      '423 LOCKED': 1,
    })
    expect(await detailsOf(sealed)).toMatchObject({ current_views: 0, status: 'locked' })
  })

  test(`of ${guesses} wrong ones at once exactly the limit is tried, then the secret is burned if its sender chose so`, async () => {
    const sealed = await given(1, { password: true, fields: { max_attempts: 10, on_lockout: 'burn' } })
    const replies = await Promise.all(times(guesses, () => guess(sealed)))
    expect(tally(replies)).toEqual({ ...counted, '410 GONE locked_out': guesses - 10 })
    expect(await detailsOf(sealed)).toMatchObject({ current_views: 0, status: 'burned' })
    expect(readDatabase(home.data, slugsWithContent)).not.toContain(sealed.slug)
  })

  test('a missing one is never counted, so nobody locks a secret without trying a password', async () => {
    const sealed = await given(1, { password: true, fields: { max_attempts: 1 } })
    const replies = await Promise.all(times(guesses, () => reveal(sealed)))
    expect(tally(replies)).toEqual({ '403 PASSWORD_REQUIRED 1': guesses })
    expect(tally([await reveal(sealed, newId(), { password_proof: sealed.passwordProof })])).toEqual({ 200: 1 })
  })
})

describe('creates', () => {
  const senders = 100
  const totalSecrets = async () => {
    const reply = await call('GET', '/api/v1/stats', undefined, bearer())
    return (reply.body as WireSuccess<WireStats>).data.total_secrets
  }

  test(`of ${senders} at once of the same bytes one makes the secret, and every reply is the same`, async () => {
    const before = await totalSecrets()
    const sealed = seal()
    const replies = await Promise.all(times(senders, () => create(sealed, bearer())))
    expect(tally(replies)).toEqual({ 201: senders })
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    expect(await totalSecrets()).toBe(before + 1)
    expect(await eventsOf(sealed)).toEqual(['created'])
  })

  test(`of ${senders} at once of one slug with different bytes one wins, and the others change nothing`, async () => {
    const sealed = seal()
    const keys = times(senders, () => b64(randomBytes(32)))
    const replies = await Promise.all(
      keys.map((key_a) => call('POST', '/api/v1/secrets', { ...sealed.body, key_a }, bearer())),
    )
    expect(tally(replies)).toEqual({ 201: 1, '409 CONFLICT': senders - 1 })
    const winner = keys[replies.findIndex(({ status }) => status === 201)]
    expect((await reveal(sealed)).body).toMatchObject({ data: { key_a: winner } })
  })
})
