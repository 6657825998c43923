/** OpenAPI descriptions of the reply headers that clients may rely on. */

type Header = {
  description: string
  /** Always present if an operation declares it. */
  required: boolean
  schema: { type: 'string'; pattern?: string }
}

const text = (description: string, pattern?: string): Header => ({
  description,
  required: true,
  schema: { type: 'string', ...(pattern !== undefined && { pattern }) },
})
const optional = (header: Header): Header => ({ ...header, required: false })

export const replyHeaders = {
  'X-Request-Id': text('Identifies the request in the server’s log.', '^[\\w-]+$'),
  RateLimit: optional(
    text('`"NAME";r=REMAINING;t=SECONDS` (draft-ietf-httpapi-ratelimit-headers-10).', '^"[a-z-]+";r=\\d+;t=\\d+$'),
  ),
  'RateLimit-Policy': optional(text('`"NAME";q=REQUESTS;w=SECONDS`.', '^"[a-z-]+";q=\\d+;w=\\d+$')),
  'Retry-After': text('Seconds.', '^[1-9]\\d*$'),
  'WWW-Authenticate': text('Always `Bearer`.', '^Bearer$'),
  'Halfkey-Audit-Head': optional(
    text('`ID:CHAIN` of the newest entry; absent while the log is empty.', '^[1-9]\\d*:[A-Za-z0-9_-]{43}$'),
  ),
  'Content-Disposition': optional(text('The name of an exported file.', '^attachment')),
  'Content-Range': text('The position of these bytes in the file.', '^bytes (\\d+-\\d+|\\*)/\\d+$'),
  'Content-Length': text('The length in bytes.', '^\\d+$'),
  'Accept-Ranges': text('Ranges are supported.', '^bytes$'),
} as const satisfies Record<string, Header>

export type HeaderName = keyof typeof replyHeaders

/** References to the document's `components.headers`, for an operation's response. */
export const headersOf = (...names: HeaderName[]): Record<string, { $ref: string }> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
