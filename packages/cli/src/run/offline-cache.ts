/**
 * A copy of the values for when the server can't be reached, encrypted with the workspace key W, or the text of a folder or
 * entry key: AES-256-GCM (NIST SP 800-38D) with 12 random bytes as iv, key = HKDF-SHA-256(W or text, "", "halfkey cli
 * offline copy") (RFC 5869), additional data = the file's name, which is the hash of the server's address and the handlers.
 * A file is iv ‖ ciphertext ‖ tag, mode 0600,
 * in `halfkey/offline` under XDG_STATE_HOME.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Connection } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { stateFolder } from '../io.ts'
import { replaceFile } from '../write-file.ts'
import type { Fetched } from './fetch.ts'

const ivLength = 12
const tagLength = 16

export interface OfflineCache {
  save(secrets: Fetched): void
  /**
   * undefined: there is no copy.
   *
   * @throws Error if none of the workspace keys decrypts it
   */
  load(): { secrets: Fetched; savedAt: Date } | undefined
}

interface Copy {
  savedAt: number
  secrets: [handler: string, version: number, value: string][]
}

function keyOf(workspaceKey: string): Buffer {
  const ikm = Buffer.from(workspaceKey, workspaceKey.includes(':') ? 'utf8' : 'base64url')
  return Buffer.from(hkdfSync('sha256', ikm, '', 'halfkey cli offline copy', 32))
}

export function openOfflineCache(connection: Connection, handlers: string[], io: Io): OfflineCache {
  const { url, workspaceKey, formerWorkspaceKeys } = connection
  if (workspaceKey === undefined)
    throw new UsageError(
      '--offline-cache needs the workspace key to encrypt the copy. Set HALFKEY_WORKSPACE_KEY, or run halfkey login.',
    )
  const keys = [workspaceKey, ...formerWorkspaceKeys].map(keyOf)
  const scope = JSON.stringify([url.replace(/(?<!\/)\/+$/, ''), ...[...handlers].sort()])
  const name = createHash('sha256').update(scope).digest('hex')
  const file = path.join(stateFolder(io, 'offline'), name)
  return {
    save(secrets) {
      const copy: Copy = {
        savedAt: Date.now(),
        secrets: [...secrets].map(([handler, { version, value }]) => [handler, version, value.toString('base64')]),
      }
      replaceFile(file, seal(keys, name, JSON.stringify(copy)))
    },

    load() {
      const sealed = readIfThere(file)
      if (!sealed) return undefined
      const { savedAt, secrets } = JSON.parse(open(keys, name, sealed)) as Copy
      const fetched = secrets.map(
        ([handler, version, value]) => [handler, { version, value: Buffer.from(value, 'base64') }] as const,
      )
      return { secrets: new Map(fetched), savedAt: new Date(savedAt) }
    },
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function seal([key = Buffer.alloc(0)]: Buffer[], name: string, text: string): Buffer {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
  return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

function open(keys: Buffer[], name: string, sealed: Buffer): string {
  for (const key of sealed.length < ivLength + tagLength ? [] : keys) {
    try {
      const iv = sealed.subarray(0, ivLength)
      const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength })
      decipher.setAAD(Buffer.from(name)).setAuthTag(sealed.subarray(-tagLength))
      const opened = [decipher.update(sealed.subarray(ivLength, -tagLength)), decipher.final()]
      return Buffer.concat(opened).toString()
    } catch {
      // Not this key: try the next one.
    }
  }
  throw new Error('it was changed, or encrypted with another workspace key.')
}
