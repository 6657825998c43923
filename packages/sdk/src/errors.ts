/**
 * Every failure is one class with a stable code:
 *
 *     HalfkeyError
 *     ├─ the link, before any request     LINK_NO_FRAGMENT LINK_CUT_SHORT LINK_MISTYPED LINK_NEWER_VERSION
 *     │                                 LINK_WRONG_KIND
 *     ├─ a folder or entry key, likewise  KEY_CUT_SHORT KEY_MISTYPED KEY_NEWER_VERSION KEY_NOT_COVERING
 *     ├─ opening                          WRONG_KEY TAMPERED MALFORMED NEWER_VERSION
 *     ├─ the way there                    NETWORK TIMEOUT ABORTED UNSUPPORTED
 *     └─ the server's answer              the codes of `WireErrorCode`, with `status`, `details`, `requestId`
 *
 * No message, property or inspection of an error holds a secret, a key, a password or a link.
 */
import type { WireErrorCode } from './wire-codes.ts'

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

export type ErrorCode = LocalErrorCode | WireErrorCode

export interface ErrorContext {
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

export class HalfkeyError extends Error {
  override readonly name = 'HalfkeyError'
  readonly code: ErrorCode
  readonly status: number | undefined
  readonly details: Record<string, unknown> | undefined
  readonly requestId: string | undefined

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    // Takes `cause`, if there is one.
    super(message, context)
    this.code = code
    this.status = context.status
    this.details = context.details
    this.requestId = context.requestId
  }
}

/** @throws HalfkeyError VALIDATION_ERROR whose `details` are the problems, if there are any. */
export function throwIfInvalid(problems: Problems): void {
  const names = Object.keys(problems)
  if (names.length === 0) return
  const sentences = names.map((name) => `${name} ${problems[name]?.join(' and ') ?? ''}`)
  throw new HalfkeyError('VALIDATION_ERROR', `${sentences.join('; ')}.`, { details: problems })
}
