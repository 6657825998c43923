/** Replies that are deep, long, or in many pieces end as a HalfkeyError or as a result: never as a RangeError of the stack. */
import { expect, test } from 'vitest'
import { HalfkeyError } from '../src/errors.ts'
import { fromJson, utf8 } from '../src/protocol/encoding.ts'
import { request } from '../src/transport/http.ts'
import { connect, slug, token, wireDetails } from './records.ts'
import { success } from './scripted.ts'

/** On both sides of what the engine's own recursion takes. */
const depths = [1000, 3000, 6000, 100_000]
const arrays = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const objects = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)

/** What a call ends with. */
const outcome = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error)

const isFine = (result: unknown): boolean => !(result instanceof Error) || result instanceof HalfkeyError

test.each(depths.flatMap((depth) => [[depth, 'arrays', arrays] as const, [depth, 'objects', objects] as const]))(
  'a reply of %i nested %s',
  async (depth, _, nest) => {
    const nested = nest(depth)
    const replies = [
      nested,
      `{"success":true,"message":"","data":${nested}}`,
      `{"success":true,"message":"","data":[],"pagination":${nested}}`,
      `{"success":false,"error":{"code":"VALIDATION_ERROR","message":"","details":{"a":${nested}}}}`,
    ]
    for (const text of replies) {
      const { client } = await connect(() => ({ status: text.includes('false') ? 422 : 200, text }), {
        token,
        retries: 0,
      })
      for (const call of [
        () => client.listSecrets(),
        () => client.getWorkspace(),
        () => client.audit.list(),
        () => client.getEvents(slug),
      ])
        expect(await outcome(call())).toSatisfy(isFine)
    }
    expect(() => fromJson(utf8(nested))).toSatisfy((read: () => unknown) => {
      try {
        return read() !== null
      } catch (error) {
        return error instanceof HalfkeyError
      }
    })
  },
)

test('a list of 40,000 secrets, as many as the largest reply holds', async () => {
  const all = Array.from({ length: 40_000 }, () => wireDetails())
  const pagination = { current_page: 1, per_page: 40_000, total: 40_000, last_page: 1 }
  const { client } = await connect(() => success(all, { pagination }), { token })
  expect((await client.listSecrets()).secrets).toHaveLength(40_000)
})

test('a reply in 300,000 pieces, more than a stack holds arguments', async () => {
  const bytes = utf8(JSON.stringify({ success: true, message: '', data: 'x'.repeat(300_000) }))
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      if (sent === bytes.length) controller.close()
      else controller.enqueue(bytes.subarray(sent, ++sent))
    },
  })
  const fetch = () => Promise.resolve(new Response(body))
  const { data } = await request({ url: 'http://localhost', method: 'GET', headers: {} }, { fetch })
  expect(data).toHaveLength(300_000)
})
