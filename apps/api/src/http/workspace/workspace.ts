import { z } from '@hono/zod-openapi'
import type { WireWorkspace } from '@halfkey/sdk'
import { maxAttachments } from '../../domain/secrets/attachment.ts'
import { authenticateToken } from '../authenticate.ts'
import type { Deps } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { key, maxCiphertextBytes } from '../schemas.ts'
import { presentUsage, quotaOf } from './quota.ts'

const workspaceSchema = replySchema<WireWorkspace>()(
  z
    .object({
      name: z.string(),
      workspace_check: z.string().nullable(),
      limits: z.record(z.string(), z.int().nullable()),
      usage: z.record(z.string(), z.int()),
    })
    .openapi('Workspace'),
)

async function present({ store, config }: Deps, workspaceId: number): Promise<WireWorkspace> {
  const workspace = await store.findWorkspace(workspaceId)
  if (!workspace) throw new ApiError('NOT_FOUND')
  return {
    name: workspace.name,
    workspace_check: workspace.workspaceCheck,
    limits: {
      ...presentUsage(quotaOf(config)),
      ciphertext_bytes: maxCiphertextBytes,
      attachments: config.HALFKEY_FILES === 'on' ? maxAttachments : 0,
      file_bytes: Math.min(config.HALFKEY_MAX_FILE_BYTES, config.HALFKEY_QUOTA_FILE_BYTES),
      expires_in: config.HALFKEY_MAX_EXPIRES_IN,
      maximum_views: 10_000,
    },
    usage: presentUsage(workspace),
  }
}

export const getWorkspace: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/workspace',
  summary: 'The token’s workspace',
  description:
    'Its name, limits, usage, and the check value of its workspace key. Needs any scope for secrets, requests or named secrets.',
  access: 'token',
  reply: workspaceSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId } = await authenticateToken(
      c,
      deps,
      'secrets:read',
      'secrets:write',
      'kms:read',
      'kms:write',
      'kms:reveal',
      'requests:read',
      'requests:write',
    )
    return success(c, 'Workspace retrieved successfully', await present(deps, workspaceId))
  },
})

const checkBody = z
  .strictObject({
    workspace_check: key,
    previous: key.optional().describe('The current value, to replace it during a rekey.'),
  })
  .openapi('WorkspaceCheck')

export const setWorkspaceCheck: DefineOperation = (deps) => ({
  method: 'put',
  path: '/api/v1/workspace/check',
  summary: 'Set the check value of the workspace key',
  description:
    'It lets clients detect a wrong workspace key before they encrypt anything with it. Setting the same value again ' +
    'succeeds; another value is a 409, unless `previous` is the current value. Needs `tokens:admin`, because it determines ' +
    'which key all clients consider correct.',
  access: 'token',
  body: checkBody,
  reply: workspaceSchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'CONFLICT'],

  async handle(c) {
    const { workspaceId } = await authenticateToken(c, deps, 'tokens:admin')
    const { body } = await readBody(c, checkBody, 1024)
    const stored = await deps.store.setWorkspaceCheck(workspaceId, body.workspace_check, body.previous)
    if (stored !== body.workspace_check) throw new ApiError('CONFLICT', { workspace_check: stored })
    return success(c, 'Workspace check set', await present(deps, workspaceId))
  },
})
