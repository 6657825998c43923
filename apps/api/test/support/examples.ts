/** A right request for every operation of the API, to be bent by tests; kept complete by bad-input.test.ts. */
import type { Sealed } from './sender.ts'
import { b64, newId, seal } from './sender.ts'
import type { Binary } from './wrong-values.ts'

export interface Example {
  method: string
  path: string
  headers: Record<string, string>
  body?: Record<string, unknown>
}

const text = (bytes: number): string => b64(Buffer.alloc(bytes, 7))

/** In the document's terms, `method path`; `live` is a secret whose reveals fail for want of its password. */
export function examples(live: Sealed, token: string): Record<string, () => Example> {
  const bearer = { Authorization: `Bearer ${token}` }
  const manage = { 'Halfkey-Manage': live.manageKey }
  const access = { 'Halfkey-Access': live.access }
  const secret = `/api/v1/secrets/${live.slug}`
  const link = `/api/v1/links/${live.slug}`
  const fields = {
    note: text(300),
    meta: text(300),
    maximum_views: 1,
    expires_in: 60,
    max_attempts: 100,
    on_lockout: 'lock',
  }
  const policies = { ip_whitelist: [], geolocation: [], attachments: [], captcha: false }
  return {
    'post /api/v1/secrets': () => ({
      method: 'POST',
      path: '/api/v1/secrets',
      headers: bearer,
      body: seal({ password: true, size: 300, fields: { ...fields, ...policies } }).body,
    }),
    'get /api/v1/secrets': () => ({ method: 'GET', path: '/api/v1/secrets', headers: bearer }),
    'get /api/v1/secrets/{slug}': () => ({ method: 'GET', path: secret, headers: manage }),
    'patch /api/v1/secrets/{slug}': () => ({
      method: 'PATCH',
      path: secret,
      headers: manage,
      body: { expires_in: 86_000, maximum_views: 10_000, unlock: true, meta: text(300) },
    }),
    // Of an unknown secret, so that the live one stays.
    'delete /api/v1/secrets/{slug}': () => ({
      method: 'DELETE',
      path: `/api/v1/secrets/${seal().slug}`,
      headers: manage,
    }),
    'get /api/v1/secrets/{slug}/events': () => ({ method: 'GET', path: `${secret}/events`, headers: manage }),
    'get /api/v1/stats': () => ({ method: 'GET', path: '/api/v1/stats', headers: bearer }),
    'post /api/v1/links/{slug}/status': () => ({ method: 'POST', path: `${link}/status`, headers: access, body: {} }),
    'post /api/v1/links/{slug}/reveal': () => ({
      method: 'POST',
      path: `${link}/reveal`,
      headers: access,
      body: { reveal_id: newId(), password_proof: text(32), otp: '123456', captcha: 'solved' },
    }),
    'post /api/v1/links/{slug}/ack': () => ({
      method: 'POST',
      path: `${link}/ack`,
      headers: access,
      body: { reveal_id: newId() },
    }),
    'get /api/v1/workspace': () => ({ method: 'GET', path: '/api/v1/workspace', headers: bearer }),
    'put /api/v1/workspace/check': () => ({
      method: 'PUT',
      path: '/api/v1/workspace/check',
      headers: bearer,
      body: { workspace_check: text(32) },
    }),
    'get /api/v1/tokens': () => ({ method: 'GET', path: '/api/v1/tokens', headers: bearer }),
    'post /api/v1/tokens': () => ({
      method: 'POST',
      path: '/api/v1/tokens',
      headers: bearer,
      body: { name: 'laptop', scopes: ['secrets:read'], expires_in: 3600 },
    }),
    'delete /api/v1/tokens/{id}': () => ({ method: 'DELETE', path: '/api/v1/tokens/nobody', headers: bearer }),
  }
}

/** Fields whose encoding the document doesn't give, and their bytes. */
export const binaries: Record<string, Binary> = {
  'envelope.ciphertext': { least: 272, most: 1_081_360 },
  note: { least: 284, most: 65_564 },
  meta: { least: 284, most: 65_564 },
}

/** Fields of policies that aren't enforced yet: any value is refused by name. */
export const unenforced = ['otp', 'notify', 'share_domain']
