/** Attachments to send, and clients for a server of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import type { HalfkeyOptions } from '../src/client-options.ts'
import { Halfkey } from '../src/client.ts'
import type { StreamAttachment } from '../src/create/sources.ts'
import { startFileServer, type Faults } from './file-server.ts'

/** Bytes that differ from chunk to chunk and from seed to seed. */
export function pattern(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i >>> 16) * 7 + i * 31 + seed * 101
  return bytes
}

export function streamed(name: string, bytes: Uint8Array, size = bytes.length): StreamAttachment {
  return {
    name,
    size,
    stream: () =>
      iterate(
        Array.from({ length: Math.ceil(bytes.length / 99_991) }, (_, i) =>
          bytes.subarray(i * 99_991, (i + 1) * 99_991),
        ),
      ),
  }
}

/** As a source's stream; then fails, if it is told to. */
export async function* iterate<T>(values: T[], failure?: Error): AsyncGenerator<T, void> {
  for (const value of values) yield await Promise.resolve(value)
  if (failure) throw failure
}

/** A client of a server in memory. */
export async function connect(faults: Faults = {}, options: Partial<HalfkeyOptions> = {}) {
  const server = await startFileServer(faults)
  return { ...server, client: new Halfkey({ baseUrl: server.url, ...options }) }
}

/** Goes when the test that made it has finished. */
export function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'halfkey-sdk-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

export function equal(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0
}
