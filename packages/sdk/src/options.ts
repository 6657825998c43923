/** Checks what callers pass, before anything is sent or spent. */
import { isObject, isWellFormed } from './protocol/encoding.ts'
import type { PlatformAbortSignal } from './platform.ts'
import { throwIfInvalid, type Problems } from './errors.ts'

/** A test, and what is wrong with a value that fails it. */
export type Rule = readonly [test: (value: unknown) => boolean, problem: string]

/** One rule for each option that there is. */
export type Rules<Options> = Record<keyof Options & string, Rule>

/** Every wrong option with what is wrong with it; an option that is undefined counts as not given. */
export function findProblems(options: unknown, rules: Record<string, Rule>): Problems {
  if (!isObject(options)) return { options: ['must be an object'] }
  const problems = Object.entries(options).flatMap(([name, value]): [string, string[]][] => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (!rule) return [[name, ['is not an option']]]
    return value === undefined || rule[0](value) ? [] : [[name, [rule[1]]]]
  })
  return Object.fromEntries(problems)
}

/**
 * Checks options, and with them the arguments that have to be there.
 *
 * @throws HalfkeyError VALIDATION_ERROR with everything that is wrong.
 */
export function checkOptions<Options extends object>(
  options: Options,
  rules: Rules<Options>,
  required: Record<string, readonly [value: unknown, rule: Rule]> = {},
): void {
  const problems = findProblems(options, rules)
  for (const [name, [value, [test, problem]]] of Object.entries(required)) if (!test(value)) problems[name] = [problem]
  throwIfInvalid(problems)
}

export const isText = (value: unknown): value is string => typeof value === 'string' && isWellFormed(value)

export const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value)

/** Not empty, which could mean anyone as well as no one. */
export const isListOf = (pattern: RegExp) => (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every(matches(pattern))

/** A list as it was given, or the entries of a text with commas between them. */
export const listOf = (value: string | readonly string[]): string[] =>
  typeof value === 'string' ? value.split(',').map((entry) => entry.trim()) : [...value]

/** For a list that may also be one text with commas. */
export const listRule = (pattern: RegExp, of: string): Rule => [
  (value) => isListOf(pattern)(typeof value === 'string' ? listOf(value) : value),
  `must be a list of ${of}, or a string with commas between them`,
]

/** Not over shared memory, which could change under it. By its kind: it may come from another realm. */
export const isBytes = (value: unknown): value is Uint8Array<ArrayBuffer> =>
  kindOf(value) === 'Uint8Array' && kindOf((value as Uint8Array).buffer) === 'ArrayBuffer'

const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

export const isIntegerIn =
  (min: number, max: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max

const isFunction = (value: unknown): boolean => typeof value === 'function'

/** From a minute to ten years of 366 days. */
export const SECONDS: Rule = [isIntegerIn(60, 316_224_000), 'must be a whole number of seconds from 60 to 316224000']

/** By its shape: a signal may come from another realm. */
const isSignal = (value: unknown): boolean => isObject(value) && typeof value['aborted'] === 'boolean'

export const BOOLEAN: Rule = [(value) => typeof value === 'boolean', 'must be true or false']
export const TEXT: Rule = [isText, 'must be well-formed Unicode text']
export const NETWORKS: Rule = listRule(/^[\da-f:.]+(\/\d{1,3})?$/i, 'IP addresses and CIDR ranges')
export const SIGNAL: Rule = [isSignal, 'must be an AbortSignal']
export const FUNCTION: Rule = [isFunction, 'must be a function']

/** For a numbered page of a list. */
export const pageRules = {
  limit: [isIntegerIn(1, 100), 'must be a whole number from 1 to 100'],
  page: [isIntegerIn(1, 1e8), 'must be a whole number from 1'],
} as const satisfies Record<string, Rule>

export const transportRules = {
  fetch: FUNCTION,
  timeout: [isIntegerIn(1, 2 ** 31 - 1), 'must be a whole number of milliseconds from 1'],
  retries: [isIntegerIn(0, 100), 'must be a whole number from 0 to 100'],
} as const satisfies Record<string, Rule>

/** How far the work has come, in bytes: encrypted ones of files that are sent, plaintext ones of all else. */
export interface Progress {
  /** Bytes so far. */
  done: number
  /** Bytes in all. */
  total: number
}

/** For calls that report how far they have come. */
export interface ProgressOptions {
  /**
   * Called as the work proceeds, and not awaited. Errors that it throws, or that its promise rejects with, are ignored: to
   * stop the work, use `signal`.
   */
  onProgress?: ((progress: Progress) => unknown) | undefined
}

/** Calls `onProgress` at once. Never rejects, so it needn't be awaited. */
export const reportProgress = async (options: ProgressOptions, done: number, total: number): Promise<void> => {
  try {
    await options.onProgress?.({ done, total })
  } catch {
    // The work goes on.
  }
}

/** For calls that can be aborted. */
export interface CallOptions {
  /** Aborts the call, which then rejects with ABORTED; the error's `cause` is the signal's `reason`. */
  signal?: PlatformAbortSignal | undefined
}
