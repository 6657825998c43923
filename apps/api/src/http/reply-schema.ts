/** Checks at compile time that a reply's OpenAPI schema matches the wire type that the SDK reads. */
import type { z } from '@hono/zod-openapi'

/** JSON has no `undefined`: an optional field is present or absent. */
type Travelling<T> = T extends object ? { [Key in keyof T]: Travelling<Exclude<T[Key], undefined>> } : T

/** Whether two types are identical, including optional fields. Assignability isn't enough, and `any` doesn't match. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what is compared is the two functions
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

declare const tied: unique symbol

/** A schema checked by `replySchema`. */
export type ReplySchema<Schema extends z.ZodType = z.ZodType> = Schema & { readonly [tied]: true }

type Compared<Schema extends z.ZodType, Wire> =
  Same<Travelling<z.output<Schema>>, Travelling<Wire>> extends true
    ? unknown
    : { 'the schema differs from its wire type': [z.output<Schema>, Wire] }

/**
 * Compiles only if the schema matches the wire type in every field.
 *
 * @example
 * const revokedSchema = replySchema<WireTokensRevoked>()(
 *   z.object({ revoked: z.array(tokenSchema), valid_descendants: z.array(tokenSchema) }),
 * )
 */
export const replySchema =
  <Wire>() =>
  <Schema extends z.ZodType>(schema: Schema & Compared<Schema, Wire>): ReplySchema<Schema> =>
    schema as Schema as ReplySchema<Schema>
