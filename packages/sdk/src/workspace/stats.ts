/** A workspace's numbers. */
import { checkOptions, SIGNAL, type CallOptions } from '../options.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { integer, record, type Reader } from '../transport/read.ts'

/** Days are UTC, weeks start on Monday. */
export interface Stats {
  /** Ever created: `activeSecrets + expiredSecrets`. */
  totalSecrets: number
  /** Not ended: `status` active, uploading or locked. */
  activeSecrets: number
  /** Ended, whatever the cause: `status` expired, viewed or burned, and records that were purged. */
  expiredSecrets: number
  totalViews: number
  secretsWithPassword: number
  secretsCreatedToday: number
  secretsCreatedThisWeek: number
  secretsCreatedThisMonth: number
}

const readStats: Reader<Stats> = record({
  totalSecrets: integer,
  activeSecrets: integer,
  expiredSecrets: integer,
  totalViews: integer,
  secretsWithPassword: integer,
  secretsCreatedToday: integer,
  secretsCreatedThisWeek: integer,
  secretsCreatedThisMonth: integer,
})

export async function getStats({ call }: OwnerCalls, options: CallOptions): Promise<Stats> {
  checkOptions(options, { signal: SIGNAL })
  const { data } = await call('GET', '/stats', options)
  return readStats(data)
}
