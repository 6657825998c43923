import { b64 } from '../protocol/encoding.ts'
import { request, type TransportOptions } from '../transport/http.ts'
import type { ParsedLink } from '../protocol/link.ts'

/** One step of the recipient's conversation (spec/protocol.md section 9), at the link's own server. */
export async function post(
  { base, slug, access }: ParsedLink,
  transport: TransportOptions,
  step: 'status' | 'otp' | 'reveal' | 'ack',
  body: object,
  signal?: AbortSignal,
): Promise<unknown> {
  const { data } = await request(
    {
      url: `${base}/api/v1/links/${slug}/${step}`,
      method: 'POST',
      headers: { 'Halfkey-Access': b64(access) },
      body: JSON.stringify(body),
      signal,
    },
    transport,
  )
  return data
}
