/** A reply's schema can't differ from its wire type: what is expected here, `tsc` finds. */
import { z } from '@hono/zod-openapi'
import { expect, test } from 'vitest'
import type { Operation } from '../src/http/operation.ts'
import { replySchema } from '../src/http/reply-schema.ts'

interface Wire {
  is_expired: boolean
  note: string | null
  otp_type?: 'email' | 'sms'
  files: { id: string }[]
}

const fields = {
  is_expired: z.boolean(),
  note: z.string().nullable(),
  otp_type: z.enum(['email', 'sms']).optional(),
  files: z.array(z.object({ id: z.string() })),
}
const { note, ...withoutNote } = fields

test('a schema that is the wire type passes unchanged, and any other doesn’t compile', () => {
  const tie = replySchema<Wire>()
  const schema = z.object(fields)
  expect(tie(schema)).toBe(schema)
  // @ts-expect-error a field of another type
  tie(z.object({ ...fields, is_expired: z.string() }))
  // @ts-expect-error a field too many
  tie(z.object({ ...fields, ghost: z.int() }))
  // @ts-expect-error a field too few
  tie(z.object(withoutNote))
  // @ts-expect-error a field of another name
  tie(z.object({ ...withoutNote, remark: note }))
  // @ts-expect-error never null
  tie(z.object({ ...fields, note: z.string() }))
  // @ts-expect-error always there
  tie(z.object({ ...fields, otp_type: z.enum(['email', 'sms']) }))
  // @ts-expect-error a value too few
  tie(z.object({ ...fields, otp_type: z.enum(['email']).optional() }))
  // @ts-expect-error a field too many inside
  tie(z.object({ ...fields, files: z.array(z.object({ id: z.string(), size: z.int() })) }))
})

test('an operation takes no other schema for its reply', () => {
  const tied = replySchema<Wire>()(z.object(fields))
  const replies: Operation['reply'][] = [tied, z.array(tied), z.null()]
  // @ts-expect-error compared with nothing
  replies.push(z.object(fields))
  // @ts-expect-error a list of what was compared with nothing
  replies.push(z.array(z.object(fields)))
  expect(replies).toHaveLength(5)
})
