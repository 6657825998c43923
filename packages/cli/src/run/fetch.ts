/** Fetches the program's values from the server or, with --offline-cache, from the saved copy if it can't be reached. */
import type { ErrorCode, Halfkey } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'
import type { Connection } from '../context.ts'
import type { Io } from '../io.ts'
import type { OfflineCache } from './offline-cache.ts'
import { openOfflineCache } from './offline-cache.ts'
import { notify } from './notify.ts'

/** By handler. */
export type Fetched = Map<string, { version: number; value: Buffer }>

interface Call {
  signal?: AbortSignal
}

/** Only these errors mean that the server can't be reached. A refusal is respected: the copy isn't used. */
const unreachable: ErrorCode[] = ['NETWORK', 'TIMEOUT', 'UNAVAILABLE', 'SERVER_ERROR']

export const isUnreachable = (error: unknown): boolean =>
  error instanceof HalfkeyError && unreachable.includes(error.code)

/** Calls `ask` for each handler. If several fail, a refusal takes precedence over an unreachable server. */
async function forEach<T>(handlers: string[], ask: (handler: string) => Promise<T>): Promise<Map<string, T>> {
  const asked = await Promise.allSettled(
    handlers.map(async (handler) => {
      try {
        return [handler, await ask(handler)] as const
      } catch (error) {
        throw named(handler, error)
      }
    }),
  )
  const failures = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
  if (failures.length > 0) throw failures.find((error) => !isUnreachable(error)) ?? failures[0]
  return new Map(asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])))
}

function named(handler: string, error: unknown): unknown {
  if (!(error instanceof HalfkeyError) || isUnreachable(error) || error.code === 'ABORTED') return error
  const { code, message, status, details, requestId } = error
  return new HalfkeyError(code, `${handler}: ${message}`, {
    cause: error,
    ...(status !== undefined && { status }),
    ...(details && { details }),
    ...(requestId !== undefined && { requestId }),
  })
}

export const newestVersions = (client: Halfkey, handlers: string[], call: Call): Promise<Map<string, number>> =>
  forEach(handlers, async (handler) => (await client.kms.get(handler, call)).version)

export interface Source {
  /** Fetches from the server, and updates the copy. */
  refresh(call: Call): Promise<Fetched>
  /** Like `refresh`, but falls back to the copy if the server can't be reached. */
  fetch(call: Call): Promise<Fetched>
}

/** @param copied  keep a copy, and use it if the server can't be reached */
export function openSource(client: Halfkey, handlers: string[], copied: Connection | undefined, io: Io): Source {
  const cache = copied && openOfflineCache(copied, handlers, io)
  const refresh: Source['refresh'] = async (call) => {
    const fetched = await forEach(handlers, async (handler) => {
      const { version, bytes } = await client.kms.reveal(handler, call)
      return { version, value: Buffer.from(bytes) }
    })
    await save(cache, fetched, io)
    return fetched
  }
  return {
    refresh,
    async fetch(call) {
      try {
        return await refresh(call)
      } catch (error) {
        const kept = isUnreachable(error) ? await load(cache, io) : undefined
        if (!kept) throw error
        return kept
      }
    },
  }
}

async function save(cache: OfflineCache | undefined, fetched: Fetched, io: Io): Promise<void> {
  try {
    cache?.save(fetched)
  } catch (error) {
    await notify(io, `Can't save the offline copy: ${(error as Error).message}`)
  }
}

async function load(cache: OfflineCache | undefined, io: Io): Promise<Fetched | undefined> {
  try {
    const kept = cache?.load()
    if (kept) await notify(io, `Can't reach the server. Using the copy saved on ${kept.savedAt.toISOString()}.`)
    return kept?.secrets
  } catch (error) {
    await notify(io, `Can't use the offline copy: ${(error as Error).message}`)
    return undefined
  }
}
