/** Putting and revealing versions of named secrets (spec/protocol.md section 8), as every call that does so needs it. */
import { b64, unb64, type Bytes } from '../protocol/encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { KEY_LENGTH } from '../protocol/keys.ts'
import { openVersion, sealKmsMeta, sealVersion, type KmsMeta } from '../protocol/kms.ts'
import { deriveKey, type KmsKey } from '../protocol/kms-keys.ts'
import { openWithAnyKey } from './keys.ts'
import { readEntry, type KmsRecord } from './records.ts'
import type { OwnerCalls } from '../workspace/owner-calls.ts'
import { integer, object, record, string } from '../transport/read.ts'
import type { WireKmsPutRequest } from '../wire.ts'

/** Everything of a named secret but its values. @throws HalfkeyError TAMPERED if the server answers with another. */
export async function readOne(
  { call }: Pick<OwnerCalls, 'call'>,
  handler: string,
  signal: AbortSignal | undefined,
): Promise<KmsRecord> {
  const { data } = await call('GET', pathOf(handler), { signal })
  return readEntryOf(handler, data)
}

export function readEntryOf(handler: string, data: unknown): KmsRecord {
  const entry = readEntry(data)
  if (entry.handler !== handler) throw new HalfkeyError('TAMPERED', 'The server answered with another named secret.')
  return entry
}

export const pathOf = (handler: string): string => `/kms/${encodeURIComponent(handler)}`

const readPut = record({ version: integer })
const readRevealed = record({ version: integer, keyA: string, envelope: object })

export interface Put {
  handler: string
  content: Bytes
  meta?: KmsMeta | undefined
  /** Fields that aren't sealed. */
  fields: Pick<WireKmsPutRequest, 'whitelist' | 'expires_in' | 'rotate_after' | 'same_value'>
  signal: AbortSignal | undefined
}

/** One attempt at one number. `keyA`, salt and iv are new, so that only a repeat of it has the same bytes. */
export async function putVersion(
  { call }: Pick<OwnerCalls, 'call'>,
  key: KmsKey,
  version: number,
  { handler, content, meta, fields, signal }: Put,
): Promise<number> {
  const entryKey = await deriveKey(key, handler)
  const { keyA, envelope } = await sealVersion({ entryKey, handler, version, content })
  const request: WireKmsPutRequest = {
    version,
    key_a: b64(keyA),
    envelope,
    ...(meta && { meta: await sealKmsMeta(entryKey, handler, meta) }),
    ...fields,
    workspace_check: key.check,
  }
  const { data } = await call('PUT', pathOf(handler), { signal, body: JSON.stringify(request) })
  return readPut(data).version
}

/** Which version the server calls the newest, if that is why it refused. */
export function newestIn(error: unknown): number | undefined {
  const { newest } = conflictOf(error)
  return Number.isSafeInteger(newest) ? (newest as number) : undefined
}

/** Which check value the workspace has, if that is why the server refused. */
export function checkIn(error: unknown): string | undefined {
  const { workspace_check: check } = conflictOf(error)
  return typeof check === 'string' ? check : undefined
}

export const isConflict = (error: unknown): error is HalfkeyError =>
  error instanceof HalfkeyError && error.code === 'CONFLICT'

const conflictOf = (error: unknown): Record<'newest' | 'workspace_check', unknown> =>
  (isConflict(error) ? error.details : undefined) ?? {}

/**
 * Reveals and opens a version, the newest unless told.
 *
 * @param keys  that cover the entry
 * @returns the content, and which of the keys opened it
 * @throws HalfkeyError WRONG_KEY if none does, or the server passed off another entry or version; TAMPERED for a version
 *   that wasn't asked for.
 */
export async function revealVersion(
  { call }: Pick<OwnerCalls, 'call'>,
  keys: readonly KmsKey[],
  handler: string,
  version: number | undefined,
  signal: AbortSignal | undefined,
): Promise<{ version: number; content: Bytes; key: KmsKey }> {
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
  return openWithAnyKey(keys, handler, async (entryKey, key) => {
    const content = await openVersion({ ...parts, entryKey })
    return { version: revealed.version, content, key }
  })
}
