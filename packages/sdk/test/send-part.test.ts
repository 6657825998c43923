import { expect, test } from 'vitest'
import { sendPart } from '../src/create/send-part.ts'

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('an attempt that ended leaves no timer behind, which would keep the process alive', async () => {
  let body: ReadableStream<Uint8Array> | undefined
  const cut: typeof fetch = (_url, init) => {
    body = init?.body as ReadableStream<Uint8Array>
    return Promise.reject(new TypeError('fetch failed'))
  }
  const sent: number[] = []
  const before = timers()
  const { fetch } = sendPart(new Uint8Array(1_000_000), { fetch: cut }, (bytes) => sent.push(bytes))
  await expect(fetch('http://127.0.0.1/', {})).rejects.toThrow('fetch failed')
  await body?.getReader().read()
  expect(timers()).toBe(before)
  expect(sent).toEqual([])
})
