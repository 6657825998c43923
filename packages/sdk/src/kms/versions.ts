/** Putting and revealing versions of named secrets (spec/protocol.md section 8), as every call that does so needs it. */
import { b64, unb64, type Bytes } from '../protocol/encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { KEY_LENGTH, type WorkspaceKey } from '../protocol/keys.ts'
import { openVersion, sealKmsMeta, sealVersion, type KmsMeta } from '../protocol/kms.ts'
import { workspaceCheck } from '../protocol/owner.ts'
import type { OwnerCalls } from '../workspace/owner-calls.ts'
import { integer, object, record, string } from '../transport/read.ts'
import type { WireKmsPutRequest } from '../wire.ts'
import { openWithAny } from '../workspace/workspace-keys.ts'

export const pathOf = (handler: string): string => `/kms/${encodeURIComponent(handler)}`

const readPut = record({ version: integer })
const readRevealed = record({ version: integer, keyA: string, envelope: object })

/** Longest wait after a lost race, in milliseconds: it grows with the number of races lost. */
const LONGEST_WAIT_MS = 500

export interface Put {
  handler: string
  content: Bytes
  meta?: KmsMeta | undefined
  /** Fields that aren't sealed. */
  fields: Pick<WireKmsPutRequest, 'whitelist' | 'expires_in' | 'rotate_after' | 'same_value'>
  signal: AbortSignal | undefined
}

/** One attempt at one number. Keys, salt and iv are new, so that only a repeat of it has the same bytes. */
export async function putVersion(
  { call }: OwnerCalls,
  workspaceKey: WorkspaceKey,
  version: number,
  { handler, content, meta, fields, signal }: Put,
): Promise<number> {
  const { keyA, envelope } = await sealVersion({ workspaceKey, handler, version, content })
  const request: WireKmsPutRequest = {
    version,
    key_a: b64(keyA),
    envelope,
    ...(meta && { meta: await sealKmsMeta(workspaceKey, handler, meta) }),
    ...fields,
    workspace_check: b64(await workspaceCheck(workspaceKey)),
  }
  const { data } = await call('PUT', pathOf(handler), { signal, body: JSON.stringify(request) })
  return readPut(data).version
}

/** Puts as the newest + 1, however many others do so at the same time. `guess`: the number to try first. */
export async function putNewest(owner: OwnerCalls, put: Put, guess: number): Promise<number> {
  let workspaceKey = await owner.sealingKey('put', put.signal)
  let version = guess
  for (let lost = 0; ; lost++) {
    try {
      return await putVersion(owner, workspaceKey, version, put)
    } catch (error) {
      const newest = newestIn(error)
      if (newest !== undefined) version = newest + 1
      else if (isRekeyed(error)) workspaceKey = await keyAfterRekey(owner, workspaceKey, put.signal, error)
      else throw error
    }
    if (lost > 0) await pause(Math.random() * Math.min(LONGEST_WAIT_MS, 5 * lost))
  }
}

/** The key that the workspace has come to have meanwhile. @throws what was refused, if it is no other. */
export async function keyAfterRekey(
  { sealingKey }: OwnerCalls,
  used: WorkspaceKey,
  signal: AbortSignal | undefined,
  refusal: unknown,
): Promise<WorkspaceKey> {
  const key = await sealingKey('put', signal, true)
  if (key === used) throw refusal
  return key
}

/** Which version the server calls the newest, if that is why it refused. */
export function newestIn(error: unknown): number | undefined {
  const newest = conflictOf(error)['newest']
  return Number.isSafeInteger(newest) ? (newest as number) : undefined
}

export const isRekeyed = (error: unknown): boolean => typeof conflictOf(error)['workspace_check'] === 'string'

function conflictOf(error: unknown): Record<string, unknown> {
  return error instanceof HalfkeyError && error.code === 'CONFLICT' ? (error.details ?? {}) : {}
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Reveals and opens a version, the newest unless told.
 *
 * @returns the content, and which of `workspaceKeys` opened it
 * @throws HalfkeyError WRONG_KEY if none does, or the server passed off another entry or version; TAMPERED for a version
 *   that wasn't asked for.
 */
export async function revealVersion(
  { call, workspaceKeys }: OwnerCalls,
  handler: string,
  version: number | undefined,
  signal: AbortSignal | undefined,
): Promise<{ version: number; content: Bytes; workspaceKey: WorkspaceKey }> {
  const { data } = await call('POST', `${pathOf(handler)}/reveal`, { signal, body: JSON.stringify({ version }) })
  const revealed = readRevealed(data)
  if (version !== undefined && revealed.version !== version)
    throw new HalfkeyError('TAMPERED', 'The server answered with another version.')
  const parts = {
    handler,
    version: revealed.version,
    keyA: unb64(revealed.keyA, KEY_LENGTH),
    envelope: revealed.envelope,
  }
  return openWithAny(workspaceKeys, async (workspaceKey) => {
    const content = await openVersion({ ...parts, workspaceKey })
    return { version: revealed.version, content, workspaceKey }
  })
}
