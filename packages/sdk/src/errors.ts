/**
 * Every failure is one class with a stable code:
 *
 *     HalfkeyError
 *     ├─ the link, before any request     LINK_NO_FRAGMENT LINK_CUT_SHORT LINK_MISTYPED LINK_NEWER_VERSION
 *     │                                 LINK_WRONG_KIND
 *     ├─ a folder or entry key, likewise  KEY_CUT_SHORT KEY_MISTYPED KEY_NEWER_VERSION KEY_NOT_COVERING
 *     ├─ opening                          WRONG_KEY TAMPERED MALFORMED NEWER_VERSION
 *     ├─ reaching the server              NETWORK TIMEOUT ABORTED UNSUPPORTED
 *     └─ the server's reply               the codes of `WireErrorCode`, with `status`, `details`, `requestId`
 *
 * No message, property or inspection of an error holds a secret, a key, a password or a link.
 */
import type { WireErrorCode } from './wire-codes.ts'

/** Codes of failures that the SDK finds itself, before or without a request. */
export type LocalErrorCode =
  | 'LINK_NO_FRAGMENT'
  | 'LINK_CUT_SHORT'
  | 'LINK_MISTYPED'
  | 'LINK_NEWER_VERSION'
  | 'LINK_WRONG_KIND'
  | 'KEY_CUT_SHORT'
  | 'KEY_MISTYPED'
  | 'KEY_NEWER_VERSION'
  | 'KEY_NOT_COVERING'
  | 'WRONG_KEY'
  | 'TAMPERED'
  | 'MALFORMED'
  | 'NEWER_VERSION'
  | 'NETWORK'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'UNSUPPORTED'

/** Every code that a `HalfkeyError` can have: the SDK's own and the server's. */
export type ErrorCode = LocalErrorCode | WireErrorCode

/** What a `HalfkeyError` carries beside its code and message. */
export interface ErrorContext {
  /** What led to it. Of ABORTED: the `reason` of the signal. */
  cause?: unknown
  /** HTTP status, where a server answered. */
  status?: number
  /** VALIDATION_ERROR: field → messages; GONE: `{cause, at}`; LINK_WRONG_KIND: `{kind}`; PASSWORD_*: `{attempts_left}`. */
  details?: Record<string, unknown>
  /** To quote to the server's operator. */
  requestId?: string
}

/** Name of an option or field → everything that is wrong with it. */
export type Problems = Record<string, string[]>

/** In the registry that all realms share (ECMAScript, section 20.4.2.6), so that every copy of this file gets the same. */
const BRAND: unique symbol = Symbol.for('@halfkey/sdk:HalfkeyError')

/**
 * Every failure of this package. `instanceof HalfkeyError` holds whichever build made the error: ESM or CommonJS, for Node
 * or for pages, the script-tag bundle (`Halfkey.HalfkeyError`), another realm.
 *
 * @example
 * ```ts
 * import { HalfkeyError, openLink } from '@halfkey/sdk'
 *
 * try {
 *   await openLink('https://halfkey.example/2f4wQBdEsUTKq')
 * } catch (error) {
 *   if (!(error instanceof HalfkeyError)) throw error
 *   console.log(error.code) // LINK_NO_FRAGMENT
 * }
 * ```
 */
export class HalfkeyError extends Error {
  /** Always `HalfkeyError`. */
  override readonly name: 'HalfkeyError'
  /** Says what happened, and never changes between versions; `message` may. */
  readonly code: ErrorCode
  /** HTTP status, where a server answered. */
  readonly status: number | undefined
  /** By the code: VALIDATION_ERROR field → messages, GONE `{cause, at}`, PASSWORD_WRONG `{attempts_left}`, … */
  readonly details: Record<string, unknown> | undefined
  /** To quote to the server's operator. */
  readonly requestId: string | undefined

  /** Takes `cause`, as `Error` does, and what the server said beside the message. */
  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context)
    this.name = 'HalfkeyError'
    this.code = code
    this.status = context.status
    this.details = context.details
    this.requestId = context.requestId
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** By a mark of the error's own: its class may be another build's, and an inherited mark proves nothing. */
Object.defineProperty(HalfkeyError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this !== HalfkeyError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return typeof value === 'object' && value !== null && Object.hasOwn(value, BRAND)
  },
})

/** @throws HalfkeyError VALIDATION_ERROR whose `details` are the problems, if there are any. */
export function throwIfInvalid(problems: Problems): void {
  const names = Object.keys(problems)
  if (names.length === 0) return
  const sentences = names.map((name) => `${name} ${problems[name]?.join(' and ') ?? ''}`)
  throw new HalfkeyError('VALIDATION_ERROR', `${sentences.join('; ')}.`, { details: problems })
}
