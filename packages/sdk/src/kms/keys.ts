/** Which of a client's keys opens a named secret (spec/protocol.md section 8). */
import { isNamedKey } from '../client-options.ts'
import { throwIfInvalid } from '../errors.ts'
import type { PlatformCryptoKey } from '../platform.ts'
import type { Bytes } from '../protocol/encoding.ts'
import { openKmsMeta, type KmsMeta } from '../protocol/kms.ts'
import { covers, deriveKey, notCovering, parseKey, rootKey, type KmsKey } from '../protocol/kms-keys.ts'
import { parseWorkspaceKey } from '../protocol/owner.ts'
import type { OwnerCalls } from '../workspace/owner-calls.ts'
import { openWithAny } from '../workspace/workspace-keys.ts'

/**
 * What was given as `workspaceKey`, in this order.
 *
 * @throws HalfkeyError MALFORMED, KEY_NEWER_VERSION, KEY_CUT_SHORT or KEY_MISTYPED for a folder or entry key.
 */
export function openKeys(given: readonly (string | PlatformCryptoKey)[]): Promise<KmsKey[]> {
  return Promise.all(given.map((key) => (isNamedKey(key) ? parseKey(key) : rootKey(parseWorkspaceKey(key)))))
}

/** Those that open an entry, at least one. @throws HalfkeyError KEY_NOT_COVERING if none does. */
export function keysFor(keys: readonly KmsKey[], handler: string): [KmsKey, ...KmsKey[]] {
  const [first, ...others] = keys.filter((key) => covers(key, handler))
  if (!first) throw notCovering(handler)
  return [first, ...others]
}

/**
 * `keysFor` of the client's keys, of which there must be some.
 *
 * @param what  the call or option that needs them
 * @throws HalfkeyError VALIDATION_ERROR, with `details[what]`, if there is none.
 */
export async function needKeys(
  owner: Pick<OwnerCalls, 'kmsKeys'>,
  what: string,
  handler: string,
): Promise<[KmsKey, ...KmsKey[]]> {
  const keys = await owner.kmsKeys()
  if (keys.length === 0) throwIfInvalid({ [what]: ['needs a workspaceKey'] })
  return keysFor(keys, handler)
}

/**
 * Opens something of an entry with the first key that does.
 *
 * @param keys  that cover the entry
 * @throws HalfkeyError WRONG_KEY if none does.
 */
export function openWithAnyKey<T>(
  keys: readonly KmsKey[],
  handler: string,
  open: (entryKey: Bytes, key: KmsKey) => Promise<T>,
): Promise<T> {
  return openWithAny(keys, async (key) => open(await deriveKey(key, handler), key))
}

/** An entry's name and properties, null for none. @throws HalfkeyError WRONG_KEY if no key opens them. */
export async function openMetaWithAnyKey(
  keys: readonly KmsKey[],
  handler: string,
  meta: string | null,
): Promise<KmsMeta> {
  return meta === null ? {} : openWithAnyKey(keys, handler, (entryKey) => openKmsMeta(entryKey, handler, meta))
}
