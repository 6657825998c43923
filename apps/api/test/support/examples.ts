/** A right request for every operation of the API, to be bent by tests; kept complete by bad-input.test.ts. */
import { randomBytes } from 'node:crypto'
import type { Asked } from './asked.ts'
import { newAnswer, newAsk } from './asked.ts'
import type { Attached } from './attached.ts'
import { firstFile } from './attached.ts'
import { sealVersion } from './named.ts'
import type { Sealed } from './sender.ts'
import { b64, newId, seal } from './sender.ts'
import type { Binary } from './wrong-values.ts'

export interface Example {
  method: string
  path: string
  headers: Record<string, string>
  body?: Record<string, unknown>
  /** A body of octets. */
  bytes?: Buffer
}

const text = (bytes: number): string => b64(Buffer.alloc(bytes, 7))

/** What there is already. */
export interface Given {
  /** An admin token. */
  token: string
  /** The token's: a secret with a code by mail, whose reveals fail for want of its password. */
  live: Sealed
  /** A secret with a file that is being uploaded, and one whose file can be fetched under the grant. */
  uploading: Attached
  uploaded: Attached
  grant: string
  /** The id of a webhook, and of a delivery to it. */
  webhook: string
  delivery: string
  /** The handler of a named secret. */
  named: string
  /** A request for 100 answers, with one. */
  asked: Asked
  answered: Sealed
}

/** Nobody's: the name doesn't resolve (RFC 6761). */
export const webhookUrl = 'https://receiver.invalid/hook'

export const codeByMail = { type: 'email', to: 'reader@recipient.example' }

/** Right values of a field that has several kinds of them. */
export const alternatives: Record<string, Record<string, unknown>[]> = {
  otp: [codeByMail, { type: 'sms', to: '+33612345678' }, { type: 'totp', secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }],
}

/** In the document's terms, `method path`. */
export function examples({
  token,
  live,
  uploading,
  uploaded,
  grant,
  webhook,
  delivery,
  named,
  asked,
  answered,
}: Given): Record<string, () => Example> {
  const bearer = { Authorization: `Bearer ${token}` }
  const manage = { 'Halfkey-Manage': live.manageKey }
  const access = { 'Halfkey-Access': live.access }
  const secret = `/api/v1/secrets/${live.slug}`
  const kms = `/api/v1/kms/${encodeURIComponent(named)}`
  const link = `/api/v1/links/${live.slug}`
  const request = `/api/v1/requests/${asked.slug}`
  const ask = `/api/v1/asks/${asked.slug}`
  const collect = { 'Halfkey-Collect': asked.collect }
  const upload = `/api/v1/secrets/${uploading.slug}/files/${firstFile(uploading).id}/parts`
  const fields = {
    note: text(300),
    meta: text(300),
    maximum_views: 1,
    expires_in: 60,
    max_attempts: 100,
    on_lockout: 'lock',
  }
  const policies = {
    ip_whitelist: ['192.0.2.0/24', '2001:db8::1'],
    geolocation: ['FR', 'US'],
    attachments: [{ id: newId(), size: 28 }],
    captcha: true,
    otp: codeByMail,
    notify: { email: 'owner@sender.example' },
  }
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
    'put /api/v1/secrets/{slug}/files/{id}/parts/{n}': () => ({
      method: 'PUT',
      path: `${upload}/0`,
      headers: { 'Halfkey-Manage': uploading.manageKey, 'Content-Type': 'application/octet-stream' },
      bytes: firstFile(uploading).bytes,
    }),
    'get /api/v1/secrets/{slug}/files/{id}/parts': () => ({
      method: 'GET',
      path: upload,
      headers: { 'Halfkey-Manage': uploading.manageKey },
    }),
    'post /api/v1/secrets/{slug}/complete': () => ({
      method: 'POST',
      path: `/api/v1/secrets/${uploaded.slug}/complete`,
      headers: { 'Halfkey-Manage': uploaded.manageKey },
    }),
    'get /api/v1/links/{slug}/files/{id}': () => ({
      method: 'GET',
      path: `/api/v1/links/${uploaded.slug}/files/${firstFile(uploaded).id}`,
      headers: { 'Halfkey-Access': uploaded.access, 'Halfkey-Grant': grant },
    }),
    'post /api/v1/secrets/{slug}/notice': () => ({
      method: 'POST',
      path: `${secret}/notice`,
      headers: bearer,
      body: { email: 'reader@recipient.example' },
    }),
    'get /api/v1/limits': () => ({ method: 'GET', path: '/api/v1/limits', headers: bearer }),
    'get /api/v1/stats': () => ({ method: 'GET', path: '/api/v1/stats', headers: bearer }),
    'post /api/v1/links/{slug}/status': () => ({ method: 'POST', path: `${link}/status`, headers: access, body: {} }),
    'post /api/v1/links/{slug}/otp': () => ({
      method: 'POST',
      path: `${link}/otp`,
      headers: access,
      body: { password_proof: live.passwordProof, captcha: 'solved' },
    }),
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
    'post /api/v1/requests': () => ({
      method: 'POST',
      path: '/api/v1/requests',
      headers: bearer,
      body: newAsk({
        meta: text(300),
        maximum_answers: 2,
        expires_in: 60,
        answer: { maximum_views: 2, expires_in: 60, maximum_bytes: 1000, maximum_files: 1 },
        notify: { email: 'asker@sender.example' },
      }).body,
    }),
    'get /api/v1/requests': () => ({ method: 'GET', path: '/api/v1/requests', headers: bearer }),
    'get /api/v1/requests/stats': () => ({ method: 'GET', path: '/api/v1/requests/stats', headers: bearer }),
    'get /api/v1/requests/{slug}': () => ({ method: 'GET', path: request, headers: collect }),
    'patch /api/v1/requests/{slug}': () => ({
      method: 'PATCH',
      path: request,
      headers: collect,
      body: { expires_in: 86_000, maximum_answers: 100, meta: text(300) },
    }),
    // Of an unknown request, so that the given one stays.
    'delete /api/v1/requests/{slug}': () => ({
      method: 'DELETE',
      path: `/api/v1/requests/${newAsk().slug}`,
      headers: collect,
    }),
    'get /api/v1/requests/{slug}/answers': () => ({ method: 'GET', path: `${request}/answers`, headers: collect }),
    'patch /api/v1/requests/{slug}/answers/{answer}': () => ({
      method: 'PATCH',
      path: `${request}/answers/${answered.slug}`,
      headers: collect,
      body: { unlock: true },
    }),
    // Of an unknown answer, so that the given one stays.
    'delete /api/v1/requests/{slug}/answers/{answer}': () => ({
      method: 'DELETE',
      path: `${request}/answers/${newAnswer().slug}`,
      headers: collect,
    }),
    'post /api/v1/asks/{slug}/status': () => ({
      method: 'POST',
      path: `${ask}/status`,
      headers: { 'Halfkey-Access': asked.access },
      body: {},
    }),
    'post /api/v1/asks/{slug}/answers': () => ({
      method: 'POST',
      path: `${ask}/answers`,
      headers: { 'Halfkey-Access': asked.access },
      body: { ...newAnswer({ password: true, size: 300, files: [28] }).body, note: text(300) },
    }),
    'get /api/v1/kms': () => ({ method: 'GET', path: '/api/v1/kms', headers: bearer }),
    'put /api/v1/kms/{handler}': () => ({
      method: 'PUT',
      path: `/api/v1/kms/${randomBytes(16).toString('hex')}`,
      headers: bearer,
      body: {
        ...sealVersion(1),
        meta: text(300),
        whitelist: ['192.0.2.0/24', '2001:db8::1'],
        expires_in: 86_400,
        rotate_after: 3600,
        same_value: false,
        workspace_check: text(32),
      },
    }),
    'get /api/v1/kms/{handler}': () => ({ method: 'GET', path: kms, headers: bearer }),
    'patch /api/v1/kms/{handler}': () => ({
      method: 'PATCH',
      path: kms,
      headers: bearer,
      body: {
        meta: text(300),
        previous_meta: text(300),
        whitelist: ['192.0.2.0/24'],
        expires_in: 86_400,
        rotate_after: 3600,
        workspace_check: text(32),
      },
    }),
    'delete /api/v1/kms/{handler}': () => ({ method: 'DELETE', path: '/api/v1/kms/nobody', headers: bearer }),
    'get /api/v1/kms/{handler}/versions': () => ({ method: 'GET', path: `${kms}/versions`, headers: bearer }),
    'delete /api/v1/kms/{handler}/versions/{version}': () => ({
      method: 'DELETE',
      path: `${kms}/versions/2`,
      headers: bearer,
    }),
    'post /api/v1/kms/{handler}/reveal': () => ({
      method: 'POST',
      path: `${kms}/reveal`,
      headers: bearer,
      body: { version: 1 },
    }),
    'get /api/v1/kms/{handler}/events': () => ({ method: 'GET', path: `${kms}/events`, headers: bearer }),
    'get /api/v1/audit': () => ({ method: 'GET', path: '/api/v1/audit', headers: bearer }),
    'post /api/v1/audit/verify': () => ({
      method: 'POST',
      path: '/api/v1/audit/verify',
      headers: bearer,
      body: { head: { id: 1, chain: text(32) } },
    }),
    'get /api/v1/workspace': () => ({ method: 'GET', path: '/api/v1/workspace', headers: bearer }),
    'put /api/v1/workspace/check': () => ({
      method: 'PUT',
      path: '/api/v1/workspace/check',
      headers: bearer,
      body: { workspace_check: text(32), previous: text(32) },
    }),
    'get /api/v1/tokens': () => ({ method: 'GET', path: '/api/v1/tokens', headers: bearer }),
    'post /api/v1/tokens': () => ({
      method: 'POST',
      path: '/api/v1/tokens',
      headers: bearer,
      body: {
        name: 'laptop',
        scopes: ['secrets:read'],
        handlers: ['aws-*'],
        ips: ['192.0.2.0/24', '2001:db8::1'],
        expires_in: 3600,
      },
    }),
    'delete /api/v1/tokens/{id}': () => ({ method: 'DELETE', path: '/api/v1/tokens/nobody', headers: bearer }),
    'get /api/v1/webhooks': () => ({ method: 'GET', path: '/api/v1/webhooks', headers: bearer }),
    'post /api/v1/webhooks': () => ({
      method: 'POST',
      path: '/api/v1/webhooks',
      headers: bearer,
      body: { url: webhookUrl },
    }),
    'post /api/v1/webhooks/{id}/rotate': () => ({
      method: 'POST',
      path: `/api/v1/webhooks/${webhook}/rotate`,
      headers: bearer,
    }),
    'post /api/v1/webhooks/{id}/test': () => ({
      method: 'POST',
      path: `/api/v1/webhooks/${webhook}/test`,
      headers: bearer,
    }),
    'delete /api/v1/webhooks/{id}': () => ({ method: 'DELETE', path: '/api/v1/webhooks/nobody', headers: bearer }),
    'get /api/v1/deliveries': () => ({ method: 'GET', path: '/api/v1/deliveries', headers: bearer }),
    'post /api/v1/deliveries/{id}/redeliver': () => ({
      method: 'POST',
      path: `/api/v1/deliveries/${delivery}/redeliver`,
      headers: bearer,
    }),
  }
}

/** Fields whose encoding the document doesn't give, and their bytes. */
export const binaries: Record<string, Binary> = {
  'envelope.ciphertext': { least: 272, most: 1_081_360 },
  note: { least: 284, most: 65_564 },
  meta: { least: 284, most: 65_564 },
  previous_meta: { least: 284, most: 65_564 },
}

const wrongNetworks = [
  '',
  '192.0.2',
  '192.0.2.256',
  '192.0.2.01',
  '0xc0.0.2.1',
  '192.0.2.1/33',
  '192.0.2.1/-1',
  '192.0.2.1/+8',
  '192.0.2.1/',
  '192.0.2.1/08',
  '192.0.2.1/8/8',
  ' 192.0.2.1',
  '192.0.2.1\n',
  '192.0.2.1\0',
  '192.0.2.1,192.0.2.2',
  '2001:db8::/129',
  '2001:db8:::1',
  '2001:db8::12345',
  'fe80::1%eth0',
  '[::1]',
  'localhost',
  '１９２.0.2.1',
  '1'.repeat(101),
]

/** Wrong texts of fields, or of lists' items, whose form the document doesn't give. */
export const wrongTexts: Record<string, string[]> = {
  ip_whitelist: wrongNetworks,
  whitelist: wrongNetworks,
  ips: wrongNetworks,
  geolocation: ['', 'fr', 'F', 'FRA', 'UK', 'XX', ' FR', 'FR\n', 'FR,US', 'toString', '__proto__'],
  url: [
    '',
    '/hook',
    'receiver.invalid/hook',
    '//receiver.invalid/hook',
    'http://receiver.invalid/hook',
    'ftp://receiver.invalid/hook',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://',
    'https://a b/hook',
    'https://[::1/hook',
    'https://user@receiver.invalid/hook',
    'https://:password@receiver.invalid/hook',
    'https://receiver.invalid/hook#fragment',
    'https://127.0.0.1/hook',
    'https://2130706433/hook',
    'https://0x7f.1/hook',
    'https://[::ffff:10.0.0.1]/hook',
    'https://169.254.169.254/latest/meta-data',
  ],
}
