/** The tree of keys of named secrets, and how those below W are passed as text (spec/protocol.md section 8). */
import { b64, concat, unb58, unb64, utf8, type Bytes } from './encoding.ts'
import { HalfkeyError, throwIfInvalid } from '../errors.ts'
import { hkdf, KEY_LENGTH, sha256, type WorkspaceKey } from './keys.ts'
import { isHandler } from './kms.ts'
import { workspaceCheck } from './owner.ts'

/** A key of the tree. What it opens is below it: nothing beside or above can be derived from it. */
export interface KmsKey {
  /** Empty for W; `PATH/` for a folder key, which opens the entry PATH and all below; `PATH` for an entry key. */
  name: string
  /** 32 bytes; W may be a CryptoKey. */
  key: WorkspaceKey
  /** b64 of the check value of the workspace that it belongs to. */
  check: string
}

const VERSION = '1'
const SUM_LENGTH = 4
const TEXT_LENGTH = 2 * KEY_LENGTH + SUM_LENGTH
/** The version, and the b64 of `TEXT_LENGTH` bytes. */
const TEXT_CHARS = VERSION.length + Math.ceil((TEXT_LENGTH * 4) / 3)

/** W as the root of the tree. */
export async function rootKey(workspaceKey: WorkspaceKey): Promise<KmsKey> {
  return { name: '', key: workspaceKey, check: b64(await workspaceCheck(workspaceKey)) }
}

/** Whether a text names a key below W: a handler for an entry key, a handler and `/` for a folder key. */
export const isKeyName = (name: string): boolean => isHandler(pathOf(name))

/** Whether the key named `name` can be derived from this one. */
export function covers(key: KmsKey, name: string): boolean {
  return key.name === '' || key.name === name || (isFolder(key.name) && `${name}/`.startsWith(key.name))
}

/**
 * The key named `name`, derived from one that covers it. 32 bytes.
 *
 * @throws HalfkeyError KEY_NOT_COVERING
 */
export async function deriveKey(from: KmsKey, name: string): Promise<Bytes> {
  if (!covers(from, name)) throw notCovering(name)
  if (from.name === name) return from.key as Bytes
  let key = from.name === '' ? await expand(from.key, 'halfkey/v1 kms') : (from.key as Bytes)
  const depth = from.name.split('/').length - 1
  for (const segment of pathOf(name).split('/').slice(depth)) {
    key = await expand(key, `halfkey/v1 kms segment\0${segment}`)
  }
  return isFolder(name) ? key : expand(key, 'halfkey/v1 kms entry')
}

/**
 * The key named `name` as text, `NAME:1` and 91 characters, derived from one that covers it.
 *
 * @throws HalfkeyError VALIDATION_ERROR for what names no key, with `details.name`; KEY_NOT_COVERING.
 */
export async function formatKey(from: KmsKey, name: string): Promise<string> {
  if (!isKeyName(name)) throwIfInvalid({ name: ['must be a handler, or a handler and "/" for its folder'] })
  const value = concat([await deriveKey(from, name), unb64(from.check, KEY_LENGTH)])
  return `${name}:${VERSION}${b64(concat([value, await checksum(name, value)]))}`
}

/**
 * Reads the text of one key below W.
 *
 * @throws HalfkeyError in this order MALFORMED, KEY_NEWER_VERSION, KEY_CUT_SHORT, MALFORMED, KEY_MISTYPED; no message
 *   has anything of the key.
 */
export async function parseKey(text: string): Promise<KmsKey> {
  const [, name = '', rest = ''] = /^([^:]*):(.*)$/s.exec(text) ?? []
  if (!isKeyName(name)) throw malformedKey()
  const [version = '', ...digits] = rest
  if (version !== VERSION && unb58(version, 1, 1)) {
    throw new HalfkeyError('KEY_NEWER_VERSION', `The key ${name} is of a newer version: update this program.`)
  }
  if (VERSION.length + digits.length < TEXT_CHARS) {
    throw new HalfkeyError('KEY_CUT_SHORT', `The key ${name} was cut short. Copy all of it again.`)
  }
  if (version !== VERSION) throw malformedKey()
  const bytes = readDigits(digits.join(''))
  const value = bytes.slice(0, -SUM_LENGTH)
  if (b64(await checksum(name, value)) !== b64(bytes.subarray(-SUM_LENGTH))) {
    throw new HalfkeyError('KEY_MISTYPED', `The key ${name} was mistyped or changed on its way. Copy it again.`)
  }
  return { name, key: value.slice(0, KEY_LENGTH), check: b64(value.subarray(KEY_LENGTH)) }
}

/** That none of a client's keys opens what it was asked for. */
export function notCovering(name: string): HalfkeyError {
  return new HalfkeyError(
    'KEY_NOT_COVERING',
    `The given keys don't open ${name}. Nothing was sent. Use its entry key, the key of a folder above it, or the workspace key.`,
  )
}

function readDigits(digits: string): Bytes {
  try {
    return unb64(digits, TEXT_LENGTH)
  } catch {
    throw malformedKey()
  }
}

function malformedKey(): HalfkeyError {
  return new HalfkeyError(
    'MALFORMED',
    `A folder or entry key is malformed. It must be the folder or handler, ":1" and ${TEXT_CHARS - 1} characters of base64url.`,
  )
}

/** `value`: the key and the workspace's check value, 32 bytes each. */
async function checksum(name: string, value: Bytes): Promise<Bytes> {
  const sum = await sha256(concat([utf8(`halfkey/v1 named key\0${name}\0`), value]))
  return sum.slice(0, SUM_LENGTH)
}

async function expand(key: WorkspaceKey, info: string): Promise<Bytes> {
  const derive = await hkdf(key)
  return derive('', info)
}

const isFolder = (name: string): boolean => name.endsWith('/')
const pathOf = (name: string): string => (isFolder(name) ? name.slice(0, -1) : name)
