import { z } from '@hono/zod-openapi'
import type { Token } from '../../tokens/token.ts'
import { newToken, scopes } from '../../tokens/token.ts'
import { authenticateToken } from '../authenticate.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso } from '../presenters.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { time, tokenName } from '../schemas.ts'

const tokenFields = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  created_at: time,
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
}
const tokenSchema = z.object(tokenFields).openapi('Token')

const present = (token: Token) => ({
  id: token.id,
  name: token.name,
  scopes: token.scopes,
  created_at: iso(token.createdAt),
  expires_at: token.expiresAt === null ? null : iso(token.expiresAt),
  revoked_at: token.revokedAt === null ? null : iso(token.revokedAt),
})

export const listTokens: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/tokens',
  summary: 'List tokens',
  description: 'Without their secrets, of which the server keeps only a hash.',
  access: 'token',
  reply: z.array(tokenSchema),
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId } = await authenticateToken(c, deps, 'tokens:admin')
    const tokens = await deps.store.listTokens(workspaceId)
    return success(c, 'Tokens retrieved successfully', tokens.map(present))
  },
})

const tokenBody = z
  .strictObject({
    name: tokenName,
    scopes: z.array(z.enum(scopes, 'There is no such scope.')).min(1, 'Must name at least one scope.'),
    expires_in: z
      .int()
      .min(60)
      .max(10 * 366 * 86_400)
      .optional()
      .describe('Seconds; without it the token stays until it is revoked.'),
  })
  .openapi('CreateToken')

export const createToken: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/tokens',
  summary: 'Make a token',
  description: 'Its text is shown once. A token can’t give scopes that it hasn’t itself.',
  access: 'token',
  body: tokenBody,
  reply: z.object({ ...tokenFields, token: z.string() }).openapi('CreatedToken'),
  status: 201,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const maker = await authenticateToken(c, deps, 'tokens:admin')
    const { body } = await readBody(c, tokenBody, 16_384)
    const missing = body.scopes.find((scope) => !maker.scopes.includes(scope))
    if (missing) throw new ApiError('PERMISSION_DENIED', { scope: missing })

    const now = deps.clock.now()
    const { token, text } = newToken({
      workspaceId: maker.workspaceId,
      name: body.name,
      scopes: [...new Set(body.scopes)],
      createdAt: now,
      expiresAt: body.expires_in === undefined ? null : now + body.expires_in * 1000,
    })
    await deps.store.createToken(token)

    return success(c, 'Token created successfully', { ...present(token), token: text }, 201)
  },
})

export const revokeToken: DefineOperation = (deps) => ({
  method: 'delete',
  path: '/api/v1/tokens/{id}',
  summary: 'Revoke a token',
  description: 'At once and for good; again: the same reply.',
  access: 'token',
  reply: z.null(),
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { workspaceId } = await authenticateToken(c, deps, 'tokens:admin')
    const known = await deps.store.revokeToken(workspaceId, c.req.param('id') ?? '', deps.clock.now())
    if (!known) throw new ApiError('NOT_FOUND')
    return success(c, 'Token revoked successfully', null)
  },
})
