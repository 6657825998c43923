/** Tests bend webhook URLs at random and have servers call them: whatever comes out, nothing leaves this machine. */
import { execFileSync } from 'node:child_process'
import { afterEach, expect, test, vi } from 'vitest'
import type { TestReceiver } from './support/receiver.ts'
import { startReceiver } from './support/receiver.ts'
import { useServer } from './support/running.ts'
import { loopbackOnly } from './support/server.ts'

const { call, bearer } = useServer({ HALFKEY_WEBHOOKS_PRIVATE: 'allow', HALFKEY_LOG: 'off' })

/** Of documentation (RFC 5737, RFC 3849) and of nobody (RFC 6761). */
const outside = ['192.0.2.1', '[2001:db8::1]', 'receiver.invalid']

let receiver: TestReceiver | undefined
afterEach(async () => {
  await receiver?.close()
  receiver = undefined
})

interface Delivery {
  status: string
  last_error: string | null
}

/** How a test message to a webhook went. */
async function deliverTo(url: string): Promise<Delivery> {
  const made = await call('POST', '/api/v1/webhooks', { url }, bearer())
  const sent = await call('POST', `/api/v1/webhooks/${made.body.data.id}/test`, undefined, bearer())
  const id: string = sent.body.data.id
  return vi.waitFor(
    async () => {
      const { body } = await call('GET', '/api/v1/deliveries', undefined, bearer())
      const delivery = (body.data as (Delivery & { id: string; attempts: number })[]).find((one) => one.id === id)
      // An attempt counts from its beginning.
      expect(delivery).toMatchObject({ attempts: 1 })
      expect([delivery?.status === 'delivered', delivery?.last_error !== null]).toContain(true)
      return delivery ?? expect.unreachable()
    },
    { timeout: 10_000, interval: 100 },
  )
}

test.each(outside)('a webhook to %s is not connected to by any server that tests start', async (host) => {
  expect(await deliverTo(`http://${host}/hook`)).toMatchObject({
    status: 'pending',
    last_error: 'the receiver did not respond: EOUTSIDE',
  })
})

test('a webhook on this machine is called', async () => {
  receiver = await startReceiver()
  expect(await deliverTo(receiver.url)).toMatchObject({ status: 'delivered', last_error: null })
})

const ways = {
  'node:net': (host: string) => `once(net.connect(25, '${host.replace(/[[\]]/g, '')}'), 'connect')`,
  'node:tls': (host: string) => `once(tls.connect({ port: 465, host: '${host.replace(/[[\]]/g, '')}' }), 'connect')`,
  'node:http': (host: string) => `once(http.get('http://${host}/'), 'response')`,
  fetch: (host: string) => `fetch('https://${host}/')`,
}

test.each(Object.entries(ways))('nothing outside is reached by %s', (_, attempt) => {
  for (const host of outside) {
    const program = `const { once } = require('node:events'), net = require('node:net'), tls = require('node:tls')
      const http = require('node:http')
      ${attempt(host)}.catch((error) => console.log((error.cause ?? error).code))`
    const said = execFileSync(process.execPath, ['--import', loopbackOnly, '--eval', program], { encoding: 'utf8' })
    expect(said, host).toBe('EOUTSIDE\n')
  }
})
