/** How many calls may wait for answers at once; requests.test.ts has what wakes them. */
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { AwaitedAnswers } from '../src/jobs/awaited-answers.ts'

test('a thousand calls wait; one more gets its reply at once, and may wait when another has gone', async () => {
  const open = { state: 'open', expiresAt: Infinity, answers: 0, listed: 0 } as const
  const awaited = new AwaitedAnswers({
    store: { readAwaited: (ids) => Promise.resolve(ids.map((id) => ({ ...open, id }))) },
    clock: { now: () => 0 },
    log: pino({ enabled: false }),
  })
  const wait = (requestId: number, signal = new AbortController().signal) =>
    awaited.wait({ requestId, seen: 0, ms: 25_000, signal })
  const leaver = new AbortController()
  const waiting = Array.from({ length: 1000 }, (_, i) => wait(i % 100, i === 0 ? leaver.signal : undefined))
  expect(awaited.count).toBe(1000)

  await wait(100)
  expect(awaited.count).toBe(1000)
  leaver.abort()
  await waiting[0]
  const admitted = wait(100)
  expect(awaited.count).toBe(1000)

  awaited.stop()
  await Promise.all([...waiting, admitted])
  expect(awaited.count).toBe(0)
})
