import { handlerProblem, isHandler } from '../../domain/kms/entry.ts'
import { allowsHandler } from '../../domain/policies/handlers.ts'
import type { Caller } from '../../domain/secrets/secret.ts'
import type { KmsName } from '../../domain/kms/decision.ts'
import type { Scope, Token } from '../../domain/tokens/token.ts'
import { authenticateToken } from '../authenticate.ts'
import type { Context, Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError, validationError } from '../errors.ts'

/** The handler in the path, one percent-encoded segment. @throws ApiError VALIDATION_ERROR */
export function readHandler(c: Context): string {
  const handler = c.req.param('handler') ?? ''
  if (!isHandler(handler)) throw validationError({ handler: [handlerProblem] })
  return handler
}

export interface KmsCall {
  token: Token
  caller: Caller
  name: KmsName
}

/** The caller and the named secret, which the token must allow; one of the scopes is enough. Doesn't check whether it exists. */
export async function authenticateKms(c: Context, deps: Deps, ...scopes: [Scope, ...Scope[]]): Promise<KmsCall> {
  const token = await authenticateToken(c, deps, ...scopes)
  const handler = readHandler(c)
  if (!allowsHandler(token.handlers, handler)) throw new ApiError('PERMISSION_DENIED', { handler })
  return { token, caller: callerOf(c, deps), name: { workspaceId: token.workspaceId, handler } }
}

/** The version in the path. @throws ApiError NOT_FOUND if it isn't a version number */
export function readVersion(c: Context): number {
  const text = c.req.param('version') ?? ''
  const version = Number(text)
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(version)) throw new ApiError('NOT_FOUND')
  return version
}
