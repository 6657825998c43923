import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Scope } from '../src/domain/tokens/token.ts'
import { scopes } from '../src/domain/tokens/token.ts'
import { readDatabase } from './support/database.ts'
import { readFiles } from './support/files.ts'
import { refused, useApp } from './support/running-app.ts'
import { b64, seal, sha256 } from './support/sender.ts'
import { addWorkspace } from './support/strangers.ts'

const { app, call, bearer, now, later, given, create, details } = useApp()

const unauthenticated = refused(401, 'AUTHENTICATION_ERROR')
const headersOf = (token: string) => ({ Authorization: `Bearer ${token}` })

interface Made {
  id: string
  token: string
}

async function make(scopes: readonly Scope[], fields: Record<string, unknown> = {}): Promise<Made> {
  const reply = await call('POST', '/api/v1/tokens', { name: 'made', scopes, ...fields }, bearer())
  expect(reply.status).toBe(201)
  return reply.body.data as Made
}

const list = (token: string) => call('GET', '/api/v1/secrets', undefined, headersOf(token))
const revoke = (id: string, headers = bearer()) => call('DELETE', `/api/v1/tokens/${id}`, undefined, headers)

describe('scopes', () => {
  const needed: Record<string, Scope> = {
    'post /api/v1/secrets': 'secrets:write',
    'get /api/v1/secrets': 'secrets:read',
    'get /api/v1/secrets/{slug}': 'secrets:read',
    'patch /api/v1/secrets/{slug}': 'secrets:write',
    'delete /api/v1/secrets/{slug}': 'secrets:write',
    'get /api/v1/secrets/{slug}/events': 'secrets:read',
    'put /api/v1/secrets/{slug}/files/{id}/parts/{n}': 'secrets:write',
    'get /api/v1/secrets/{slug}/files/{id}/parts': 'secrets:write',
    'post /api/v1/secrets/{slug}/complete': 'secrets:write',
    'post /api/v1/secrets/{slug}/notice': 'secrets:write',
    'get /api/v1/stats': 'secrets:read',
    'post /api/v1/requests': 'requests:write',
    'get /api/v1/requests': 'requests:read',
    'get /api/v1/requests/stats': 'requests:read',
    'get /api/v1/requests/{slug}': 'requests:read',
    'patch /api/v1/requests/{slug}': 'requests:write',
    'delete /api/v1/requests/{slug}': 'requests:write',
    'get /api/v1/requests/{slug}/answers': 'requests:read',
    'patch /api/v1/requests/{slug}/answers/{answer}': 'requests:write',
    'delete /api/v1/requests/{slug}/answers/{answer}': 'requests:write',
    'get /api/v1/kms': 'kms:read',
    'put /api/v1/kms/{handler}': 'kms:write',
    'patch /api/v1/kms/{handler}': 'kms:write',
    'delete /api/v1/kms/{handler}': 'kms:write',
    'get /api/v1/kms/{handler}/versions': 'kms:read',
    'delete /api/v1/kms/{handler}/versions/{version}': 'kms:write',
    'get /api/v1/kms/{handler}/events': 'kms:read',
    'get /api/v1/audit': 'audit:read',
    'post /api/v1/audit/verify': 'audit:read',
    'put /api/v1/workspace/check': 'tokens:admin',
    'get /api/v1/tokens': 'tokens:admin',
    'post /api/v1/tokens': 'tokens:admin',
    'delete /api/v1/tokens/{id}': 'tokens:admin',
    'get /api/v1/webhooks': 'tokens:admin',
    'post /api/v1/webhooks': 'tokens:admin',
    'post /api/v1/webhooks/{id}/rotate': 'tokens:admin',
    'post /api/v1/webhooks/{id}/test': 'tokens:admin',
    'delete /api/v1/webhooks/{id}': 'tokens:admin',
    'get /api/v1/deliveries': 'tokens:admin',
    'post /api/v1/deliveries/{id}/redeliver': 'tokens:admin',
  }
  const send = (operation: string, headers: Record<string, string>, slug: string) => {
    const [method = '', path = ''] = operation.split(' ')
    const body = method === 'get' || method === 'delete' ? undefined : {}
    return call(method.toUpperCase(), path.replace('{handler}', 'named').replaceAll(/\{\w+\}/g, slug), body, headers)
  }

  test('every call that takes a token is in the table below', async () => {
    const { paths } = (await call('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { security: Record<string, unknown>[] }>>
    }
    const takingTokens = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { security }]) => security.some((one) => 'token' in one))
        .map(([method]) => `${method} ${path}`),
    )
    const inTestsOfTheirOwn = [
      'get /api/v1/limits',
      'get /api/v1/workspace',
      'get /api/v1/kms/{handler}',
      'post /api/v1/kms/{handler}/reveal',
    ]
    expect(takingTokens.sort()).toEqual([...Object.keys(needed), ...inTestsOfTheirOwn].sort())
  })

  test.each(Object.entries(needed))('%s needs %s and nothing else', async (operation, scope) => {
    const { slug } = seal()
    const { token } = await make(scopes.filter((one) => one !== scope))
    expect(await send(operation, headersOf(token), slug)).toMatchObject(refused(403, 'PERMISSION_DENIED', { scope }))
    const { token: enough } = await make([scope])
    expect([401, 403]).not.toContain((await send(operation, headersOf(enough), slug)).status)
  })

  test('reading the workspace needs a scope of secrets, requests or named secrets, whichever', async () => {
    const read = async (scopes: Scope[]) =>
      call('GET', '/api/v1/workspace', undefined, headersOf((await make(scopes)).token))
    for (const scope of scopes.filter((one) => /^(secrets|requests|kms):/.test(one)))
      expect((await read([scope])).status, scope).toBe(200)
    expect(await read(['audit:read', 'tokens:admin'])).toMatchObject(refused(403, 'PERMISSION_DENIED'))
  })

  test('a manage key beside a token doesn’t widen it', async () => {
    const sealed = await given()
    const { token } = await make(['kms:read'])
    const headers = { ...headersOf(token), 'Halfkey-Manage': sealed.manageKey }
    const reply = await call('DELETE', `/api/v1/secrets/${sealed.slug}`, undefined, headers)
    expect(reply).toMatchObject(refused(403, 'PERMISSION_DENIED'))
    expect((await details(sealed)).body.data.status).toBe('active')
  })

  test('a token can’t give a scope that it hasn’t itself', async () => {
    const { token } = await make(['tokens:admin', 'secrets:read'])
    const body = { name: 'child', scopes: ['secrets:read', 'secrets:write'] }
    const reply = await call('POST', '/api/v1/tokens', body, headersOf(token))
    expect(reply).toMatchObject(refused(403, 'PERMISSION_DENIED', { scope: 'secrets:write' }))
    expect((await call('POST', '/api/v1/tokens', { ...body, scopes: ['secrets:read'] }, headersOf(token))).status).toBe(
      201,
    )
  })
})

describe('a token', () => {
  test('is shown once: neither lists nor the database’s files hold its secret', async () => {
    const { id, token } = await make(['secrets:read'], { name: 'laptop', expires_in: 3600 })
    const { data } = (await call('GET', '/api/v1/tokens', undefined, bearer())).body
    expect(data).toHaveLength(2)
    const listed = { id, name: 'laptop', scopes: ['secrets:read'], revoked_at: null }
    expect(data[1]).toMatchObject({ ...listed, expires_at: new Date(now() + 3_600_000).toISOString() })
    expect(Object.keys(data[1] as object)).not.toContain('token')

    const secret = token.split('_').slice(2).join('_')
    for (const bytes of readFiles(app().home.root).values())
      for (const form of [secret, Buffer.from(secret, 'base64url')]) expect(bytes.includes(form)).toBe(false)
    const hash = readDatabase(app().home.data, (db) =>
      db.prepare('SELECT secret_hash FROM tokens WHERE id = ?').pluck().get(id),
    )
    expect(hash).toEqual(sha256(Buffer.from(secret, 'base64url')))
  })

  test('that is unknown, changed or another’s secret is a 401', async () => {
    const [one, other] = [await make(['secrets:read']), await make(['secrets:read'])]
    const secret = other.token.split('_').slice(2).join('_')
    const unknown = `hkt_${'a'.repeat(16)}_${b64(randomBytes(32))}`
    for (const token of [unknown, `hkt_${one.id}_${secret}`, `hkt_${one.id}_`, one.token.slice(0, -1), one.id])
      expect(await list(token)).toMatchObject(unauthenticated)
    expect((await list(one.token)).status).toBe(200)
  })

  test('ends exactly at its expiry', async () => {
    const { token } = await make(['secrets:read'], { expires_in: 60 })
    later(59_999)
    expect((await list(token)).status).toBe(200)
    later(1)
    expect(await list(token)).toMatchObject(unauthenticated)
  })

  test('ends at once when it is revoked; revoking again is the same reply and keeps the first time', async () => {
    const { id, token } = await make(['secrets:read'])
    const first = await revoke(id)
    expect(first).toMatchObject({ status: 200, body: { data: { revoked: [{ id }], valid_descendants: [] } } })
    expect(await list(token)).toMatchObject(unauthenticated)
    const at = new Date(now()).toISOString()
    later(1000)
    expect((await revoke(id)).text).toBe(first.text)
    expect((await call('GET', '/api/v1/tokens', undefined, bearer())).body.data[1].revoked_at).toBe(at)
  })

  test('that was revoked leaves its secrets to the workspace', async () => {
    const { id, token } = await make(['secrets:write'])
    const sealed = seal()
    await create(sealed, headersOf(token))
    await revoke(id)
    const reply = await call('GET', `/api/v1/secrets/${sealed.slug}`, undefined, bearer())
    expect(reply).toMatchObject({ status: 200, body: { data: { creator: 'made', status: 'active' } } })
  })

  test('neither sees nor ends another workspace’s tokens', async () => {
    const stranger = addWorkspace(app().home.data, now())
    const headers = headersOf(stranger.text)
    const { id } = await make(['secrets:read'])
    const { data } = (await call('GET', '/api/v1/tokens', undefined, headers)).body
    expect(data).toMatchObject([{ id: stranger.token.id }])
    for (const reply of [await revoke(id, headers), await revoke('nobody', headers)])
      expect(reply).toMatchObject(refused(404, 'NOT_FOUND'))
    expect((await call('GET', '/api/v1/tokens', undefined, bearer())).body.data[1].revoked_at).toBeNull()
  })
})

describe('revoking a token that made others', () => {
  const child = async (maker: Record<string, string>, name: string) =>
    (await call('POST', '/api/v1/tokens', { name, scopes: ['tokens:admin', 'secrets:read'] }, maker)).body.data as Made
  const works = async ({ token }: Made) => (await list(token)).status === 200

  async function family() {
    const thief = await make(['tokens:admin', 'secrets:read'])
    const first = await child(headersOf(thief.token), 'first')
    const second = await child(headersOf(first.token), 'second')
    return { thief, first, second, stranger: await make(['secrets:read']) }
  }
  const idsOf = (tokens: unknown) => (tokens as { id: string }[]).map(({ id }) => id).sort()

  test('names its descendants that stay valid, and lists say who made whom', async () => {
    const { thief, first, second } = await family()
    const { body } = await revoke(thief.id)
    expect(idsOf(body.data.revoked)).toEqual([thief.id])
    expect(idsOf(body.data.valid_descendants)).toEqual([first.id, second.id].sort())
    expect([await works(first), await works(second)]).toEqual([true, true])
    const { data } = (await call('GET', '/api/v1/tokens', undefined, bearer())).body
    expect(data).toContainEqual(expect.objectContaining({ id: second.id, parent_id: first.id }))
  })

  test('takes all of them along if asked to, once it is revoked too, and nobody else’s', async () => {
    const { thief, first, second, stranger } = await family()
    await revoke(thief.id)
    const reply = await call('DELETE', `/api/v1/tokens/${thief.id}?descendants=true`, undefined, bearer())
    expect(idsOf(reply.body.data.revoked)).toEqual([thief.id, first.id, second.id].sort())
    expect(reply.body.data.valid_descendants).toEqual([])
    for (const one of [thief, first, second]) expect(await list(one.token)).toMatchObject(unauthenticated)
    expect([await works(stranger), (await call('GET', '/api/v1/tokens', undefined, bearer())).status]).toEqual([
      true,
      200,
    ])
  })
})

describe('the workspace', () => {
  const workspace = async (headers = bearer()) => (await call('GET', '/api/v1/workspace', undefined, headers)).body.data
  const setCheck = (workspace_check: string, headers = bearer()) =>
    call('PUT', '/api/v1/workspace/check', { workspace_check }, headers)

  test('tells its name, limits and use', async () => {
    await create(seal(), bearer())
    await given()
    expect(await workspace()).toEqual({
      name: 'default',
      workspace_check: null,
      limits: {
        ciphertext_bytes: 1_081_360,
        expires_in: 3_600_000,
        maximum_views: 10_000,
        active_secrets: 1_000_000,
        stored_bytes: 107_374_182_400,
        attachments: 100,
        file_bytes: 10_737_418_240,
      },
      usage: { active_secrets: 1, stored_bytes: 1104 },
    })
  })

  test('takes a check value once: the same again is a success, another a 409 that changes nothing', async () => {
    const [check, other] = [b64(randomBytes(32)), b64(randomBytes(32))]
    expect(await setCheck(check)).toMatchObject({ status: 200, body: { data: { workspace_check: check } } })
    expect((await setCheck(check)).status).toBe(200)
    expect(await setCheck(other)).toMatchObject(refused(409, 'CONFLICT'))
    expect((await workspace()).workspace_check).toBe(check)
  })

  test('of two different check values at once takes one', async () => {
    const checks = Array.from({ length: 20 }, () => b64(randomBytes(32)))
    const replies = await Promise.all(checks.map((check) => setCheck(check)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    const winner = checks[replies.findIndex(({ status }) => status === 200)]
    expect((await workspace()).workspace_check).toBe(winner)
  })

  test('has a check value of its own', async () => {
    const stranger = headersOf(addWorkspace(app().home.data, now()).text)
    await setCheck(b64(randomBytes(32)))
    expect((await workspace(stranger)).workspace_check).toBeNull()
    expect((await setCheck(b64(randomBytes(32)), stranger)).status).toBe(200)
  })
})
