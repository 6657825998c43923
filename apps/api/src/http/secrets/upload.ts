import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { WirePart, WireParts } from '@halfkey/sdk'
import { draw } from '../../adapters/random.ts'
import { gone } from '../../domain/policies/policy.ts'
import { partCount, partLength } from '../../domain/secrets/attachment.ts'
import type { Secret } from '../../domain/secrets/secret.ts'
import { hasEnded } from '../../domain/secrets/secret.ts'
import type { AdoptOutcome, StoredAttachment, StoredPart } from '../../store/attachments.ts'
import { authenticateOwnerOrReceipt } from '../authenticate.ts'
import type { Context, Deps } from '../context.ts'
import { ApiError, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { binary } from '../operation.ts'
import { readPart } from '../read-part.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { isId } from '../schemas.ts'

/** When to remove a blob that never became a part. Longer than any part may take to upload. */
const orphanTimeoutMs = 3_600_000

const partSchema = replySchema<WirePart>()(
  z.object({ part: z.int(), size: z.int().describe('Encrypted bytes.') }).openapi('Part'),
)

const partsSchema = replySchema<WireParts>()(
  z
    .object({
      parts: z.array(z.int()).describe('Numbers of the uploaded parts, ascending.'),
      total: z.int().describe('The total number of parts.'),
      size: z.int().describe('Encrypted size of the file in bytes.'),
    })
    .openapi('Parts'),
)

export const endedError = ({ cause, endedAt, expiresAt }: Secret): ApiError =>
  new ApiError('GONE', gone(cause ?? 'expired', endedAt ?? expiresAt).details)

/** The file in the path, if its secret hasn't ended. */
async function findFile(c: Context, deps: Deps, secret: Secret): Promise<StoredAttachment> {
  if (hasEnded(secret) || secret.expiresAt <= deps.clock.now()) throw endedError(secret)
  const id = c.req.param('id') ?? ''
  const file = isId(id) ? await deps.store.findAttachment(secret.id, Buffer.from(id, 'base64url')) : undefined
  if (!file) throw new ApiError('NOT_FOUND')
  return file
}

function partNumber(c: Context, { size }: StoredAttachment): number {
  const text = c.req.param('n') ?? ''
  const last = partCount(size) - 1
  if (!/^(0|[1-9]\d{0,8})$/.test(text) || Number(text) > last)
    throw validationError({ n: [`Must be a part number from 0 to ${last}.`] })
  return Number(text)
}

export const putPart: DefineOperation = (deps) => ({
  method: 'put',
  path: '/api/v1/secrets/{slug}/files/{id}/parts/{n}',
  summary: 'Upload a part of a file',
  description:
    'All parts but the last hold 32 encrypted chunks (8,389,504 bytes). They are numbered from 0, and can be uploaded in any ' +
    'order and in parallel. Idempotent: the same bytes get the same reply; different bytes for an uploaded part are a 409.',
  access: 'owner',
  body: binary,
  reply: partSchema,
  errors: [
    'VALIDATION_ERROR',
    'AUTHENTICATION_ERROR',
    'PERMISSION_DENIED',
    'NOT_FOUND',
    'GONE',
    'CONFLICT',
    'PAYLOAD_TOO_LARGE',
  ],

  async handle(c) {
    const secret = await authenticateOwnerOrReceipt(c, deps, 'secrets:write')
    const file = await findFile(c, deps, secret)
    const part = partNumber(c, file)

    const hash = createHash('sha256')
    const size = partLength(file.size, part)
    const stallMs = deps.config.HALFKEY_REQUEST_TIMEOUT_SECONDS * 1000
    const body = readPart(c, { length: size, hash, stallMs })
    const known = await deps.store.findPart(file.id, part)
    const outcome = known
      ? await comparePart(known, body, hash)
      : await storePart(deps, { attachmentId: file.id, part, size }, body, hash)
    if (outcome === 'other') throw new ApiError('CONFLICT', { part })
    if (outcome === 'ended') throw endedError((await deps.store.findSecret(secret.slug)) ?? secret)

    return success(c, 'Part stored', { part, size } satisfies WirePart)
  },
})

type PartBody = ReturnType<typeof readPart>
type PartHash = ReturnType<typeof createHash>

async function comparePart({ digest }: StoredPart, body: PartBody, hash: PartHash): Promise<AdoptOutcome> {
  for await (const _chunk of body);
  return hash.digest().equals(digest) ? 'repeated' : 'other'
}

/** Announces, stores and adopts a blob: if the server stops in between, the database knows the blob and removes it later. */
async function storePart(
  deps: Deps,
  { size, ...place }: { attachmentId: number; part: number; size: number },
  body: PartBody,
  hash: PartHash,
): Promise<AdoptOutcome> {
  const { store, blobs, clock } = deps
  const name = draw(16).toString('hex')
  await store.announceBlob(name, clock.now() + orphanTimeoutMs)
  try {
    await blobs.put(name, body, size)
  } catch (error) {
    await discard(deps, name)
    throw error
  }
  // If this throws, it may still have been committed, so the blob is left to the sweeper.
  const outcome = await store.adoptBlob({ ...place, name, digest: hash.digest(), now: clock.now() })
  if (outcome !== 'adopted') await discard(deps, name)
  return outcome
}

/** Removes a blob; if that fails, the sweeper does it later. */
async function discard({ store, blobs, log }: Deps, name: string): Promise<void> {
  try {
    await blobs.remove(name)
    await store.forgetBlobs([name])
  } catch (error) {
    log.error({ err: error }, 'a blob could not be removed')
  }
}

export const listParts: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/secrets/{slug}/files/{id}/parts',
  summary: 'List the uploaded parts of a file',
  description: 'To resume an upload.',
  access: 'owner',
  reply: partsSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'GONE'],

  async handle(c) {
    const secret = await authenticateOwnerOrReceipt(c, deps, 'secrets:write')
    const { id, size } = await findFile(c, deps, secret)
    const parts: WireParts = { parts: await deps.store.listParts(id), total: partCount(size), size }
    return success(c, 'Parts retrieved successfully', parts)
  },
})
