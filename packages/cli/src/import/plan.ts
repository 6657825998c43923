/** Plans an import: everything is checked before anything is sent. */
import type { Halfkey } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'
import { HANDLER } from '@halfkey/sdk/parts'
import { isRefused, type Item, type Refused } from './item.ts'

/** A named secret to store. */
export interface Planned {
  line: number
  handler: string
  value: Buffer
  /** Used for new entries only. */
  name: string | undefined
}

/** Compared with what is stored already. */
export interface Step extends Planned {
  action: 'create' | 'update' | 'keep'
  /** The newest stored version; 0: none. */
  version: number
}

const MAX_VALUE_BYTES = 2 ** 20

/** Turns a file's items into handlers and values. `refused` is sorted by line. */
export function plan(items: Item[], prefix: string): { planned: Planned[]; refused: Refused[] } {
  const refused = items.filter(isRefused)
  const planned: Planned[] = []
  const lines = new Map<string, number>()
  const refusedLines = new Set(refused.map(({ line }) => line))
  for (const item of items) {
    if (isRefused(item)) continue
    const { line, key, value } = item
    const path = key.replace(/^\/+/, '').toLowerCase()
    const entry = { line, handler: prefix + path, value: Buffer.from(value), name: item.name ?? nameOf(key, path) }
    const problem = problemOf(entry, value, lines.get(entry.handler))
    if (!lines.has(entry.handler)) lines.set(entry.handler, line)
    if (problem === null) planned.push(entry)
    else if (!refusedLines.has(line)) refused.push({ line, key, problem })
  }
  return { planned, refused: refused.sort((one, other) => one.line - other.line) }
}

/** The original spelling, which the lowercase handler loses. */
const nameOf = (key: string, path: string): string | undefined => (key === path ? undefined : key)

function problemOf({ handler, value }: Planned, text: string, sameAs: number | undefined): string | null {
  const [isHandler, rule] = HANDLER
  if (!isHandler(handler)) return `would become the handler ${JSON.stringify(handler)}, which ${rule}`
  if (sameAs !== undefined) return `becomes the handler ${handler}, like line ${sameAs}`
  if (value.length > MAX_VALUE_BYTES) return 'has a value larger than 1 MiB'
  if (/\p{Surrogate}/u.test(text)) return "has a value that isn't valid Unicode"
  return null
}

const MAX_CONCURRENT = 8

/** Compares the plan with what is stored, revealing the values it would replace. `refused`: what can't be compared. */
export async function compare(
  client: Halfkey,
  planned: Planned[],
  call: { signal?: AbortSignal },
): Promise<{ steps: Step[]; refused: Refused[] }> {
  const steps: Step[] = []
  const refused: Refused[] = []
  for (let at = 0; at < planned.length; at += MAX_CONCURRENT) {
    const some = planned.slice(at, at + MAX_CONCURRENT)
    for (const step of await Promise.all(some.map((entry) => compareOne(client, entry, call))))
      if ('problem' in step) refused.push(step)
      else steps.push(step)
  }
  return { steps, refused }
}

async function compareOne(client: Halfkey, entry: Planned, call: { signal?: AbortSignal }): Promise<Step | Refused> {
  const { handler, line, value } = entry
  try {
    const { version, destroyedAt, expiresAt } = await client.kms.get(handler, call)
    const gone = destroyedAt !== null || (expiresAt !== null && expiresAt.getTime() <= Date.now())
    if (gone) return { ...entry, action: 'update', version }
    const revealed = await client.kms.reveal(handler, { version, ...call })
    return { ...entry, action: value.equals(revealed.bytes) ? 'keep' : 'update', version }
  } catch (error) {
    const code = error instanceof HalfkeyError ? error.code : undefined
    if (code === 'NOT_FOUND') return { ...entry, action: 'create', version: 0 }
    if (code !== 'PERMISSION_DENIED') throw error
    return {
      line,
      key: handler,
      problem: `becomes ${handler}, which exists, but this token or address may not read and reveal it for comparison`,
    }
  }
}
