/** Detects when a secret gets a new value. */
import type { Halfkey } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'
import { explain } from '../failure.ts'
import type { Io } from '../io.ts'
import type { Child } from './child.ts'
import type { Fetched } from './fetch.ts'
import { isUnreachable, newestVersions } from './fetch.ts'
import { notify } from './notify.ts'

export interface Watching<T extends { fetched: Fetched }> {
  client: Halfkey
  /** What the program was started with. */
  current: T
  everyMs: number
  /** Prepares what the program would get now. A failure is reported, and the program keeps its values. */
  prepare: (call: { signal: AbortSignal }) => Promise<T>
}

const haveSameValues = (one: Fetched, other: Fetched): boolean =>
  [...one].every(([handler, { value }]) => other.get(handler)?.value.equals(value))

/** @throws HalfkeyError PERMISSION_DENIED, before the program is started, if the token may not read versions */
export async function checkMayWatch(
  client: Halfkey,
  handlers: string[],
  call: { signal?: AbortSignal },
): Promise<void> {
  try {
    await newestVersions(client, handlers, call)
  } catch (error) {
    if (isUnreachable(error)) return
    if (!(error instanceof HalfkeyError) || error.code !== 'PERMISSION_DENIED') throw error
    throw new HalfkeyError('PERMISSION_DENIED', '--watch needs a token with the scope kms:read.', { cause: error })
  }
}

/** Resolves to what was prepared after a value changed, or to undefined when the program has ended. */
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
  for (let reported = ''; ;) {
    await pause(everyMs, ended)
    if (isOver()) return undefined
    try {
      const newest = await newestVersions(client, [...current.fetched.keys()], { signal })
      if ([...newest].some(([handler, version]) => version !== current.fetched.get(handler)?.version)) {
        const next = await prepare({ signal })
        if (!haveSameValues(current.fetched, next.fetched)) return next
        // A new version with the same value, as a rekey creates for every secret.
        current = next
      }
      reported = ''
    } catch (error) {
      if (isOver()) return undefined
      const { message } = explain(error, false)
      if (message !== reported) await notify(io, `--watch: ${message} The program keeps running with the old values.`)
      reported = message
    }
  }
}

async function pause(ms: number, ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, ms)))])
  clearTimeout(timer)
}
