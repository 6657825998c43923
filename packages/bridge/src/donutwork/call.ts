/** The context of a call. */
import type { Halfkey } from '@halfkey/sdk'
import type { Context } from 'hono'
import type { Env } from '../caller.ts'
import type { Settings } from '../settings.ts'

export interface Call {
  c: Context<Env>
  settings: Settings
  /** With the token and workspace key of the caller's account, and the caller's address. */
  client: Halfkey
  log: (problem: string) => void
}

/** The path parameter without `.json`; empty if there is none. */
export function nameIn({ c }: Call, parameter: 'id' | 'handler'): string {
  return c.req.param(parameter)?.replace(/\.json$/, '') ?? ''
}
