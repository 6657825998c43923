/** Notices when a secret gets a new value. */
import type { Halfkey } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'
import { explain } from '../failure.ts'
import type { Io } from '../io.ts'
import type { Child } from './child.ts'
import type { Fetched } from './fetch.ts'
import { isAway, newestVersions } from './fetch.ts'
import { tell } from './tell.ts'

export interface Watching<T extends { fetched: Fetched }> {
  client: Halfkey
  /** What the program has. */
  current: T
  everyMs: number
  /** What the program would get now. A failure is said, and the program keeps what it has. */
  prepare: (call: { signal: AbortSignal }) => Promise<T>
}

const haveSameValues = (one: Fetched, other: Fetched): boolean =>
  [...one].every(([handler, { value }]) => other.get(handler)?.value.equals(value))

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

/** What was prepared after a change of a value; undefined when the program has ended. */
export async function watch<T extends { fetched: Fetched }>(
  watching: Watching<T>,
  child: Child,
  io: Io,
): Promise<T | undefined> {
  const { client, everyMs, prepare } = watching
  let { current } = watching
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
      const newest = await newestVersions(client, [...current.fetched.keys()], { signal })
      if ([...newest].some(([handler, version]) => version !== current.fetched.get(handler)?.version)) {
        const next = await prepare({ signal })
        if (!haveSameValues(current.fetched, next.fetched)) return next
        // A new version of the same value, as a rekey makes it of every secret.
        current = next
      }
      said = ''
    } catch (error) {
      if (isOver()) return undefined
      const { message } = explain(error, false)
      if (message !== said) await tell(io, `--watch: ${message} The program keeps running with the old values.`)
      said = message
    }
  }
}

async function pause(ms: number, ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, ms)))])
  clearTimeout(timer)
}
