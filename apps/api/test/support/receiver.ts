/** A real receiver of webhooks that remembers what it was sent, and verifies it with the Standard Webhooks library. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { vi } from 'vitest'

export interface ReceivedHook {
  headers: IncomingHttpHeaders
  body: string
}

export interface TestReceiver {
  url: string
  received: ReceivedHook[]
  /** How it answers from now on; 0: it keeps callers waiting, until it answers otherwise. */
  answer(status: number, headers?: Record<string, string>): void
  /** Waits until it was called `count` times. */
  called(count: number): Promise<void>
  close(): Promise<void>
}

export async function startReceiver(): Promise<TestReceiver> {
  const received: ReceivedHook[] = []
  let [status, replyHeaders]: [number, Record<string, string>] = [204, {}]
  const waiting: ServerResponse[] = []
  const answerWaiting = (): void => {
    if (status !== 0) for (const response of waiting.splice(0)) response.writeHead(status, replyHeaders).end()
  }
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body })
      waiting.push(response)
      answerWaiting()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer(next, headers = {}) {
      ;[status, replyHeaders] = [next, headers]
      answerWaiting()
    },
    called: (count) => vi.waitFor(() => assertCalled(received.length, count), { timeout: 20_000 }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function assertCalled(times: number, wanted: number): void {
  if (times < wanted) throw new Error(`called ${times} times of ${wanted}`)
}

/** What the message says, if the library accepts it under this secret at this time; else it throws. */
export function verifyHook(secret: string, { headers, body }: ReceivedHook, at: number): unknown {
  vi.useFakeTimers({ toFake: ['Date'], now: at })
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>)
  } finally {
    vi.useRealTimers()
  }
}
