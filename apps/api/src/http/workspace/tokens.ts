import { z } from '@hono/zod-openapi'
import type { WireToken, WireTokenMade, WireTokensRevoked } from '@halfkey/sdk'
import { allowsHandler, coversHandlers } from '../../domain/policies/handlers.ts'
import { coversNetwork } from '../../domain/policies/network.ts'
import type { Token } from '../../domain/tokens/token.ts'
import { descendantsOf, newToken, scopes, tokenIsAlive } from '../../domain/tokens/token.ts'
import { authenticateToken } from '../authenticate.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso, isoOrNull } from '../presenters.ts'
import { readBody, readQuery } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { handlerPattern, longTerm, networks, orCommas, time, tokenName } from '../schemas.ts'

const tokenFields = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  handlers: z.array(z.string()).describe('Empty: every handler.'),
  ips: z.array(z.string()).describe('Empty: from anywhere.'),
  parent_id: z.string().nullable().describe('The token that made it; null: the operator did, or version 0.1.'),
  created_at: time,
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
  last_used_at: time.nullable(),
}
const tokenSchema = replySchema<WireToken>()(z.object(tokenFields).openapi('Token'))

const present = (token: Token): WireToken => ({
  id: token.id,
  name: token.name,
  scopes: token.scopes,
  handlers: token.handlers ?? [],
  ips: token.ips ?? [],
  parent_id: token.parentId,
  created_at: iso(token.createdAt),
  expires_at: isoOrNull(token.expiresAt),
  revoked_at: isoOrNull(token.revokedAt),
  last_used_at: isoOrNull(token.lastUsedAt),
})

export const listTokens: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/tokens',
  summary: 'List tokens',
  description:
    'Without their secrets, of which the server keeps only a hash. A token with patterns of handlers sees, and can ' +
    'revoke, those tokens alone whose patterns its own cover.',
  access: 'token',
  reply: z.array(tokenSchema),
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId, handlers } = await authenticateToken(c, deps, 'tokens:admin')
    await deps.tokenUse.flush()
    const tokens = await deps.store.listTokens(workspaceId)
    const shown = tokens.filter((token) => coversHandlers(handlers, token.handlers))
    return success(c, 'Tokens retrieved successfully', shown.map(present))
  },
})

const tokenBody = z
  .strictObject({
    name: tokenName,
    scopes: z.array(z.enum(scopes, 'There is no such scope.')).min(1, 'Must name at least one scope.'),
    handlers: z
      .array(handlerPattern)
      .min(1, 'Must name at least one pattern.')
      .max(100, 'Must have at most 100 entries.')
      .optional()
      .describe('The named secrets that it may name, such as `aws-*`, where `*` stands for any characters.'),
    ips: orCommas(networks.min(1, 'Must name at least one network.'))
      .optional()
      .describe('Addresses and CIDR blocks that it may be used from.'),
    expires_in: longTerm.optional().describe('Seconds; without it the token stays as long as the one that makes it.'),
  })
  .openapi('CreateToken')

/** What the new token may, which is what was asked for or, of what wasn't, as much as its maker. */
function limitsOf(maker: Token, body: z.output<typeof tokenBody>, now: number) {
  const scope = body.scopes.find((one) => !maker.scopes.includes(one))
  if (scope) throw new ApiError('PERMISSION_DENIED', { scope })
  const handlers = body.handlers ?? maker.handlers
  const handler = body.handlers?.find((pattern) => !allowsHandler(maker.handlers, pattern))
  if (handler !== undefined) throw new ApiError('PERMISSION_DENIED', { handler })
  const ips = body.ips ?? maker.ips
  const ip = body.ips?.find((inner) => maker.ips && !maker.ips.some((outer) => coversNetwork(outer, inner)))
  if (ip !== undefined) throw new ApiError('PERMISSION_DENIED', { ip })
  const expiresAt = body.expires_in === undefined ? maker.expiresAt : now + body.expires_in * 1000
  if (maker.expiresAt !== null && (expiresAt ?? Infinity) > maker.expiresAt)
    throw new ApiError('PERMISSION_DENIED', { expires_at: iso(maker.expiresAt) })
  return { scopes: [...new Set(body.scopes)], handlers, ips, expiresAt }
}

const madeSchema = replySchema<WireTokenMade>()(z.object({ ...tokenFields, token: z.string() }).openapi('CreatedToken'))

export const createToken: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/tokens',
  summary: 'Make a token',
  description:
    'Its text is shown once. A token can’t give what it hasn’t itself: scopes, handlers, addresses, time; what isn’t ' +
    'asked for is as with the token that makes it.',
  access: 'token',
  body: tokenBody,
  reply: madeSchema,
  status: 201,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const maker = await authenticateToken(c, deps, 'tokens:admin')
    const { body } = await readBody(c, tokenBody, 16_384)
    const now = deps.clock.now()
    const limits = limitsOf(maker, body, now)
    const { token, text } = newToken({
      workspaceId: maker.workspaceId,
      parentId: maker.id,
      name: body.name,
      createdAt: now,
      ...limits,
    })
    await deps.store.createToken(token)

    const made: WireTokenMade = { ...present(token), token: text }
    return success(c, 'Token created successfully', made, 201)
  },
})

const revokeQuery = z.strictObject({
  descendants: z
    .enum(['true', 'false'], 'Must be true or false.')
    .optional()
    .describe('Revokes all tokens that it made, directly or not, too.'),
})

const revokedSchema = replySchema<WireTokensRevoked>()(
  z.object({ revoked: z.array(tokenSchema), valid_descendants: z.array(tokenSchema) }).openapi('RevokedTokens'),
)

export const revokeToken: DefineOperation = (deps) => ({
  method: 'delete',
  path: '/api/v1/tokens/{id}',
  summary: 'Revoke a token',
  description:
    'At once and for good; again: the same reply. The tokens that it made, and those that they made, stay valid unless ' +
    '`descendants=true`. The reply lists what was revoked, and the descendants that are still valid.',
  access: 'token',
  query: revokeQuery,
  reply: revokedSchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { workspaceId, handlers } = await authenticateToken(c, deps, 'tokens:admin')
    const id = c.req.param('id') ?? ''
    const token = await deps.store.findToken(id)
    if (token?.workspaceId !== workspaceId || !coversHandlers(handlers, token.handlers)) throw new ApiError('NOT_FOUND')
    const { descendants } = readQuery(c, revokeQuery)
    const now = deps.clock.now()
    const revoked = await deps.store.revokeToken(workspaceId, id, now, descendants === 'true')
    const all = await deps.store.listTokens(workspaceId)
    const made = new Set(descendantsOf(id, all))
    const reply: WireTokensRevoked = {
      revoked: all.filter((one) => revoked.includes(one.id)).map(present),
      valid_descendants: all.filter((one) => made.has(one.id) && tokenIsAlive(one, now)).map(present),
    }
    return success(c, 'Token revoked successfully', reply)
  },
})
