/**
 * Values for when the server can't be reached, sealed under the workspace key: AES-256-GCM, fresh random iv, key =
 * HKDF-SHA-256(W, "", "halfkey cli offline copy"), the server's address as additional data. A file a server and set of
 * secrets, mode 0600, in `halfkey/offline` under XDG_STATE_HOME.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { HalfkeyError } from '@halfkey/sdk'
import type { ErrorCode } from '@halfkey/sdk'
import type { Connection } from './context.ts'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import type { Fetched } from './run/fetch.ts'

const ivLength = 12
const tagLength = 16

/** Only for a server that is away: one that refuses is obeyed. */
const away: ErrorCode[] = ['NETWORK', 'TIMEOUT', 'UNAVAILABLE', 'SERVER_ERROR']

export interface OfflineCache {
  save(secrets: Fetched): Promise<void>
  /** undefined: the error isn't that the server is away, or there is no copy of all of them. */
  load(handlers: string[], error: unknown): Promise<{ secrets: Fetched; savedAt: Date } | undefined>
}

interface Copy {
  savedAt: number
  secrets: [handler: string, version: number, value: string][]
}

export function openOfflineCache({ url, workspaceKey }: Connection, { env }: Io): OfflineCache {
  if (workspaceKey === undefined)
    throw new UsageError('--offline-cache needs the workspace key, under which the copy is sealed.')
  const key = Buffer.from(
    hkdfSync('sha256', Buffer.from(workspaceKey, 'base64url'), '', 'halfkey cli offline copy', 32),
  )
  const state = env['XDG_STATE_HOME'] || path.join(env['HOME'] || homedir(), '.local', 'state')
  const folder = path.join(state, 'halfkey', 'offline')
  const fileOf = (handlers: string[]): string => {
    const name = createHash('sha256')
      .update(JSON.stringify([url, ...[...handlers].sort()]))
      .digest('hex')
    return path.join(folder, name)
  }
  return {
    save(secrets) {
      const copy: Copy = {
        savedAt: Date.now(),
        secrets: [...secrets].map(([handler, { version, value }]) => [handler, version, value.toString('base64')]),
      }
      const iv = randomBytes(ivLength)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(url))
      const sealed = [iv, cipher.update(JSON.stringify(copy)), cipher.final(), cipher.getAuthTag()]
      const file = fileOf([...secrets.keys()])
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileSync(`${file}.new`, Buffer.concat(sealed), { mode: 0o600, flush: true })
      renameSync(`${file}.new`, file)
      return Promise.resolve()
    },

    load(handlers, error) {
      if (!(error instanceof HalfkeyError) || !away.includes(error.code)) return Promise.resolve(undefined)
      try {
        const bytes = readFileSync(fileOf(handlers))
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivLength), { authTagLength: tagLength })
        decipher.setAAD(Buffer.from(url)).setAuthTag(bytes.subarray(-tagLength))
        const text = Buffer.concat([decipher.update(bytes.subarray(ivLength, -tagLength)), decipher.final()]).toString()
        const { savedAt, secrets } = JSON.parse(text) as Copy
        const fetched = secrets.map(
          ([handler, version, value]) => [handler, { version, value: Buffer.from(value, 'base64') }] as const,
        )
        return Promise.resolve({ secrets: new Map(fetched), savedAt: new Date(savedAt) })
      } catch {
        return Promise.resolve(undefined)
      }
    },
  }
}
