/**
 * The server key: 32 bytes in a file of its own, outside the data directory and its backups, so that a stolen
 * database plus a link opens nothing (spec/protocol.md section 1).
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
import { draw } from './random.ts'
import type { Store } from '../store/store.ts'

const ivLength = 12
const tagLength = 16
const checkSetting = 'server_key_check'

/** A start that must not go on; its message is shown to the operator as it is. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}

export interface ServerKey {
  /** `iv ‖ GCM(serverKey, iv, slug, keyA)`, AES-256-GCM with 12 random iv bytes (NIST SP 800-38D). */
  seal(slug: string, keyA: Buffer): Buffer
  /** Throws if it was sealed under another key or for another slug. */
  unseal(slug: string, sealed: Buffer): Buffer
  /** `keyA`'s way of sealing for anything else; `purpose` is the aad, so that no box can stand in for another. */
  sealBox(purpose: string, plaintext: Buffer): Buffer
  unsealBox(purpose: string, sealed: Buffer): Buffer
  /** HMAC-SHA-256 under a key of its own for each label, 32 bytes. */
  readonly mac: (label: string, ...parts: (string | Buffer)[]) => Buffer
}

export function createServerKey(bytes: Buffer): ServerKey {
  const key = createSecretKey(bytes)
  const hmac = (label: string): Buffer => createHmac('sha256', key).update(label).digest()
  const keys = new Map<string, KeyObject>()
  const keyOf = (label: string): KeyObject => {
    let derived = keys.get(label)
    if (!derived) keys.set(label, (derived = createSecretKey(hmac(`halfkey server ${label}`))))
    return derived
  }

  /** Each part with its length before it, so that no two lists of parts are the same bytes. */
  const mac = (label: string, ...parts: (string | Buffer)[]): Buffer => {
    const digest = createHmac('sha256', keyOf(label))
    for (const part of parts) {
      const bytes = Buffer.from(part)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      digest.update(length).update(bytes)
    }
    return digest.digest()
  }

  const sealBox = (purpose: string, plaintext: Buffer): Buffer => {
    const iv = draw(ivLength)
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(purpose))
    return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  }

  const unsealBox = (purpose: string, sealed: Buffer): Buffer => {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), { authTagLength: tagLength })
    decipher.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(-tagLength))
    return Buffer.concat([decipher.update(sealed.subarray(ivLength, -tagLength)), decipher.final()])
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

/** By its byte order mark, or by the NUL that every ASCII character has in UTF-16. */
const isUtf16 = ([first, second]: Buffer): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0

function readKey(file: string): Buffer | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StartRefused(`HALFKEY_SERVER_KEY_FILE: ${file} can't be read: ${(error as Error).message}`)
  }
  if (isUtf16(bytes))
    throw new StartRefused(`HALFKEY_SERVER_KEY_FILE: ${file} is UTF-16 text (“Unicode” in Windows). Save it as UTF-8.`)
  // trim() takes a byte order mark away, too.
  const key = Buffer.from(bytes.toString('utf8').trim(), 'base64url')
  if (key.length !== 32)
    throw new StartRefused(`HALFKEY_SERVER_KEY_FILE: ${file} doesn't hold a server key (32 bytes as base64url).`)
  return key
}

/** Under its name only once it is whole: a start that is killed leaves no empty key behind, and never replaces one. */
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
    throw new StartRefused(`HALFKEY_SERVER_KEY_FILE: ${file} can't be made: ${(error as Error).message}`)
  } finally {
    rmSync(draft, { force: true })
  }
  return key
}

/** Reads the key that this store's secrets are sealed under; if it may, makes it at first start, mode 0600. */
export async function openServerKey(file: string, store: Store, { mayCreate = true } = {}): Promise<ServerKey> {
  const expected = await store.readSetting(checkSetting)
  if (expected !== undefined) return createServerKey(requireServerKey(file, expected))
  if (!mayCreate) throw new StartRefused('No server has used this database yet: start the server once.')
  const key = readKey(file) ?? makeKey(file)
  await store.writeSetting(checkSetting, checkOf(key))
  return createServerKey(key)
}

/** The key in `file`, if it is the one with this check value. */
export function requireServerKey(file: string, expected: string): Buffer {
  const found = readKey(file)
  const restore = 'Put the file back from its own backup: without it no secret in this database can be revealed.'
  if (!found)
    throw new StartRefused(`The server key ${file} is gone, but this database was written with one. ${restore}`)
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(checkOf(found))))
    throw new StartRefused(`The server key ${file} isn't the one that this database was written with. ${restore}`)
  return found
}
