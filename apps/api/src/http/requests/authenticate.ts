/** Who may do what to a request. A caller who may not see it gets the same 404 as for one that doesn't exist. */
import type { Scope, Token } from '../../domain/tokens/token.ts'
import type { FullRequest, RequestVerifiers } from '../../store/requests.ts'
import { findToken, keyMatches, readToken, refuse, requireScope } from '../authenticate.ts'
import type { Context, Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import { limitUnproven } from '../rate-limit.ts'

/** @throws ApiError PERMISSION_DENIED where the operator has switched requests off */
export function requireRequests({ config }: Deps): void {
  if (config.HALFKEY_REQUESTS === 'off') throw new ApiError('PERMISSION_DENIED', { rule: 'requests_off' })
}

/** The asker's token; null without one, where the server lets anyone ask. */
export async function authenticateAsker(c: Context, deps: Deps): Promise<Token | null> {
  const token = await findToken(c, deps, 'requests:write')
  if (token) return token
  return deps.config.HALFKEY_REQUESTS === 'anyone' ? null : refuse(c, deps, 'AUTHENTICATION_ERROR')
}

/**
 * The request in the path, if `isRight` accepts its verifiers. Does the same work whether or not it exists: its record is
 * read only for callers who have proved that they may see it (claim C3).
 */
async function findFor(
  c: Context,
  { store }: Deps,
  isRight: (verifiers: RequestVerifiers) => boolean,
): Promise<FullRequest | undefined> {
  const slug = c.req.param('slug') ?? ''
  const verifiers = await store.findRequestVerifiers(slug)
  const allowed = isRight(verifiers)
  return verifiers.slug === slug && allowed ? store.readRequest(verifiers.id) : undefined
}

function deny(c: Context, deps: Deps, reason: 'NOT_FOUND' | 'NOT_OWNER'): never {
  deps.denials.addFirst(c.req.param('slug') ?? '', reason, callerOf(c, deps), 'request.refused')
  throw new ApiError('NOT_FOUND')
}

/**
 * The request in the path, for its owner: a token of its workspace with `scope`, or a holder of its collect link. Other
 * attempts are logged later.
 */
export async function authenticateRequest(c: Context, deps: Deps, scope: Scope): Promise<FullRequest> {
  const token = await readToken(c, deps)
  if (token) {
    const { workspaceId } = requireScope(token, scope)
    return (await findFor(c, deps, (request) => request.workspaceId === workspaceId)) ?? deny(c, deps, 'NOT_OWNER')
  }
  const collect = c.req.header('Halfkey-Collect')
  if (collect === undefined) return refuse(c, deps, 'AUTHENTICATION_ERROR')
  const request = await findFor(c, deps, ({ collectVerifier }) => keyMatches(collect, collectVerifier))
  if (request) return request
  await limitUnproven(c, deps)
  return deny(c, deps, 'NOT_OWNER')
}

/** The request in the path, for a holder of its ask link. Other attempts are logged later. */
export async function authenticateAnswerer(c: Context, deps: Deps): Promise<FullRequest> {
  const access = c.req.header('Halfkey-Access')
  const request = await findFor(c, deps, ({ accessVerifier }) => keyMatches(access, accessVerifier))
  if (request) return request
  await limitUnproven(c, deps)
  return deny(c, deps, 'NOT_FOUND')
}
