import { concat, fromJson, isObject, toJson, u64be, utf8, type Bytes } from './encoding.ts'
import { openEnvelope, sealEnvelopeWith } from './envelope.ts'
import { HalfkeyError } from '../errors.ts'
import { IV_LENGTH, openMetaBox, resealMetaBox, sealBox, sealBoxWith, type Slot } from './gcm.ts'
import { contentIkm, hkdf, KEY_LENGTH } from './keys.ts'
import { random } from '../provider.ts'
import type { WireEnvelope } from '../wire.ts'

/** One version of one named secret (spec/protocol.md section 8). */
export interface VersionParts {
  /** E(handler) of the tree of keys (`deriveKey`), 32 bytes. */
  entryKey: Bytes
  /** Segments `[a-z0-9][a-z0-9._-]*` joined by `/`, at most 128 characters. */
  handler: string
  /** 1 … 2^53−1. */
  version: number
}

export interface KmsMeta {
  name?: string | undefined
  properties?: Record<string, unknown> | undefined
}

/**
 * Seals one version under a new `keyA` (32 bytes), which is for the server alone.
 *
 * @throws HalfkeyError VALIDATION_ERROR for a wrong handler or version.
 */
export async function sealVersion(
  entry: VersionParts & { content: Uint8Array },
): Promise<{ keyA: Bytes; envelope: WireEnvelope }> {
  const [keyA, salt, iv] = await Promise.all([random(KEY_LENGTH), random(KEY_LENGTH), random(IV_LENGTH)])
  return { keyA, envelope: await sealVersionWith({ ...entry, keyA, salt, iv }) }
}

/** `sealVersion` with its random parts given: for test vectors only. */
export async function sealVersionWith(
  parts: VersionParts & { content: Uint8Array; keyA: Bytes; salt: Bytes; iv: Bytes },
): Promise<WireEnvelope> {
  const { keyA, salt, iv, content } = parts
  const ikm = contentIkm(keyA, await deriveVersionKey(parts))
  return sealEnvelopeWith({ ikm, aad: versionLabel(parts), plaintext: content, salt, iv })
}

/** @throws HalfkeyError VALIDATION_ERROR, NEWER_VERSION, MALFORMED, WRONG_KEY or TAMPERED. */
export async function openVersion(parts: VersionParts & { keyA: Bytes; envelope: unknown }): Promise<Bytes> {
  const ikm = contentIkm(parts.keyA, await deriveVersionKey(parts))
  const wrongKey = 'Wrong key, or the server passed off another entry or version.'
  return openEnvelope(ikm, versionLabel(parts), parts.envelope, wrongKey)
}

/** The `keyB` of one version, 32 bytes: no link carries it. */
export async function deriveVersionKey({ entryKey, version }: Omit<VersionParts, 'handler'>): Promise<Bytes> {
  checkVersion(version)
  const derive = await hkdf(entryKey)
  return derive('', concat([utf8('halfkey/v1 kms version\0'), u64be(version)]))
}

function versionLabel({ handler, version }: Omit<VersionParts, 'entryKey'>): Bytes {
  checkHandler(handler)
  checkVersion(version)
  return concat([utf8(`halfkey/v1 kms\0${handler}\0`), u64be(version)])
}

/** Seals an entry's name and properties, which all its versions share. */
export async function sealKmsMeta(entryKey: Bytes, handler: string, meta: KmsMeta): Promise<string> {
  return sealBox(...(await slotOf(entryKey, handler)), toJson(meta))
}

/** `sealKmsMeta` with its random part given: for test vectors only. `json` is UTF-8. */
export async function sealKmsMetaWith(iv: Bytes, entryKey: Bytes, handler: string, json: Bytes): Promise<string> {
  return sealBoxWith(iv, ...(await slotOf(entryKey, handler)), json)
}

/** Unknown members are dropped. @throws HalfkeyError VALIDATION_ERROR, MALFORMED or WRONG_KEY. */
export async function openKmsMeta(entryKey: Bytes, handler: string, meta: string): Promise<KmsMeta> {
  const { name, properties } = fromJson(await openMetaBox(await slotOf(entryKey, handler), meta))
  if ((name !== undefined && typeof name !== 'string') || (properties !== undefined && !isObject(properties))) {
    throw new HalfkeyError('MALFORMED', 'The metadata decrypts, but its format is invalid.')
  }
  return { ...(name !== undefined && { name }), ...(properties && { properties }) }
}

/** The same metadata, members of later versions included, under another key. @throws HalfkeyError WRONG_KEY. */
export async function resealKmsMeta(from: Bytes, to: Bytes, handler: string, meta: string): Promise<string> {
  return resealMetaBox(await slotOf(from, handler), await slotOf(to, handler), meta)
}

async function slotOf(entryKey: Bytes, handler: string): Promise<Slot> {
  checkHandler(handler)
  const derive = await hkdf(entryKey)
  return [await derive('', 'halfkey/v1 kms meta'), `halfkey/v1 kms meta\0${handler}`]
}

export function isHandler(text: string): boolean {
  const segment = '[a-z0-9][a-z0-9._-]*'
  return text.length <= 128 && new RegExp(`^${segment}(/${segment})*$`).test(text)
}

/** What names an entry. */
export const HANDLER = [
  (value: unknown): boolean => typeof value === 'string' && isHandler(value),
  'must be segments of a-z, 0-9, ".", "_" and "-" joined by "/", at most 128 characters',
] as const

/** @throws HalfkeyError VALIDATION_ERROR, with `details.handler`. */
export function checkHandler(handler: string): void {
  const [test, problem] = HANDLER
  if (!test(handler)) {
    throw new HalfkeyError('VALIDATION_ERROR', `The handler ${problem}.`, { details: { handler: [problem] } })
  }
}

/** @throws HalfkeyError VALIDATION_ERROR, with `details.version`. */
export function checkVersion(version: number): void {
  if (!Number.isSafeInteger(version) || version < 1) {
    const problem = 'must be an integer from 1 to 2^53-1'
    throw new HalfkeyError('VALIDATION_ERROR', `The version ${problem}.`, { details: { version: [problem] } })
  }
}
