/** A real S3 server of its own: OpenStack Swift, from the system's packages, on data that goes away with it. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { S3Client } from '../../src/store/blobs/s3-client.ts'
import type { S3Environment } from '../../src/store/blobs/s3-url.ts'
import { parseS3Url, readCredentials } from '../../src/store/blobs/s3-url.ts'

export interface S3Server {
  credentials: S3Environment
  /** HALFKEY_BLOB_URL for a bucket. */
  urlOf(bucket: string): string
  makeBucket(bucket: string): Promise<string>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** Debian's, which has Debian's modules; PATH may lead to another. */
const python = '/usr/bin/python3'
const program = fileURLToPath(new URL('./s3-server.py', import.meta.url))
const isInstalled = spawnSync(python, ['-c', 'import swift.common.wsgi']).status === 0

async function start(): Promise<S3Server> {
  // On a disk: Swift needs extended attributes, which RAM disks don't have.
  const directory = mkdtempSync(path.join(tmpdir(), 'halfkey-s3-'))
  const child = spawn(python, [program, directory], { stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let output = ''
  const port = await new Promise<string>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      output += chunk.toString()
      const found = /listens on (\d+)/.exec(output)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', look)
    child.stderr.on('data', look)
    void ended.then((code) => reject(new Error(`the S3 server ended with ${code}:\n${output}`)))
  })
  const credentials = { AWS_ACCESS_KEY_ID: 'test:tester', AWS_SECRET_ACCESS_KEY: 'testing' }
  const urlOf = (bucket: string): string => `s3://${bucket}?endpoint=http://127.0.0.1:${port}`
  return {
    credentials,
    urlOf,
    async makeBucket(bucket) {
      const url = urlOf(bucket)
      const client = new S3Client({ place: parseS3Url(url), credentials: readCredentials(credentials) })
      await client.text({ method: 'PUT', key: '' }, 1000)
      client.close()
      return url
    },
    async remove() {
      process.removeListener('exit', kill)
      kill()
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** undefined: this machine doesn't have python3-swift. */
export const startS3Server: (() => Promise<S3Server>) | undefined = isInstalled ? start : undefined
