/** What a server answers, for benches that measure the SDK alone. */
import type { WireCreated, WireCreateRequest, WireLinkStatus } from '../packages/sdk/src/wire.ts'

const expiration = '2100-01-01T00:00:00.000Z'

export const createdReply = (create: WireCreateRequest, address: string): WireCreated => ({
  slug: create.slug,
  share_url: `${address}/${create.slug}`,
  maximum_views: 1,
  current_views: 0,
  expiration,
  has_password: create.password_verifier !== undefined,
  has_attachments: (create.attachments ?? []).length > 0,
  attachments_count: (create.attachments ?? []).length,
  created_at: expiration,
})

export const statusReply = (create: WireCreateRequest): WireLinkStatus => ({
  password: create.password_verifier !== undefined,
  otp: null,
  captcha: false,
  challenge: null,
  note: null,
  expiration,
  views_left: 1,
  attempts_left: 10,
  files: create.attachments ?? [],
})
