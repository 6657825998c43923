/** What a token's patterns of handlers hide: each scope and all of them, on every call that takes a token. */
import { beforeEach, expect, test } from 'vitest'
import { newMessageId, kmsNotice } from '../src/domain/notices/notice.ts'
import type { Scope } from '../src/domain/tokens/token.ts'
import { scopes } from '../src/domain/tokens/token.ts'
import { operationsOf } from './support/document.ts'
import { kmsCalls, revealed, sealVersion } from './support/named.ts'
import { refused, useApp } from './support/running-app.ts'
import { seal } from './support/sender.ts'

const { app, call, bearer, now, create } = useApp()
const { put, reveal } = kmsCalls((...request) => call(...request), bearer)

const handler = 'prod/x'
const version = sealVersion(1)
/** What the paths name: a secret, a delivery that tells of the handler, the token that may name it. */
let named: Record<string, string>

async function make(name: string, handlers: string[], scopes: readonly Scope[]) {
  const reply = await call('POST', '/api/v1/tokens', { name, scopes, handlers }, bearer())
  expect(reply.status).toBe(201)
  const { id, token } = reply.body.data as { id: string; token: string }
  return { id, headers: { Authorization: `Bearer ${token}` } }
}

beforeEach(async () => {
  const sealed = seal()
  await create(sealed, bearer())
  await put(handler, version)
  await reveal(handler)
  await reveal(handler, 9)
  const hook = await call('POST', '/api/v1/webhooks', { url: 'https://receiver.invalid/hook' }, bearer())
  const { id: webhookId } = hook.body.data as { id: string }
  const message = {
    id: newMessageId(),
    workspaceId: 1,
    secretId: null,
    kind: 'webhook',
    webhookId,
    sealedTo: null,
  } as const
  const notice = kmsNotice('kms.expired', handler, 1, now())
  await app().store.addMessage({ ...message, notice, createdAt: now() })
  const { id: tokenId } = await make('owner', ['prod/*'], ['kms:read'])
  const ids = { tokens: tokenId, webhooks: webhookId, deliveries: message.id }
  named = { slug: sealed.slug, handler: encodeURIComponent(handler), version: '1', ...ids }
})

/** Every call that takes a token, with what selects and formats what it shows. */
async function calls(): Promise<[operation: string, method: string, path: string][]> {
  const document = (await call('GET', '/openapi.json')).body as Parameters<typeof operationsOf>[0]
  return operationsOf(document).flatMap(([operation]) => {
    const [method = '', template = ''] = operation.split(' ')
    const path = template.replaceAll(/(?<!\w)(\w+)\/\{(\w+)\}/g, (_, kind: string, name: string) =>
      name === 'id' ? `${kind}/${named[kind] ?? 'x'}` : `${kind}/${named[name] ?? '0'}`,
    )
    const queries =
      operation === 'get /api/v1/audit'
        ? ['', '?format=jsonl', '?format=csv', '?handler=prod/x', '?type=kms.put']
        : ['']
    return queries.map((query): [string, string, string] => [operation + query, method.toUpperCase(), path + query])
  })
}

const shows = (text: string): boolean => /prod(\/|%2F)/i.test(text)

async function send(method: string, path: string, headers: Record<string, string>) {
  const fields = path.endsWith('/webhooks') ? { url: 'https://receiver.invalid/hook' } : {}
  const body = method === 'GET' || method === 'DELETE' ? undefined : fields
  const reply = await call(method, path, body, headers)
  return { ...reply, told: reply.text + JSON.stringify([...reply.headers]) }
}

test.each([...scopes.map((one) => [one, [one]] as const), ['every scope', scopes] as const])(
  'with %s a token for other handlers is told of no handler, whatever it calls, and changes nothing',
  async (_, granted) => {
    const { headers } = await make('other', ['zzz*'], granted)
    for (const [operation, method, path] of await calls()) {
      const reply = await send(method, path, headers)
      const echoed = reply.status === 403 && path.includes('prod')
      // The handler that the caller named itself, or what its token lacks.
      if (echoed)
        expect(['handler', 'scope', 'scopes']).toEqual(
          expect.arrayContaining(Object.keys(reply.body.error.details ?? {})),
        )
      else expect([operation, shows(reply.told)]).toEqual([operation, false])
      if (operation.includes('{handler}')) expect([operation, reply.status]).toEqual([operation, 403])
    }
    expect(await reveal(handler)).toMatchObject(revealed(version))
    expect((await call('GET', '/api/v1/tokens', undefined, bearer())).body.data).toMatchObject([
      {},
      { revoked_at: null },
      {},
    ])
    expect((await call('GET', '/api/v1/webhooks', undefined, bearer())).body.data).toHaveLength(1)
  },
)

test('a token for every handler is told of it by these calls, so the test above tests something', async () => {
  const telling: string[] = []
  for (const [operation, method, path] of await calls())
    if (method === 'GET' && shows((await send(method, path, bearer())).told)) telling.push(operation)
  expect(telling.sort()).toEqual(
    [
      'get /api/v1/audit',
      'get /api/v1/audit?format=csv',
      'get /api/v1/audit?format=jsonl',
      'get /api/v1/audit?handler=prod/x',
      'get /api/v1/audit?type=kms.put',
      'get /api/v1/deliveries',
      'get /api/v1/kms',
      'get /api/v1/kms/{handler}',
      'get /api/v1/tokens',
    ].sort(),
  )
})

test('the log shows such a token all entries but those of other handlers, and verifies as a whole', async () => {
  await put('zzz-db', sealVersion(1))
  const { headers } = await make('other', ['zzz*'], ['audit:read'])
  const { entries, head } = (await call('GET', '/api/v1/audit', undefined, headers)).body.data as {
    entries: { handler: string | null; type: string }[]
    head: unknown
  }
  expect(entries.map(({ type, handler: of }) => [type, of])).toEqual([
    ['created', null],
    ['kms.put', 'zzz-db'],
  ])
  const verified = await call('POST', '/api/v1/audit/verify', { head }, headers)
  expect(verified.body.data).toMatchObject({ valid: true, entries: 5 })
  const asked = await call('GET', `/api/v1/audit?handler=${handler}`, undefined, headers)
  expect(asked).toMatchObject(refused(403, 'PERMISSION_DENIED', { handler }))
})
