import type { Halfkey } from '@halfkey/sdk'

/** Handler → what the program gets. */
export type Fetched = Map<string, { version: number; value: Buffer }>

interface Call {
  signal?: AbortSignal
}

export async function fetchSecrets(client: Halfkey, handlers: string[], call: Call): Promise<Fetched> {
  const found = await Promise.all(
    handlers.map(async (handler) => {
      const { version, bytes } = await client.kms.reveal(handler, call)
      return [handler, { version, value: Buffer.from(bytes) }] as const
    }),
  )
  return new Map(found)
}

export async function newestVersions(client: Halfkey, handlers: string[], call: Call): Promise<Map<string, number>> {
  const found = await Promise.all(
    handlers.map(async (handler) => [handler, (await client.kms.get(handler, call)).version] as const),
  )
  return new Map(found)
}
