/** What a call brings, for whatever it asks. */
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

/** What the path names before `.json`; empty if it names nothing. */
export function nameIn({ c }: Call, parameter: 'id' | 'handler'): string {
  return c.req.param(parameter)?.replace(/\.json$/, '') ?? ''
}
