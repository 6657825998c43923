import { fromJson, toJson, unb64, type Bytes } from './encoding.ts'
import { HalfkeyError, throwIfInvalid } from '../errors.ts'
import { openMetaBox, resealMetaBox, sealBox, sealBoxWith, type Slot } from './gcm.ts'
import { hkdf, isWorkspaceCryptoKey, type WorkspaceKey, KEY } from './keys.ts'
import type { PlatformCryptoKey } from '../platform.ts'

/** What the owner alone reads about a secret (spec/protocol.md section 7). */
export interface OwnerMeta {
  description?: string | undefined
  note?: string | undefined
  /** Names. */
  files?: string[] | undefined
  /** Of the link; only if the owner asked for a recoverable one. */
  fragment?: string | undefined
  /** Of a request: b64 of 32 bytes (section 10). */
  seed?: string | undefined
}

const LABEL = 'halfkey/v1 owner'

/** Seals metadata under the workspace key. */
export async function sealMeta(workspaceKey: WorkspaceKey, slug: string, meta: OwnerMeta): Promise<string> {
  return sealBox(...(await slotOf(workspaceKey, slug)), toJson(meta))
}

/** `sealMeta` with its random part given: for test vectors only. `json` is UTF-8. */
export async function sealMetaWith(iv: Bytes, workspaceKey: WorkspaceKey, slug: string, json: Bytes): Promise<string> {
  return sealBoxWith(iv, ...(await slotOf(workspaceKey, slug)), json)
}

/** Unknown members are dropped. @throws HalfkeyError MALFORMED, or WRONG_KEY for a wrong workspace key or a changed `meta`. */
export async function openMeta(workspaceKey: WorkspaceKey, slug: string, meta: string): Promise<OwnerMeta> {
  return readMeta(await openMetaJson(workspaceKey, slug, meta))
}

/** `openMeta` with every member, none of them checked. */
export async function openMetaJson(
  workspaceKey: WorkspaceKey,
  slug: string,
  meta: string,
): Promise<Record<string, unknown>> {
  return fromJson(await openMetaBox(await slotOf(workspaceKey, slug), meta))
}

/** The same metadata, members of later versions included, under another key. @throws HalfkeyError WRONG_KEY. */
export async function resealMeta(from: WorkspaceKey, to: WorkspaceKey, slug: string, meta: string): Promise<string> {
  return resealMetaBox(await slotOf(from, slug), await slotOf(to, slug), meta)
}

function readMeta(value: Record<string, unknown>): OwnerMeta {
  const meta: OwnerMeta = {}
  for (const name of ['description', 'note', 'fragment', 'seed'] as const) {
    const member = value[name]
    if (member === undefined) continue
    if (typeof member !== 'string') throw malformedMeta()
    meta[name] = member
  }
  const files = value['files']
  if (files !== undefined) {
    if (!isStrings(files)) throw malformedMeta()
    meta.files = files
  }
  return meta
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function malformedMeta(): HalfkeyError {
  return new HalfkeyError('MALFORMED', 'The metadata decrypts, but its format is invalid.')
}

async function slotOf(workspaceKey: WorkspaceKey, slug: string): Promise<Slot> {
  const derive = await hkdf(workspaceKey)
  return [await derive(slug, LABEL), `${LABEL}\0${slug}`]
}

/** 32 bytes by which a client recognises a wrong workspace key before it seals anything with it. */
export async function workspaceCheck(workspaceKey: WorkspaceKey): Promise<Bytes> {
  const derive = await hkdf(workspaceKey)
  return derive('', 'halfkey/v1 workspace check')
}

/**
 * A workspace key from its `b64`; one that is a key already stays what it is.
 *
 * @throws HalfkeyError VALIDATION_ERROR, with `details.workspaceKey`.
 */
export function parseWorkspaceKey(key: string): Bytes
export function parseWorkspaceKey(key: string | PlatformCryptoKey): WorkspaceKey
export function parseWorkspaceKey(key: string | PlatformCryptoKey): WorkspaceKey {
  if (isWorkspaceCryptoKey(key)) return key
  if (!KEY[0](key)) throwIfInvalid({ workspaceKey: [KEY[1]] })
  return unb64(key)
}
