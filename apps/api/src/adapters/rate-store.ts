/** Redis or PostgreSQL as the shared storage for rate limits. */
import type { IRateLimiterStoreOptions, RateLimiterAbstract } from 'rate-limiter-flexible'
import { RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible'
import { StartRefused } from '../start-refused.ts'

export interface RateStore {
  createLimiter(options: Omit<IRateLimiterStoreOptions, 'storeClient'>): RateLimiterAbstract
  close(): Promise<void>
}

/** Short, because requests wait for their count. */
const timeoutMs = 500

/** The table that rate-limiter-flexible expects, but UNLOGGED: counts don't need to survive a crash or wait for the disk. */
const tableName = 'halfkey_rate_limits'
const createTable = `CREATE UNLOGGED TABLE IF NOT EXISTS ${tableName} (
  key varchar(255) PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint)`
/** Errors if two servers create the table at the same time: unique_violation, duplicate_table, duplicate_object. */
const createdConcurrently = ['23505', '42P07', '42710']

/** The command that fails because of them reports them. */
const ignore = (): void => undefined

async function openRedis(url: string): Promise<RateStore> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  })
  let reason: Error | undefined
  client.on('error', (error: Error) => (reason = error))
  try {
    await client.connect()
    await client.ping()
  } catch (error) {
    client.disconnect()
    throw reason ?? error
  }
  return {
    createLimiter: (options) => new RateLimiterRedis({ ...options, storeClient: client, rejectIfRedisNotReady: true }),
    close: () => Promise.resolve(client.disconnect()),
  }
}

async function openPostgres(url: string): Promise<RateStore> {
  const { Pool } = await import('pg')
  const pool = new Pool({ connectionString: url, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs })
  pool.on('error', ignore)
  try {
    await pool.query(createTable).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && createdConcurrently.includes(String(error.code)))) throw error
    })
  } catch (error) {
    await pool.end()
    throw error
  }
  return {
    createLimiter: (options) =>
      new RateLimiterPostgres({ ...options, storeClient: pool, tableName, tableCreated: true }),
    close: () => pool.end(),
  }
}

/** Describes any error. Node's AggregateError (several failed connections) has only a code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ('code' in error ? String(error.code) : error.name)
}

/**
 * Connects, and creates PostgreSQL's table if it is missing.
 *
 * @throws StartRefused if the database can't be reached, because a wrong address would otherwise weaken the limits unnoticed
 */
export async function openRateStore(url: string): Promise<RateStore> {
  try {
    return await (/^redis/.test(url) ? openRedis(url) : openPostgres(url))
  } catch (error) {
    throw new StartRefused(`HALFKEY_RATE_LIMIT_URL: can't use the database: ${reasonOf(error)}`)
  }
}
