import { z } from '@hono/zod-openapi'
import type { WireCreated } from '@halfkey/sdk'
import { slugOf } from '../../secrets/slug.ts'
import type { Token } from '../../tokens/token.ts'
import { authenticateSender, sha256 } from '../authenticate.ts'
import type { Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso, shareUrl } from '../presenters.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { envelope, expiresIn, isKey, key, maximumViews, sealed, slug, time } from '../schemas.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')

/** Policies that a later version enforces: asking for none is accepted, asking for one is refused by name. */
const unsupported = 'This server can’t enforce this policy.'
const noList = z.array(z.unknown()).max(0, unsupported).optional()
const noPolicy = z
  .unknown()
  .refine((value) => value === undefined, unsupported)
  .optional()

export const createBody = z
  .strictObject({
    slug,
    envelope,
    key_a: key,
    access_verifier: key,
    password_verifier: key.optional(),
    manage_verifier: key,
    note: sealed.optional(),
    meta: sealed.optional(),
    maximum_views: maximumViews.nullable().default(1).describe('null: any number until expiry.'),
    expires_in: expiresIn.default(86_400),
    max_attempts: z
      .int('Must be a whole number.')
      .min(1, 'Must be at least 1.')
      .max(100, 'Must be at most 100.')
      .default(10),
    on_lockout: z.enum(['lock', 'burn'], 'Must be lock or burn.').default('lock'),
    ip_whitelist: noList,
    geolocation: noList,
    attachments: noList,
    captcha: z.literal(false, unsupported).optional(),
    otp: noPolicy,
    notify: noPolicy,
    share_domain: noPolicy,
  })
  // Asked even if access_verifier itself is wrong, which its own message says.
  .refine((body) => !isKey(body.access_verifier) || slugOf(bytes(body.access_verifier)) === body.slug, {
    path: ['slug'],
    error: 'Must be the slug of access_verifier.',
  })
  .openapi('CreateSecret')

type CreateBody = z.output<typeof createBody>

const createdSchema = z
  .object({
    slug: z.string(),
    share_url: z.string().describe('Without the fragment, which only the sender has.'),
    maximum_views: z.int().nullable(),
    current_views: z.literal(0),
    expiration: time,
    has_password: z.boolean(),
    has_attachments: z.boolean(),
    attachments_count: z.int(),
    created_at: time,
  })
  .openapi('CreatedSecret')

/** Made of the request and its first time alone, so that the same bytes sent again get the same reply. */
const presentCreated = (deps: Deps, body: CreateBody, createdAt: number): WireCreated => ({
  slug: body.slug,
  share_url: shareUrl(deps, body.slug),
  maximum_views: body.maximum_views,
  current_views: 0,
  expiration: iso(createdAt + body.expires_in * 1000),
  has_password: body.password_verifier !== undefined,
  has_attachments: false,
  attachments_count: 0,
  created_at: iso(createdAt),
})

function checkAnonymous({ config }: Deps, body: CreateBody): void {
  const longest = config.HALFKEY_ANONYMOUS_MAX_EXPIRES_IN
  if (body.expires_in > longest)
    throw validationError({ expires_in: [`Must be at most ${longest} seconds for a sender without a token.`] })
  const largest = config.HALFKEY_ANONYMOUS_MAX_BYTES
  if (bytes(body.envelope.ciphertext).length > largest)
    throw new ApiError('PAYLOAD_TOO_LARGE', { limit: 'anonymous_ciphertext', maximum_bytes: largest })
}

const ownership = (token: Token | null) => ({
  workspaceId: token?.workspaceId ?? null,
  tokenId: token?.id ?? null,
  creator: token?.name ?? 'anonymous',
})

export const createSecret: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/secrets',
  summary: 'Create a secret',
  description:
    'Idempotent: the same owner sending the same bytes gets the same reply; other bytes for a known slug are a 409.',
  access: 'sender',
  body: createBody,
  reply: createdSchema,
  status: 201,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'CONFLICT', 'PAYLOAD_TOO_LARGE'],

  async handle(c) {
    const token = await authenticateSender(c, deps)
    const { body, text } = await readBody(c, createBody)
    if (!token) checkAnonymous(deps, body)

    const now = deps.clock.now()
    const outcome = await deps.store.createSecret(
      {
        ...ownership(token),
        slug: body.slug,
        accessVerifier: bytes(body.access_verifier),
        manageVerifier: bytes(body.manage_verifier),
        createDigest: sha256(text),
        maximumViews: body.maximum_views,
        hasPassword: body.password_verifier !== undefined,
        maxAttempts: body.max_attempts,
        onLockout: body.on_lockout,
        createdAt: now,
        updatedAt: now,
        expiresAt: now + body.expires_in * 1000,
        meta: body.meta ?? null,
        content: {
          sealedKeyA: deps.serverKey.seal(body.slug, bytes(body.key_a)),
          envelope: body.envelope,
          note: body.note ?? null,
          passwordVerifier: body.password_verifier === undefined ? null : bytes(body.password_verifier),
        },
      },
      callerOf(c),
    )
    if (outcome.kind === 'conflict') throw new ApiError('CONFLICT')

    return success(c, 'Secret created successfully', presentCreated(deps, body, outcome.createdAt), 201)
  },
})
