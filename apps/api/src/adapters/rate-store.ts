/** Redis or PostgreSQL as the place where several servers count requests together. */
import type { IRateLimiterStoreOptions, RateLimiterAbstract } from 'rate-limiter-flexible'
import { RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible'
import { StartRefused } from '../start-refused.ts'

export interface RateStore {
  createLimiter(options: Omit<IRateLimiterStoreOptions, 'storeClient'>): RateLimiterAbstract
  close(): Promise<void>
}

/** Counting must not hold up what is counted. */
const patienceMs = 500

/** As rate-limiter-flexible wants it, but unlogged: counts needn't survive a crash, and so needn't wait for a disk. */
const tableName = 'halfkey_rate_limits'
const createTable = `CREATE UNLOGGED TABLE IF NOT EXISTS ${tableName} (
  key varchar(255) PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint)`
/** What a server gets that makes the table in the same moment as another: unique_violation, duplicate_table, duplicate_object. */
const madeMeanwhile = ['23505', '42P07', '42710']

/** Reported by the command that fails because of them. */
const ignore = (): void => undefined

async function openRedis(url: string): Promise<RateStore> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: patienceMs,
    commandTimeout: patienceMs,
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
  const pool = new Pool({ connectionString: url, connectionTimeoutMillis: patienceMs, query_timeout: patienceMs })
  pool.on('error', ignore)
  try {
    await pool.query(createTable).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && madeMeanwhile.includes(String(error.code)))) throw error
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

/** Of an error, whatever threw it; several failed connections at once (Node's AggregateError) have a code alone. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ('code' in error ? String(error.code) : error.name)
}

/**
 * Connects, and makes PostgreSQL's table if it is missing.
 *
 * @throws StartRefused if the database can't be reached: a wrong address would otherwise weaken the limits unnoticed.
 */
export async function openRateStore(url: string): Promise<RateStore> {
  try {
    return await (/^redis/.test(url) ? openRedis(url) : openPostgres(url))
  } catch (error) {
    throw new StartRefused(`HALFKEY_RATE_LIMIT_URL: the database can't be used: ${reasonOf(error)}`)
  }
}
