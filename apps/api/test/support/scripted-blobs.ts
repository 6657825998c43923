/** Blobs on a scripted S3 server, for all the tests of a file. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { BlobStore } from '../../src/store/blobs/blobs.ts'
import type { S3BlobsOptions } from '../../src/store/blobs/s3.ts'
import { openS3Blobs } from '../../src/store/blobs/s3.ts'
import type { Answer, ScriptedS3 } from './scripted-s3.ts'
import { startScriptedS3 } from './scripted-s3.ts'

const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/EXAMPLEKEY',
}

export interface ScriptedBlobs {
  /** There from the first test on, as everything that needs it. */
  server: () => ScriptedS3
  credentials: typeof credentials
  /** HALFKEY_BLOB_URL for it. */
  url: () => string
  /** Opens the blobs, forgets what that sent, and sets the answers to what follows. */
  open: (answers: Answer[], options?: Partial<S3BlobsOptions>) => Promise<BlobStore>
  /** Methods and paths of all requests since. */
  calls: () => string[]
}

export function useScriptedBlobs(): ScriptedBlobs {
  let server: ScriptedS3
  let opened: BlobStore[] = []
  beforeAll(async () => {
    server = await startScriptedS3()
  })
  afterAll(() => server.close())
  afterEach(async () => {
    server.script()
    await Promise.all(opened.map((blobs) => blobs.close()))
    opened = []
  })
  const url = (): string => `s3://bucket/prefix?endpoint=${server.endpoint}&region=eu-test-1`
  return {
    server: () => server,
    credentials,
    url,
    async open(answers, options = {}) {
      server.script()
      const blobs = await openS3Blobs({ url: url(), credentials, backOffMs: 1, ...options })
      opened.push(blobs)
      server.received.length = 0
      server.script(...answers)
      return blobs
    },
    calls: () => server.received.map(({ method, url }) => `${method} ${url}`),
  }
}
