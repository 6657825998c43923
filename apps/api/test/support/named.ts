/** Named secrets as a client would send them; the server can't tell random bytes from sealed ones. */
import type { WireCreateRequest, WireKmsPutRequest } from '@halfkey/sdk'
import { randomBytes } from 'node:crypto'
import type { Call, Reply } from './sender.ts'
import { b64, seal } from './sender.ts'

export function sealVersion(version: number, fields: Partial<WireKmsPutRequest> = {}, size = 300): WireKmsPutRequest {
  const { envelope } = seal({ size }).body as unknown as WireCreateRequest
  return { version, key_a: b64(randomBytes(32)), envelope, ...fields }
}

export const pathOf = (handler: string, rest = ''): string => `/api/v1/kms/${encodeURIComponent(handler)}${rest}`

/** The calls on named secrets, by name. */
export function kmsCalls(call: Call, headers: () => Record<string, string>) {
  return {
    put: (handler: string, body: unknown, own = headers()) => call('PUT', pathOf(handler), body, own),
    get: (handler: string, own = headers()) => call('GET', pathOf(handler), undefined, own),
    patch: (handler: string, body: unknown, own = headers()) => call('PATCH', pathOf(handler), body, own),
    remove: (handler: string, own = headers()) => call('DELETE', pathOf(handler), undefined, own),
    list: (query = '', own = headers()) => call('GET', `/api/v1/kms${query}`, undefined, own),
    versions: (handler: string, query = '', own = headers()) =>
      call('GET', pathOf(handler, `/versions${query}`), undefined, own),
    destroy: (handler: string, version: number | string, own = headers()) =>
      call('DELETE', pathOf(handler, `/versions/${version}`), undefined, own),
    reveal: (handler: string, version?: number, own = headers()) =>
      call('POST', pathOf(handler, '/reveal'), { version }, own),
    events: (handler: string, query = '', own = headers()) =>
      call('GET', pathOf(handler, `/events${query}`), undefined, own),
  }
}

/** What opens it. */
export const revealed = ({ version, key_a, envelope }: WireKmsPutRequest) => ({
  status: 200,
  body: { success: true, data: { version, key_a, envelope } },
})

export const newestOf = ({ body }: Reply): number => body.error.details.newest as number
