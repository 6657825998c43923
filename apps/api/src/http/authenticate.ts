/** Authentication. A caller who may not see a secret gets the same 404, byte for byte, as for one that doesn't exist. */
import { hash, timingSafeEqual } from 'node:crypto'
import { isWithin } from '../domain/addresses.ts'
import type { Secret } from '../domain/secrets/secret.ts'
import type { SecretVerifiers } from '../store/store.ts'
import type { Scope, Token } from '../domain/tokens/token.ts'
import { isTokenSecret, parseToken, tokenIsAlive } from '../domain/tokens/token.ts'
import type { Context, Deps } from './context.ts'
import { callerAddress, callerOf } from './context.ts'
import { ApiError } from './errors.ts'
import { limitUnproven } from './rate-limit.ts'
import { isKey } from './schemas.ts'

const noKey = Buffer.alloc(32)

export const sha256 = (data: Buffer | string): Buffer => hash('sha256', data, 'buffer')

/** Rejects a call without a valid token: with `code`, or with RATE_LIMITED. */
export async function refuse(
  c: Context,
  deps: Deps,
  code: 'AUTHENTICATION_ERROR' | 'PERMISSION_DENIED',
  details?: Record<string, unknown>,
): Promise<never> {
  await limitUnproven(c, deps)
  throw new ApiError(code, details)
}

/** The token that the call carries, even if it has expired or been revoked; null: none. */
export async function identifyToken(c: Context, deps: Deps): Promise<Token | null> {
  const header = c.req.header('Authorization')
  if (header === undefined) return null
  const parts = /^Bearer (\S+)$/i.exec(header)?.[1]
  const sent = parts === undefined ? undefined : parseToken(parts)
  const token = sent && (await deps.store.findToken(sent.id))
  if (!sent || !token || !isTokenSecret(token, sent.secret)) return refuse(c, deps, 'AUTHENTICATION_ERROR')
  return token
}

export async function readToken(c: Context, deps: Deps): Promise<Token | null> {
  const token = await identifyToken(c, deps)
  if (!token) return null
  const now = deps.clock.now()
  if (!tokenIsAlive(token, now)) return refuse(c, deps, 'AUTHENTICATION_ERROR')
  if (token.ips && !isWithin(token.ips, callerAddress(c, deps)))
    return refuse(c, deps, 'PERMISSION_DENIED', { rule: 'token_ip' })
  deps.tokenUse.add(token.id, now)
  return token
}

/** Requires at least one of the scopes. */
export function requireScope(token: Token, ...allowed: [Scope, ...Scope[]]): Token {
  if (!allowed.some((scope) => token.scopes.includes(scope)))
    throw new ApiError('PERMISSION_DENIED', { scope: allowed[0], ...(allowed.length > 1 && { scopes: allowed }) })
  return token
}

/** The call's token, which must have one of the scopes. @throws ApiError AUTHENTICATION_ERROR, PERMISSION_DENIED */
export async function authenticateToken(c: Context, deps: Deps, ...allowed: [Scope, ...Scope[]]): Promise<Token> {
  const token = (await readToken(c, deps)) ?? (await refuse(c, deps, 'AUTHENTICATION_ERROR'))
  return requireScope(token, ...allowed)
}

/**
 * A token with `tokens:admin` and without handler patterns, for calls that reveal the names of all named secrets in the
 * workspace.
 */
export async function authenticateWholeAdmin(c: Context, deps: Deps): Promise<Token> {
  const token = await authenticateToken(c, deps, 'tokens:admin')
  if (token.handlers) throw new ApiError('PERMISSION_DENIED', { handlers: token.handlers })
  return token
}

/** The call's token, which must have one of the scopes; null: none. */
export async function findToken(c: Context, deps: Deps, ...allowed: [Scope, ...Scope[]]): Promise<Token | null> {
  const token = await readToken(c, deps)
  return token && requireScope(token, ...allowed)
}

/** The sender's token; null for an anonymous sender, if the server allows them. */
export async function authenticateSender(c: Context, deps: Deps): Promise<Token | null> {
  const token = await findToken(c, deps, 'secrets:write')
  if (!token && deps.config.HALFKEY_ANONYMOUS === 'deny') return refuse(c, deps, 'AUTHENTICATION_ERROR')
  return token
}

/** Compares SHA-256 of a bearer key with a verifier, in constant time even without a valid key. */
export function keyMatches(header: string | undefined, verifier: Buffer): boolean {
  const key = header !== undefined && isKey(header) ? Buffer.from(header, 'base64url') : undefined
  const equal = timingSafeEqual(sha256(key ?? noKey), verifier)
  return equal && key !== undefined
}

/**
 * The secret in the path, if `isRight` accepts its verifiers. Does the same work whether or not it exists: its row is read
 * only for callers who have proved that they may see it (claim C3).
 */
async function findFor(
  c: Context,
  { store }: Deps,
  isRight: (verifiers: SecretVerifiers) => boolean,
): Promise<SecretVerifiers | undefined> {
  const slug = c.req.param('slug') ?? ''
  const verifiers = await store.findVerifiers(slug)
  const allowed = isRight(verifiers)
  return verifiers.slug === slug && allowed ? verifiers : undefined
}

async function findOwned(
  c: Context,
  deps: Deps,
  isRight: (verifiers: SecretVerifiers) => boolean,
): Promise<Secret | undefined> {
  const found = await findFor(c, deps, isRight)
  return found && deps.store.findSecret(found.slug)
}

const denyOwner = (c: Context, deps: Deps): never => {
  deps.denials.addFirst(c.req.param('slug') ?? '', 'NOT_OWNER', callerOf(c, deps))
  throw new ApiError('NOT_FOUND')
}

/** The secret in the path, for a token of its workspace. Answers to requests aren't among those. Other attempts are logged later. */
export const findOfWorkspace = async (c: Context, deps: Deps, { workspaceId }: Token): Promise<Secret> =>
  (await findOwned(c, deps, (secret) => secret.workspaceId === workspaceId && secret.requestId === null)) ??
  denyOwner(c, deps)

/**
 * The secret in the path, for its owner: a token of its workspace with `scope`, or its manage key. Other attempts are
 * logged later.
 */
export const authenticateOwner = (c: Context, deps: Deps, scope: Scope): Promise<Secret> =>
  authenticateManager(c, deps, scope, (secret) => secret.requestId === null)

/** The same, or the answer to a request that the manage key is the receipt of. */
export const authenticateOwnerOrReceipt = (c: Context, deps: Deps, scope: Scope): Promise<Secret> =>
  authenticateManager(c, deps, scope, () => true)

/** `mayManage`: whether a manage key may do this to a secret of this kind. */
async function authenticateManager(
  c: Context,
  deps: Deps,
  scope: Scope,
  mayManage: (verifiers: SecretVerifiers) => boolean,
): Promise<Secret> {
  const token = await readToken(c, deps)
  if (token) return findOfWorkspace(c, deps, requireScope(token, scope))
  const manageKey = c.req.header('Halfkey-Manage')
  if (manageKey === undefined) return refuse(c, deps, 'AUTHENTICATION_ERROR')
  const secret = await findOwned(
    c,
    deps,
    (verifiers) => keyMatches(manageKey, verifiers.manageVerifier) && mayManage(verifiers),
  )
  if (secret) return secret
  await limitUnproven(c, deps)
  return denyOwner(c, deps)
}

/**
 * Whether the call may collect the secret: an answer to a request is only for holders of the collect link too, whoever else
 * has its access value (claim C7).
 */
async function mayCollect(c: Context, { store }: Deps, { requestId }: SecretVerifiers): Promise<boolean> {
  if (requestId === null) return true
  const request = await store.readRequest(requestId)
  return request !== undefined && keyMatches(c.req.header('Halfkey-Collect'), request.collectVerifier)
}

/**
 * The secret in the path, for a holder of its link (claim C3), once its upload is complete. Other attempts are logged later.
 */
export async function authenticateRecipient(c: Context, deps: Deps): Promise<SecretVerifiers> {
  const access = c.req.header('Halfkey-Access')
  const secret = await findFor(c, deps, ({ accessVerifier }) => keyMatches(access, accessVerifier))
  if (secret && secret.state !== 'uploading' && (await mayCollect(c, deps, secret))) return secret
  await limitUnproven(c, deps)
  deps.denials.add(c.req.param('slug') ?? '', 'NOT_FOUND', callerOf(c, deps))
  throw new ApiError('NOT_FOUND')
}
