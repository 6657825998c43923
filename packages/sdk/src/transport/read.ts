/**
 * Readers of the server's replies, none of which is trusted unchecked: each takes any value and returns it typed, or throws
 * HalfkeyError MALFORMED.
 */
import { isObject } from '../protocol/encoding.ts'
import { HalfkeyError, type ErrorContext } from '../errors.ts'

export type Reader<T> = (value: unknown) => T

export const string = reader((value): value is string => typeof value === 'string')
export const boolean = reader((value): value is boolean => typeof value === 'boolean')
export const integer = reader((value): value is number => Number.isSafeInteger(value))
export const object = reader(isObject)

/** ISO 8601. */
export const date: Reader<Date> = (value) => {
  const time = new Date(string(value))
  if (Number.isNaN(time.getTime())) throw malformedReply()
  return time
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value) => (value === null || value === undefined ? null : read(value))
}

export function list<T>(read: Reader<T>): Reader<T[]> {
  return (value) => {
    if (!Array.isArray(value)) throw malformedReply()
    return value.map((item) => read(item))
  }
}

/** An object by the TypeScript names of its members, whose wire names are the same in snake_case; others are dropped. */
export function record<Fields extends Record<string, Reader<unknown>>>(
  fields: Fields,
): Reader<{ [Name in keyof Fields]: ReturnType<Fields[Name]> }> {
  return (value) => {
    const wire = object(value)
    return Object.fromEntries(Object.entries(fields).map(([name, read]) => [name, read(wire[snakeCase(name)])])) as {
      [Name in keyof Fields]: ReturnType<Fields[Name]>
    }
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)
}

function reader<T>(is: (value: unknown) => value is T): Reader<T> {
  return (value) => {
    if (is(value)) return value
    throw malformedReply()
  }
}

export function malformedReply(context?: ErrorContext): HalfkeyError {
  return new HalfkeyError(
    'MALFORMED',
    'The server sent an invalid reply. Check that the address is that of a Halfkey server.',
    context,
  )
}
