import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { WirePart, WireParts } from '@halfkey/sdk'
import { draw } from '../../adapters/random.ts'
import { gone } from '../../domain/policies/policy.ts'
import { partCount, partLength } from '../../domain/secrets/attachment.ts'
import type { Secret } from '../../domain/secrets/secret.ts'
import { hasEnded } from '../../domain/secrets/secret.ts'
import type { AdoptOutcome, StoredAttachment, StoredPart } from '../../store/attachments.ts'
import { authenticateOwner } from '../authenticate.ts'
import type { Context, Deps } from '../context.ts'
import { ApiError, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { binary } from '../operation.ts'
import { readPart } from '../read-part.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { isId } from '../schemas.ts'

/** When a blob goes that was announced and never became a part; no part may take as long to arrive. */
const unadoptedMs = 3_600_000

const partSchema = replySchema<WirePart>()(
  z.object({ part: z.int(), size: z.int().describe('Encrypted bytes.') }).openapi('Part'),
)

const partsSchema = replySchema<WireParts>()(
  z
    .object({
      parts: z.array(z.int()).describe('Numbers of the parts that are there, ascending.'),
      total: z.int().describe('How many there must be.'),
      size: z.int().describe('Encrypted bytes of the file.'),
    })
    .openapi('Parts'),
)

export const endedError = ({ cause, endedAt, expiresAt }: Secret): ApiError =>
  new ApiError('GONE', gone(cause ?? 'expired', endedAt ?? expiresAt).details)

/** The file that the path names, of a secret that still lives. */
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
    throw validationError({ n: [`Must be the number of a part, from 0 to ${last}.`] })
  return Number(text)
}

export const putPart: DefineOperation = (deps) => ({
  method: 'put',
  path: '/api/v1/secrets/{slug}/files/{id}/parts/{n}',
  summary: 'Upload a part of a file',
  description:
    'Parts hold 32 sealed chunks, 8,389,504 bytes, but for the last; they are numbered from 0, and come in any order and in ' +
    'parallel. Idempotent: the same bytes again get the same reply; other bytes for a part that is there are a 409.',
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
    const secret = await authenticateOwner(c, deps, 'secrets:write')
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

/** Announced, put, adopted: whenever the server dies in between, the database knows the blob, and removes it later. */
async function storePart(
  deps: Deps,
  { size, ...place }: { attachmentId: number; part: number; size: number },
  body: PartBody,
  hash: PartHash,
): Promise<AdoptOutcome> {
  const { store, blobs, clock } = deps
  const name = draw(16).toString('hex')
  await store.announceBlob(name, clock.now() + unadoptedMs)
  try {
    await blobs.put(name, body, size)
  } catch (error) {
    await discard(deps, name)
    throw error
  }
  // If this throws, it may have been committed all the same: the blob is the sweeper's then.
  const outcome = await store.adoptBlob({ ...place, name, digest: hash.digest(), now: clock.now() })
  if (outcome !== 'adopted') await discard(deps, name)
  return outcome
}

/** What fails here is left to the sweeper, for the blob stays known. */
async function discard({ store, blobs, log }: Deps, name: string): Promise<void> {
  try {
    await blobs.remove(name)
    await store.forgetBlobs([name])
  } catch (error) {
    log.error({ err: error }, 'a blob was not removed')
  }
}

export const listParts: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/secrets/{slug}/files/{id}/parts',
  summary: 'Which parts of a file are there',
  description: 'So that an upload goes on where it stopped.',
  access: 'owner',
  reply: partsSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'GONE'],

  async handle(c) {
    const secret = await authenticateOwner(c, deps, 'secrets:write')
    const { id, size } = await findFile(c, deps, secret)
    const parts: WireParts = { parts: await deps.store.listParts(id), total: partCount(size), size }
    return success(c, 'Parts retrieved successfully', parts)
  },
})
