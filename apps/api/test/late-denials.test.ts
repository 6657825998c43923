/** Refusals that wait to be recorded: none is lost or written twice while the store can take them, and few are kept. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LateDenial } from '../src/jobs/late-denials.ts'
import { LateDenials } from '../src/jobs/late-denials.ts'
import type { Caller } from '../src/domain/secrets/secret.ts'
import { StoreUnavailable } from '../src/store/store.ts'

const slug = '3o96QakHVUfuD'
const caller = (userAgent: string | null = null, ip: string | null = null): Caller => ({ ip, userAgent, country: null })

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A store that takes a turn to write, and fails while `failing`. */
function setUp() {
  const state = { failing: false, now: 0, calls: 0, dropped: 0, written: [] as string[] }
  const denials = new LateDenials({
    clock: { now: () => state.now },
    log: pino({ enabled: false }),
    onDropped: () => (state.dropped += 1),
    store: {
      async recordDenials(batch: readonly LateDenial[]) {
        state.calls += 1
        await nextTurn()
        if (state.failing) throw new StoreUnavailable('full')
        state.written.push(...batch.map(({ caller }) => caller.userAgent ?? ''))
      },
    },
  })
  return { state, denials, add: (name: string) => denials.add(slug, 'NOT_FOUND', caller(name)) }
}

/** Lets the timers run, and what they started finish. */
async function wait(ms = 250): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  for (let turn = 0; turn < 10; turn++) await nextTurn()
}

const names = (count: number) => Array.from({ length: count }, (_, n) => String(n))

describe('writing', () => {
  test('needs nobody to ask for it, and goes on until all is written', async () => {
    const { state, add } = setUp()
    names(200).forEach(add)
    for (let n = 0; n < 4; n++) await wait()
    expect(state.written).toEqual(names(200))
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that fails is tried again until it succeeds, and then nothing was lost or written twice', async () => {
    const { state, add } = setUp()
    state.failing = true
    names(3).forEach(add)
    for (let n = 0; n < 5; n++) await wait()
    expect(state).toMatchObject({ calls: 5, written: [] })
    state.failing = false
    await wait()
    expect(state.written).toEqual(names(3))
  })

  test('goes on by itself after a flush that failed', async () => {
    const { state, denials, add } = setUp()
    state.failing = true
    add('before')
    await expect(denials.flush()).rejects.toThrow('full')
    add('after')
    state.failing = false
    await wait()
    expect(state.written).toEqual(['before', 'after'])
  })

  test('goes on by itself though the flush that failed met a write under way', async () => {
    const { state, denials, add } = setUp()
    state.failing = true
    add('before')
    await vi.advanceTimersByTimeAsync(250)
    await expect(denials.flush()).rejects.toThrow('full')
    state.failing = false
    await wait()
    expect(state.written).toEqual(['before'])
  })

  test('is in order and once, however many flush at once and add meanwhile', async () => {
    const { state, denials, add } = setUp()
    const all = names(500)
    all.slice(0, 300).forEach(add)
    const flushes = [denials.flush(), denials.flush(), vi.advanceTimersByTimeAsync(250)]
    await nextTurn()
    all.slice(300).forEach(add)
    await Promise.all([...flushes, denials.flush()])
    expect(state.written).toEqual(all)
  })

  test('takes what no secret can be called for nothing', async () => {
    const { state, denials } = setUp()
    for (const text of ['', 'nonsense', `${slug}x`, slug.replace('3', '0')]) denials.add(text, 'NOT_FOUND', caller())
    await denials.flush()
    expect(state.calls).toBe(0)
  })
})

describe('a stop', () => {
  test('during a write waits for it, and writes the rest', async () => {
    const { state, denials, add } = setUp()
    names(100).forEach(add)
    await vi.advanceTimersByTimeAsync(250)
    await denials.stop()
    expect(state.written).toEqual(names(100))
    expect(vi.getTimerCount()).toBe(0)
  })

  test('before the first write does it, and leaves nothing behind', async () => {
    const { state, denials, add } = setUp()
    names(100).forEach(add)
    expect(vi.getTimerCount()).toBe(1)
    await denials.stop()
    expect(state.written).toEqual(names(100))
    expect(vi.getTimerCount()).toBe(0)
  })

  test('says so if the store fails, and leaves nothing behind that would try again', async () => {
    const { state, denials, add } = setUp()
    add('lost')
    state.failing = true
    await vi.advanceTimersByTimeAsync(250)
    await expect(denials.stop()).rejects.toThrow('full')
    add('late')
    const { calls } = state
    await wait(10_000)
    expect(state).toMatchObject({ calls, dropped: 1, written: [] })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a flood', () => {
  test('takes bounded memory, even while the store fails, and what is dropped is counted', async () => {
    const { state, denials, add } = setUp()
    state.failing = true
    names(50_000).forEach(add)
    await wait(1000)
    names(50_000).forEach(add)
    state.failing = false
    await denials.flush()
    expect(state.written.length).toBeLessThan(5000)
    expect(state.written.length + state.dropped).toBe(100_000)
  })

  test('of what nothing else bounds is its first a minute, by slug, reason and address', async () => {
    const { state, denials } = setUp()
    const addAll = (): void => {
      for (const ip of ['192.0.2.1', '192.0.2.2'])
        for (const reason of ['RATE_LIMITED', 'NOT_OWNER'])
          for (const of of [slug, slug.replace('3', '4')]) denials.addFirst(of, reason, caller(`${of} ${reason}`, ip))
    }
    for (let n = 0; n < 100; n++) addAll()
    state.now += 59_999
    addAll()
    await denials.flush()
    expect(state.written).toHaveLength(8)
    expect(new Set(state.written).size).toBe(4)
    state.now += 1
    addAll()
    await denials.flush()
    expect(state).toMatchObject({ dropped: 0, written: { length: 16 } })
  })

  const other = slug.replace('3', '4')
  const ipOf = (n: number): string => `10.${n >> 8}.${n & 255}.7`

  test.each<[string, (n: number) => [string, string]]>([
    [
      'of one address on slugs that there aren’t',
      (n) => [`${slug.slice(0, 9)}${1111 + (n % 8888)}`.replaceAll('0', '9'), '192.0.2.1'],
    ],
    ['of one address on the same secret', () => [slug, '192.0.2.1']],
    ['of the many addresses of one /48', (n) => [slug, `2001:db8:1:${n.toString(16)}::1`]],
    ['of many addresses on another secret', (n) => [other, ipOf(n)]],
  ])('%s pushes out nothing of what another address does to a secret', async (_, flood) => {
    const { state, denials } = setUp()
    for (let n = 0; n < 10_000; n++) {
      denials.add(flood(n)[0], 'NOT_FOUND', caller('flood', flood(n)[1]))
      if (n % 500 === 499) denials.add(slug, 'NOT_FOUND', caller('probe', '203.0.113.1'))
    }
    await denials.flush()
    expect(state.written.filter((name) => name === 'probe')).toHaveLength(20)
    expect(state.written.length + state.dropped).toBe(10_020)
  })

  test('never pushes out what is being written, which would be lost or written twice', async () => {
    const { state, denials, add } = setUp()
    names(64).forEach(add)
    await vi.advanceTimersByTimeAsync(250)
    for (let n = 0; n < 5000; n++) denials.add(slug, 'NOT_FOUND', caller(`late ${n}`, ipOf(n)))
    await denials.flush()
    expect(state.written.slice(0, 64)).toEqual(names(64))
    expect(new Set(state.written).size).toBe(state.written.length)
  })

  test('of first ones leaves room for those of other networks and secrets', async () => {
    const { state, denials } = setUp()
    for (let n = 0; n < 5000; n++) denials.addFirst(slug, 'RATE_LIMITED', caller('flood', ipOf(n)))
    for (let n = 0; n < 5000; n++)
      denials.addFirst(`${slug.slice(0, 9)}${1111 + n}`.replaceAll('0', '9'), 'NOT_OWNER', caller('flood', '192.0.2.1'))
    denials.addFirst(other, 'NOT_OWNER', caller('probe', '203.0.113.1'))
    await denials.flush()
    expect(state.written).toContain('probe')
    expect(state.written.length).toBeLessThan(400)
  })

  test('from more addresses than are told apart writes a bounded number, and counts the rest', async () => {
    const { state, denials } = setUp()
    for (let n = 0; n < 10_000; n++) denials.addFirst(slug, 'RATE_LIMITED', caller(null, `2001:db8::${n}`))
    await denials.flush()
    expect(state.written.length).toBeLessThanOrEqual(256)
    expect(state.written.length + state.dropped).toBe(10_000)
  })
})
