/** How long a watch waits between its calls, without waiting. */
import { beforeEach, expect, test, vi } from 'vitest'
import { Halfkey, openAsk, openCollect } from '../src/index.ts'
import type * as Http from '../src/transport/http.ts'
import { requestServer } from './request-server.ts'

const INTERVAL_MS = 100_000

const pauses: number[] = []
let onSleep: (count: number) => Promise<unknown> = () => Promise.resolve()
vi.mock('../src/transport/http.ts', async (original) => ({
  ...(await original<typeof Http>()),
  sleep(ms: number) {
    pauses.push(Math.round(ms / INTERVAL_MS))
    return onSleep(pauses.length)
  },
}))
beforeEach(() => void pauses.splice(0))

async function watch(answers: number) {
  const server = await requestServer()
  const { askUrl, collectUrl } = await new Halfkey({ baseUrl: server.url }).createRequest({ answers })
  const watching = (await openCollect(collectUrl)).watch({ interval: INTERVAL_MS })
  return { ask: await openAsk(askUrl), watching }
}

test('a server that holds no call back is asked less and less often, and after an answer as often as at first', async () => {
  const { ask, watching } = await watch(2)
  onSleep = async (count) => {
    if (count === 6 || count === 9) await ask.answer(`answer ${count}`)
  }
  await watching.next()
  expect(pauses).toEqual([1, 2, 4, 8, 10, 10])
  await watching.next()
  expect(pauses.slice(6)).toEqual([1, 2, 4])
  expect(await watching.next()).toMatchObject({ done: true })
  expect(pauses).toHaveLength(9)
})
