import { readGrant } from '../../domain/secrets/grant.ts'
import { partSize } from '../../domain/secrets/attachment.ts'
import type { Secret } from '../../domain/secrets/secret.ts'
import type { GrantOutcome, GrantQuery, StoredAttachment } from '../../store/attachments.ts'
import { BlobMissing } from '../../store/blobs/blobs.ts'
import { authenticateRecipient } from '../authenticate.ts'
import type { Context, Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { binary } from '../operation.ts'
import type { ByteRange } from '../range.ts'
import { parseRange } from '../range.ts'
import { limitUnproven } from '../rate-limit.ts'
import { bytes } from '../reply.ts'
import { isId } from '../schemas.ts'

export const getFile: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/links/{slug}/files/{id}',
  summary: 'Download a file',
  description:
    'Returns its encrypted bytes, with the grant of a reveal that isn’t confirmed yet. Supports a single `Range`. Every ' +
    'request, and a reply while it streams, extends the grant by one grace time, up to 24 hours after the reveal.',
  access: 'grant',
  reply: binary,
  errors: ['NOT_FOUND', 'GONE'],

  async handle(c) {
    const secret = await authenticateRecipient(c, deps)
    const grant = await authenticateGrant(c, deps, secret)
    const file = await findFile(c, deps, secret, grant)

    const { size } = file
    if (c.req.method === 'HEAD') return bytes(c, 200, headersOf(size))
    // Files have no validator that If-Range could match (RFC 9110 section 13.1.5).
    const range = c.req.header('If-Range') === undefined ? parseRange(c.req.header('Range'), size) : null
    if (range === 'unsatisfiable') return bytes(c, 416, { 'Content-Range': `bytes */${size}` })

    await grant.extend()
    const chunks = readFile(deps, file, range ?? { start: 0, end: size }, grant)
    return bytes(c, range ? 206 : 200, headersOf(size, range), await primed(chunks))
  },
})

function headersOf(size: number, range: ByteRange | null = null): Record<string, string> {
  const { start, end } = range ?? { start: 0, end: size }
  return {
    'Accept-Ranges': 'bytes',
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': 'attachment',
    'Content-Length': String(end - start),
    ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
  }
}

/** Its methods throw ApiError GONE once it is over. */
interface Grant {
  check: () => Promise<unknown>
  extend: () => Promise<unknown>
  /** Checks the grant for a chunk of a reply, and extends it from time to time. */
  keep: () => Promise<void>
}

/** The request's grant, which must belong to this secret. */
async function authenticateGrant(
  c: Context,
  deps: Deps,
  { id: secretId, slug }: Pick<Secret, 'id' | 'slug'>,
): Promise<Grant> {
  const { store, clock, config, denials } = deps
  const caller = callerOf(c, deps)
  const graceMs = config.HALFKEY_GRACE_SECONDS * 1000
  const revealId = readGrant(deps.serverKey, slug, c.req.header('Halfkey-Grant'))
  if (!revealId) {
    await limitUnproven(c, deps)
    denials.add(slug, 'NOT_FOUND', caller)
    throw new ApiError('NOT_FOUND')
  }
  const query = (): GrantQuery => ({ secretId, revealId, now: clock.now() })
  const allowed = async (outcome: GrantOutcome): Promise<Extract<GrantOutcome, { kind: 'open' }>> => {
    if (outcome.kind === 'open') return outcome
    await limitUnproven(c, deps)
    denials.add(slug, outcome.denial.code, caller)
    throw new ApiError(outcome.denial.code, outcome.denial.details)
  }
  const check = async () => allowed(await store.readGrant(query()))
  const extend = async () => allowed(await store.extendGrant({ ...query(), graceMs }))
  return {
    extend,
    check,
    async keep() {
      const { until, latest } = await check()
      if (until < Math.min(clock.now() + graceMs * 0.9, latest)) await extend()
    },
  }
}

async function findFile(
  c: Context,
  { store }: Deps,
  secret: Pick<Secret, 'id'>,
  grant: Grant,
): Promise<StoredAttachment> {
  await grant.check()
  const id = c.req.param('id') ?? ''
  const file = isId(id) ? await store.findAttachment(secret.id, Buffer.from(id, 'base64url')) : undefined
  if (file) return file
  // If it was burned in between, its files are gone rather than unknown.
  await grant.check()
  throw new ApiError('NOT_FOUND')
}

/** Checks the grant before every chunk, so that a burn or an ack stops even a streaming reply. */
async function* readFile(
  { store, blobs, log }: Deps,
  { id }: StoredAttachment,
  { start, end }: ByteRange,
  grant: Grant,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < end; at = (Math.floor(at / partSize) + 1) * partSize) {
    const part = Math.floor(at / partSize)
    const stored = await store.findPart(id, part)
    try {
      if (!stored) throw new BlobMissing(`part ${part} of an attachment is unknown`)
      const from = part * partSize
      for await (const chunk of blobs.read(stored.name, at - from, Math.min(end - from, partSize))) {
        await grant.keep()
        yield chunk
      }
    } catch (error) {
      // The blob is also missing if the secret was destroyed between two chunks.
      if (error instanceof BlobMissing) await grant.check()
      if (!(error instanceof ApiError)) log.error({ err: error }, 'a file could not be read')
      throw error
    }
  }
}

/** Reads the first chunk, so that an early failure gets an error reply instead of a truncated one. */
async function primed(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
  const first = await chunks.next()
  return (async function* () {
    try {
      if (!first.done) yield first.value
      yield* chunks
    } finally {
      await chunks.return()
    }
  })()
}
