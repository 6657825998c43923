/** The values that the program gets, from the server or, where that was asked for and it is away, from the copy. */
import type { ErrorCode, Halfkey } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'
import type { Connection } from '../context.ts'
import type { Io } from '../io.ts'
import type { OfflineCache } from './offline-cache.ts'
import { openOfflineCache } from './offline-cache.ts'
import { tell } from './tell.ts'

/** Handler → what the program gets. */
export type Fetched = Map<string, { version: number; value: Buffer }>

interface Call {
  signal?: AbortSignal
}

/** Only these mean that the server is away: one that refuses is obeyed. */
const away: ErrorCode[] = ['NETWORK', 'TIMEOUT', 'UNAVAILABLE', 'SERVER_ERROR']

export const isAway = (error: unknown): boolean => error instanceof HalfkeyError && away.includes(error.code)

/** Asks for each handler. Of several failures, a refusal counts before a server that is away. */
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
  if (failures.length > 0) throw failures.find((error) => !isAway(error)) ?? failures[0]
  return new Map(asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])))
}

function named(handler: string, error: unknown): unknown {
  if (!(error instanceof HalfkeyError) || isAway(error) || error.code === 'ABORTED') return error
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
  /** From the server; keeps the copy up to date. */
  fresh(call: Call): Promise<Fetched>
  /** The same, or the copy. */
  fetch(call: Call): Promise<Fetched>
}

/** @param copied  keep a copy, and use it when the server is away */
export function openSource(client: Halfkey, handlers: string[], copied: Connection | undefined, io: Io): Source {
  const cache = copied && openOfflineCache(copied, handlers, io)
  const fresh: Source['fresh'] = async (call) => {
    const fetched = await forEach(handlers, async (handler) => {
      const { version, bytes } = await client.kms.reveal(handler, call)
      return { version, value: Buffer.from(bytes) }
    })
    await save(cache, fetched, io)
    return fetched
  }
  return {
    fresh,
    async fetch(call) {
      try {
        return await fresh(call)
      } catch (error) {
        const kept = isAway(error) ? await load(cache, io) : undefined
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
    await tell(io, `The offline copy can't be saved: ${(error as Error).message}`)
  }
}

async function load(cache: OfflineCache | undefined, io: Io): Promise<Fetched | undefined> {
  try {
    const kept = cache?.load()
    if (kept) await tell(io, `Can't reach the server. Using the copy saved on ${kept.savedAt.toISOString()}.`)
    return kept?.secrets
  } catch (error) {
    await tell(io, `The offline copy can't be used: ${(error as Error).message}`)
    return undefined
  }
}
