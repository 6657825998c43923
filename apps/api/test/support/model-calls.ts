/** The model's actions as calls of the API, and the API's replies in the model's terms. */
import type { TestApp } from './app.ts'
import { makeGrant } from '../../src/domain/secrets/grant.ts'
import type { Action, Expected, Plan } from './model.ts'
import { fileSize } from './model.ts'
import type { Reply } from './sender.ts'

/** Sends an action as the program that would do so. */
export async function send(
  { call, token, denials, deps }: TestApp,
  { sealed, owned, fileId }: Plan,
  action: Action,
): Promise<Reply> {
  const bearer = { Authorization: `Bearer ${token}` }
  const owner: Record<string, string> = owned ? bearer : { 'Halfkey-Manage': sealed.manageKey }
  const secret = `/api/v1/secrets/${sealed.slug}`
  const link = (name: string, body: unknown, access: 'right' | 'wrong') => {
    const headers = { 'Halfkey-Access': access === 'right' ? sealed.access : sealed.manageKey }
    return call('POST', `/api/v1/links/${sealed.slug}/${name}`, body, headers)
  }
  switch (action.kind) {
    case 'create': {
      await denials.flush() // in this very millisecond, the slug's probes from before would be taken for the secret's
      const body = action.bytes === 'same' ? sealed.body : { ...sealed.body, key_a: sealed.access }
      return call('POST', '/api/v1/secrets', body, owned === (action.owner === 'same') ? bearer : {})
    }
    case 'status':
      return link('status', {}, action.access)
    case 'reveal': {
      const proofs = { right: sealed.passwordProof, wrong: sealed.access, missing: undefined }
      return link('reveal', { reveal_id: action.id, password_proof: proofs[action.proof] }, action.access)
    }
    case 'ack':
      return link('ack', { reveal_id: action.id }, action.access)
    case 'file': {
      const headers = {
        'Halfkey-Access': action.access === 'right' ? sealed.access : sealed.manageKey,
        'Halfkey-Grant': makeGrant(deps.serverKey, sealed.slug, Buffer.from(action.id, 'base64url')),
      }
      return call('GET', `/api/v1/links/${sealed.slug}/files/${fileId}`, undefined, headers)
    }
    case 'part':
      return call('PUT', `${secret}/files/${fileId}/parts/0`, Buffer.alloc(fileSize, 7), {
        ...owner,
        'Content-Type': 'application/octet-stream',
      })
    case 'complete':
      return call('POST', `${secret}/complete`, undefined, owner)
    case 'details':
      return call('GET', secret, undefined, owner)
    case 'events':
      await denials.flush()
      return call('GET', `${secret}/events`, undefined, owner)
    case 'patch':
      return call('PATCH', secret, action.fields, owner)
    case 'burn':
      return call('DELETE', secret, undefined, owner)
    case 'purge':
      return call('DELETE', `${secret}?purge=true`, undefined, owner)
  }
}

interface Body {
  data: Record<string, unknown> | { type: string; reason: string | null }[] | null
  error?: { code: string; details?: object }
}

/** The reply in the model's terms: of `data` only what the expectation speaks of. */
export function observed({ status, body }: Reply, expected: Expected): Expected {
  if (body === undefined) return { status }
  const { data, error } = body as Body
  if (error) {
    const details: unknown = error.code === 'VALIDATION_ERROR' ? Object.keys(error.details ?? {}) : error.details
    return { status, code: error.code, ...(details !== undefined && { details }) }
  }
  if (Array.isArray(data))
    return { status, data: data.map(({ type, reason }) => (reason === null ? type : `${type}:${reason}`)).sort() }
  if (data === null || typeof expected.data !== 'object' || expected.data === null) return { status, data }
  return { status, data: Object.fromEntries(Object.keys(expected.data).map((name) => [name, data[name]])) }
}
