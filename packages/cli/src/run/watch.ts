/** Notices when a secret gets a new version. */
import type { Halfkey } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'
import { explain } from '../failure.ts'
import type { Io } from '../io.ts'
import type { Child } from './child.ts'
import { isAway, newestVersions } from './fetch.ts'
import { tell } from './tell.ts'

export interface Watching<T> {
  client: Halfkey
  /** Handler → version that the program has. */
  versions: Map<string, number>
  everyMs: number
  /** What the program is to get after a change. A failure is said, and the program goes on with what it has. */
  prepare: (call: { signal: AbortSignal }) => Promise<T>
}

/** @throws HalfkeyError PERMISSION_DENIED at once, not once the program runs, if the token may not read versions */
export async function checkMayWatch(
  client: Halfkey,
  handlers: string[],
  call: { signal?: AbortSignal },
): Promise<void> {
  try {
    await newestVersions(client, handlers, call)
  } catch (error) {
    if (isAway(error)) return
    if (!(error instanceof HalfkeyError) || error.code !== 'PERMISSION_DENIED') throw error
    throw new HalfkeyError('PERMISSION_DENIED', '--watch needs a token with the scope kms:read.', { cause: error })
  }
}

/** What was prepared after a change; undefined when the program has ended. */
export async function watch<T>(watching: Watching<T>, child: Child, io: Io): Promise<T | undefined> {
  const { client, versions, everyMs, prepare } = watching
  const over = new AbortController()
  const ended = child.ended.then(
    () => over.abort(),
    () => over.abort(),
  )
  const { signal } = over
  const isOver = (): boolean => signal.aborted
  for (let said = ''; ;) {
    await pause(everyMs, ended)
    if (isOver()) return undefined
    try {
      const newest = await newestVersions(client, [...versions.keys()], { signal })
      if ([...newest].some(([handler, version]) => version !== versions.get(handler))) return await prepare({ signal })
      said = ''
    } catch (error) {
      if (isOver()) return undefined
      const { message } = explain(error, false)
      if (message !== said) await tell(io, `--watch: ${message} The program goes on with what it has.`)
      said = message
    }
  }
}

async function pause(ms: number, ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, ms)))])
  clearTimeout(timer)
}
