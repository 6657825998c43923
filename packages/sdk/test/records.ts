/** A server's records as an owner's client gets them, by a script. */
import type { HalfkeyOptions } from '../src/client-options.ts'
import { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { sealMeta, type OwnerMeta } from '../src/protocol/owner.ts'
import type { WireDetails } from '../src/wire.ts'
import { scriptedServer, success, type Script, type Step } from './scripted.ts'

export const token = 'hkt_abc123_c2VjcmV0LW9mLXRoZS10b2tlbg'
export const W = new Uint8Array(32).fill(9)
export const workspaceKey = b64(W)
export const slug = '2f4wQBdEsUTKq'

export const wireDetails = (more: Partial<WireDetails> = {}): WireDetails => ({
  slug,
  creator: 'admin',
  maximum_views: 1,
  current_views: 0,
  expiration: '2030-01-02T03:04:05.678Z',
  has_password: false,
  has_attachments: false,
  attachments_count: 0,
  captcha: false,
  otp_type: null,
  ip_whitelist: [],
  geolocation: [],
  is_expired: false,
  status: 'active',
  share_url: `https://share.example/${slug}`,
  note: null,
  meta: null,
  created_at: '2030-01-01T03:04:05.678Z',
  updated_at: '2030-01-01T03:04:05.678Z',
  ...more,
})

export const sealed = (meta: OwnerMeta, key = W) => sealMeta(key, slug, meta)

export const workspace = (check: string | null): Step =>
  success({ name: 'w', workspace_check: check, limits: { maximum_views: 10_000 }, usage: { active_secrets: 1 } })

export async function connect(script: Script, options: Partial<HalfkeyOptions> = { token }) {
  const { url, requests } = await scriptedServer(script)
  return { client: new Halfkey({ baseUrl: url, ...options }), requests }
}
