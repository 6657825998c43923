/** What the tests of bad input share: a server that must survive them all, and what a refusal must be. */
import type { WireFailure } from '@halfkey/sdk'
import { afterAll, beforeAll, expect } from 'vitest'
import { newAnswer, newAsk, requestCalls } from './asked.ts'
import { attachmentCalls, sealWithFiles } from './attached.ts'
import type { OpenApiDocument } from './document.ts'
import type { Example, Given } from './examples.ts'
import { codeByMail, examples, webhookUrl } from './examples.ts'
import type { OutsideServices } from './outside.ts'
import { startOutside } from './outside.ts'
import type { Call, Reply } from './sender.ts'
import { sealVersion } from './named.ts'
import { b64, caller, conversation, newId, seal } from './sender.ts'
import type { ServerProcess } from './server.ts'
import { makeHome, startServer } from './server.ts'

export interface Target {
  server: ServerProcess
  call: Call
  document: OpenApiDocument
  /** A right request of a documented operation, `method path`. */
  example: (operation: string) => Example
  send: (request: Example, body?: unknown) => Promise<Reply>
  /** Sends a body as it is, said to be JSON unless told otherwise. */
  sendText: (request: Example, body: string | Buffer, type?: string) => Promise<Reply>
}

/** The things that examples are about. */
async function makeGiven(call: Call, token: string): Promise<Given> {
  const bearer = { Authorization: `Bearer ${token}` }
  const make = async (path: string, body?: unknown): Promise<{ id: string }> => {
    const reply = await call('POST', `/api/v1${path}`, body, bearer)
    expect({ path, status: reply.status }).toEqual({ path, status: 201 })
    return (reply.body as { data: { id: string } }).data
  }
  const live = seal({ password: true, fields: { maximum_views: null, max_attempts: 100, otp: codeByMail } })
  await make('/secrets', live.body)
  const { id: webhook } = await make('/webhooks', { url: webhookUrl })
  const { id: delivery } = await make(`/webhooks/${webhook}/test`)
  const [uploading, uploaded] = [sealWithFiles(), sealWithFiles()]
  const { upload, complete, grantOf } = attachmentCalls(call)
  await upload(uploading)
  await upload(uploaded)
  await complete(uploaded)
  const named = 'given/named'
  const put = await call(
    'PUT',
    `/api/v1/kms/${encodeURIComponent(named)}`,
    sealVersion(1, { meta: b64(Buffer.alloc(300, 7)) }),
    bearer,
  )
  expect(put.status).toBe(201)
  const asked = newAsk({ maximum_answers: 100 })
  await make('/requests', asked.body)
  const answered = newAnswer({ password: true })
  await requestCalls(call, token).answer(asked, answered)
  return { token, asked, answered, live, uploading, uploaded, grant: await grantOf(uploaded), webhook, delivery, named }
}

/**
 * A server for a file's tests, there from the first test on. Afterwards it must still keep and reveal a secret, stop
 * cleanly, and have logged no error of its own.
 */
export function useTarget(): Target {
  const home = makeHome()
  const target = {} as Target
  let outside: OutsideServices
  beforeAll(async () => {
    outside = await startOutside(home.root)
    const server = await startServer(home, outside.settings)
    const call = caller(server.url)
    const all = examples(await makeGiven(call, server.token))
    Object.assign(target, {
      server,
      call,
      document: (await call('GET', '/openapi.json')).body as OpenApiDocument,
      example(operation) {
        const make = all[operation]
        if (!make) throw new Error(`support/examples.ts has no example of ${operation}`)
        return make()
      },
      send: ({ method, path, headers, bytes }, body) => call(method, path, bytes ?? body, headers),
      sendText: ({ method, path, headers }, body, type = 'application/json') =>
        call(method, path, body, { ...headers, 'Content-Type': type }),
    } satisfies Target)
  })

  afterAll(async () => {
    const { server, call } = target
    const { create, reveal } = conversation(call)
    const kept = seal()
    try {
      expect((await create(kept)).status).toBe(201)
      expect(await reveal(kept, newId())).toMatchObject({ status: 200, body: { data: { key_a: kept.keyA } } })
      expect(await server.stop()).toBe(0)
      const lines = server.output().split('\n')
      expect(lines.filter((line) => /"level":[56]0/.test(line))).toEqual([])
    } finally {
      await server.stop('SIGKILL')
      await outside.close()
      home.remove()
    }
  })
  return target
}

const shown = (value: unknown): string => (JSON.stringify(value) as string | undefined)?.slice(0, 60) ?? 'nothing'

/** A 422 that names this field and no other, and says nothing of what was sent. */
export function expectRefused({ status, text, body }: Reply, name: string, value: unknown): void {
  const { error } = body as Partial<WireFailure>
  const told = { status, code: error?.code, at: name, value: shown(value) }
  expect(told).toEqual({ ...told, status: 422, code: 'VALIDATION_ERROR' })
  const named = Object.keys(error?.details ?? {})
  expect(named.length, `${shown(value)} at ${name}`).toBeGreaterThan(0)
  expect(named.filter((field) => field !== name && !field.startsWith(`${name}.`))).toEqual([])
  if (typeof value === 'string' && value.length > 8) expect(text).not.toContain(JSON.stringify(value).slice(1, -1))
}
