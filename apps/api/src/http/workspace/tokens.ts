import { z } from '@hono/zod-openapi'
import type { WireToken, WireTokenMade, WireTokensRevoked } from '@halfkey/sdk'
import { allowsHandler, coversHandlers } from '../../domain/policies/handlers.ts'
import { coversNetwork } from '../../domain/addresses.ts'
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
  ips: z.array(z.string()).describe('Empty: any address.'),
  parent_id: z
    .string()
    .nullable()
    .describe('The token it was created with; null: created by the operator, or by version 0.1.'),
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
    'Without their secrets, of which the server stores only a hash. A token with handler patterns can only see and revoke ' +
    'tokens whose patterns its own include.',
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
    scopes: z.array(z.enum(scopes, 'Unknown scope.')).min(1, 'Must name at least one scope.'),
    handlers: z
      .array(handlerPattern)
      .min(1, 'Must name at least one pattern.')
      .max(100, 'Must have at most 100 entries.')
      .optional()
      .describe('The named secrets that it may use, such as `aws-*`, where `*` means any characters.'),
    ips: orCommas(networks.min(1, 'Must name at least one network.'))
      .optional()
      .describe('Addresses and CIDR blocks from which it may be used.'),
    expires_in: longTerm.optional().describe('Seconds; default: the same expiry as the token used for the call.'),
  })
  .openapi('CreateToken')

/** The new token's limits: as requested, or else the same as its parent's. */
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
  summary: 'Create a token',
  description:
    'Its text is shown only once. A new token can’t have more rights (scopes, handlers, addresses, expiry) than the token ' +
    'used for the call; omitted limits are copied from it.',
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
    .describe('Also revoke all tokens created with it, directly or indirectly.'),
})

const revokedSchema = replySchema<WireTokensRevoked>()(
  z.object({ revoked: z.array(tokenSchema), valid_descendants: z.array(tokenSchema) }).openapi('RevokedTokens'),
)

export const revokeToken: DefineOperation = (deps) => ({
  method: 'delete',
  path: '/api/v1/tokens/{id}',
  summary: 'Revoke a token',
  description:
    'Immediately and permanently. Idempotent. Tokens created with it, directly or indirectly, stay valid unless ' +
    '`descendants=true`. The reply lists the revoked tokens and the descendants that are still valid.',
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
