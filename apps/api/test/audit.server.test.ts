/** The head on the wire: an export is written past the framework's response, so only a real socket shows its headers. */
import { beforeAll, expect, test } from 'vitest'
import { Halfkey } from '@halfkey/sdk'
import { useServer } from './support/running.ts'
import { seal } from './support/sender.ts'

const { server, call, bearer, create } = useServer({ HALFKEY_LOG: 'off' })

beforeAll(async () => {
  for (let n = 0; n < 3; n++) await create(seal(), bearer())
})

test.each(['', '?limit=1', '?format=jsonl', '?format=csv', '?format=jsonl&type=opened', '?format=csv&after=2'])(
  'every page and every export names the head, filtered and empty ones too: %s',
  async (query) => {
    const { head } = (await call('GET', '/api/v1/audit', undefined, bearer())).body.data as {
      head: { id: number; chain: string }
    }
    const reply = await call('GET', `/api/v1/audit${query}`, undefined, bearer())
    expect(reply.headers.get('Halfkey-Audit-Head')).toBe(`${head.id}:${head.chain}`)
  },
)

test('the head that the SDK’s export returns is found by a verification', async () => {
  const client = new Halfkey({ baseUrl: server().url, token: server().token })
  const { head, stream } = await client.audit.export('jsonl', { type: 'created' })
  await stream.cancel()
  expect(head).not.toBeNull()
  expect(await client.audit.verify(head ?? undefined)).toMatchObject({ valid: true, head })
  expect(await client.audit.verify(head ? { ...head, id: head.id - 1 } : undefined)).toMatchObject({ valid: false })
})
