/** The workspace itself: its limits, its numbers, and the check value of its key. */
import { checkOptions, SIGNAL, type CallOptions } from '../options.ts'
import { integer, record, type Reader } from '../transport/read.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { readWorkspace, type Workspace } from './records.ts'

/** `client.getStats`: a workspace's numbers. Days are UTC; weeks start on Monday. */
export interface Stats {
  /** Ever created: `activeSecrets + expiredSecrets`. */
  totalSecrets: number
  /** Not ended: `status` active, uploading or locked. */
  activeSecrets: number
  /** Ended, whatever the cause: `status` expired, viewed or burned, and records that were purged. */
  expiredSecrets: number
  /** Openings of all secrets together. */
  totalViews: number
  /** Of all that were ever created, those with a password. */
  secretsWithPassword: number
  /** Since midnight, UTC. */
  secretsCreatedToday: number
  /** Since Monday, UTC. */
  secretsCreatedThisWeek: number
  /** Since the first of the month, UTC. */
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

/** `client.getStats` */
export async function getStats({ call }: OwnerCalls, options: CallOptions): Promise<Stats> {
  checkOptions(options, { signal: SIGNAL })
  const { data } = await call('GET', '/stats', options)
  return readStats(data)
}

/** `client.getWorkspace` */
export async function getWorkspace({ call }: Pick<OwnerCalls, 'call'>, options: CallOptions): Promise<Workspace> {
  checkOptions(options, { signal: SIGNAL })
  const { data } = await call('GET', '/workspace', options)
  return readWorkspace(data)
}

/** `client.setWorkspaceCheck`, with the check value as b64. */
export async function setWorkspaceCheck({ call }: OwnerCalls, check: string, options: CallOptions): Promise<Workspace> {
  checkOptions(options, { signal: SIGNAL })
  const { data } = await call('PUT', '/workspace/check', {
    ...options,
    body: JSON.stringify({ workspace_check: check }),
  })
  return readWorkspace(data)
}
