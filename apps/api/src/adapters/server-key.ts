/**
 * The server key: 32 bytes in a separate file, outside the data directory and its backups, so that a stolen database and a
 * link together decrypt nothing (spec/protocol.md section 1).
 */
import type { KeyObject } from 'node:crypto'
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import type { ServerKey } from '../domain/server-key.ts'
import { StartRefused } from '../start-refused.ts'
import type { Store } from '../store/store.ts'
import { draw } from './random.ts'

const ivLength = 12
const tagLength = 16
const checkSetting = 'server_key_check'

type Settings = Pick<Store, 'readSetting' | 'writeSetting'>

/**
 * The key in the file only derives others, one for each use: `HMAC-SHA-256(key, "halfkey server " ‖ use)`. Version 0.1
 * also sealed with it: what it left is still opened, but nothing is sealed so any more.
 */
export function createServerKey(bytes: Buffer): ServerKey {
  const root = createSecretKey(bytes)
  const keys = new Map<string, KeyObject>()
  const keyOf = (use: string): KeyObject => {
    let derived = keys.get(use)
    if (!derived) {
      derived = createSecretKey(createHmac('sha256', root).update(`halfkey server ${use}`).digest())
      keys.set(use, derived)
    }
    return derived
  }
  /** No MAC has this label. */
  const sealingKey = keyOf('AES-256-GCM')

  /** Prefixes each part with its length, so that different lists of parts never have the same bytes. */
  const mac = (label: string, ...parts: (string | Buffer)[]): Buffer => {
    const lengths = parts.map((part) => Buffer.byteLength(part))
    const framed = Buffer.alloc(lengths.reduce((sum, length) => sum + 4 + length, 0))
    let at = 0
    for (const [index, part] of parts.entries()) {
      at = framed.writeUInt32BE(lengths[index] ?? 0, at)
      at += typeof part === 'string' ? framed.write(part, at) : part.copy(framed, at)
    }
    return createHmac('sha256', keyOf(label)).update(framed).digest()
  }

  const sealBox = (purpose: string, plaintext: Buffer): Buffer => {
    const iv = draw(ivLength)
    const cipher = createCipheriv('aes-256-gcm', sealingKey, iv).setAAD(Buffer.from(purpose))
    return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  }

  const unsealWith = (key: KeyObject, purpose: string, sealed: Buffer): Buffer => {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), { authTagLength: tagLength })
    decipher.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(-tagLength))
    return Buffer.concat([decipher.update(sealed.subarray(ivLength, -tagLength)), decipher.final()])
  }

  const unsealBox = (purpose: string, sealed: Buffer): Buffer => {
    try {
      return unsealWith(sealingKey, purpose, sealed)
    } catch {
      return unsealWith(root, purpose, sealed) // of version 0.1
    }
  }

  return {
    seal: sealBox,
    unseal: unsealBox,
    sealBox: (purpose, plaintext) => sealBox(`box ${purpose}`, plaintext),
    unsealBox: (purpose, sealed) => unsealBox(`box ${purpose}`, sealed),
    mac,
  }
}

const checkOf = (key: Buffer): string =>
  createHmac('sha256', key).update('halfkey server key check').digest('base64url')

/** Detects UTF-16 by its byte order mark, or by the NUL bytes of ASCII characters in UTF-16. */
const isUtf16 = ([first, second]: Buffer): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0

function readKey(file: string): Buffer | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StartRefused(`HALFKEY_SERVER_KEY_FILE: can't read ${file}: ${(error as Error).message}`)
  }
  if (isUtf16(bytes))
    throw new StartRefused(`HALFKEY_SERVER_KEY_FILE: ${file} is UTF-16 text (“Unicode” in Windows). Save it as UTF-8.`)
  // trim() also removes a byte order mark.
  const key = Buffer.from(bytes.toString('utf8').trim(), 'base64url')
  if (key.length !== 32)
    throw new StartRefused(`HALFKEY_SERVER_KEY_FILE: ${file} must contain a server key (32 bytes as base64url).`)
  return key
}

/** Creates the file atomically, so that a killed process leaves no incomplete key. Never replaces an existing one. */
function makeKey(file: string): Buffer {
  const key = randomBytes(32)
  const draft = `${file}.${process.pid}`
  try {
    const descriptor = openSync(draft, 'wx', 0o600)
    writeSync(descriptor, `${key.toString('base64url')}\n`)
    fsyncSync(descriptor)
    closeSync(descriptor)
    linkSync(draft, file)
  } catch (error) {
    throw new StartRefused(`HALFKEY_SERVER_KEY_FILE: can't create ${file}: ${(error as Error).message}`)
  } finally {
    rmSync(draft, { force: true })
  }
  return key
}

/** Reads this store's key; with `mayCreate`, creates it at first start, with mode 0600. */
export async function openServerKey(file: string, store: Settings, { mayCreate = true } = {}): Promise<ServerKey> {
  const expected = await store.readSetting(checkSetting)
  if (expected !== undefined) return createServerKey(requireServerKey(file, expected))
  if (!mayCreate) throw new StartRefused('No server has used this database yet. Start the server once first.')
  const key = readKey(file) ?? makeKey(file)
  await store.writeSetting(checkSetting, checkOf(key))
  return createServerKey(key)
}

/** The key in `file`, which must have this check value. */
export function requireServerKey(file: string, expected: string): Buffer {
  const found = readKey(file)
  const restore = 'Restore the file from its own backup: without it, no secret in this database can be opened.'
  if (!found)
    throw new StartRefused(`The server key ${file} is missing, but this database was written with one. ${restore}`)
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(checkOf(found))))
    throw new StartRefused(`The server key ${file} isn't the one this database was written with. ${restore}`)
  return found
}
