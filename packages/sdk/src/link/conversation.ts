import { b64, type Bytes } from '../protocol/encoding.ts'
import { request, type TransportOptions } from '../transport/http.ts'
import type { ParsedLink } from '../protocol/link.ts'

/** A link that was read. */
export interface LinkAccess extends ParsedLink {
  /** Of an answer to a request: 32 bytes that show the server that the caller is whoever asked (section 10). */
  collect?: Bytes | undefined
}

/** What every call of a recipient bears. */
export function accessHeaders({ access, collect }: LinkAccess): Record<string, string> {
  return { 'Halfkey-Access': b64(access), ...(collect && { 'Halfkey-Collect': b64(collect) }) }
}

/** One step of the recipient's conversation (spec/protocol.md section 9), at the link's own server. */
export async function post(
  link: LinkAccess,
  transport: TransportOptions,
  step: 'status' | 'otp' | 'reveal' | 'ack',
  body: object,
  signal?: AbortSignal,
): Promise<unknown> {
  const { data } = await request(
    {
      url: `${link.base}/api/v1/links/${link.slug}/${step}`,
      method: 'POST',
      headers: accessHeaders(link),
      body: JSON.stringify(body),
      signal,
    },
    transport,
  )
  return data
}
