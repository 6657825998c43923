/** A reader of /metrics that stands still or goes away; secrets are shared and opened meanwhile. */
import { once } from 'node:events'
import net from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { conversation, caller, seal } from './support/sender.ts'
import { makeHome, startServer } from './support/server.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

test('stalls no reveal and no other reader, and doesn’t keep the server from ending', async () => {
  const home = makeHome()
  ends.push(() => home.remove())
  const server = await startServer(home, { HALFKEY_STOP_TIMEOUT_SECONDS: '1' })
  ends.push(() => server.stop('SIGKILL'))
  const { hostname, port } = new URL(server.url)
  const readers: net.Socket[] = []
  for (let n = 0; n < 20; n++) {
    const reader = net.connect(Number(port), hostname).on('error', () => undefined)
    ends.push(() => reader.destroy())
    await once(reader, 'connect')
    // Each asks for more than the buffers between them hold, and reads none of it.
    reader.pause().write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000))
    readers.push(reader)
  }
  const talk = conversation(caller(server.url))
  const share = async (): Promise<void> => {
    const sealed = seal({})
    expect((await talk.create(sealed)).status).toBe(201)
    expect((await talk.reveal(sealed)).status).toBe(200)
  }
  for (let n = 0; n < 20; n++) await share()
  expect((await fetch(`${server.url}/metrics`)).status).toBe(200)
  for (const reader of readers.slice(0, 10)) reader.resetAndDestroy()
  for (let n = 0; n < 20; n++) await share()
  expect(await server.stop()).toBe(0)
})
