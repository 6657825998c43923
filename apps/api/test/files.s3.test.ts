/** Attachments in a real S3 server, through the built program. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openS3Blobs } from '../src/store/blobs/s3.ts'
import { listed } from './contract/blobs.ts'
import { attachmentCalls, firstFile, sealWithFiles, twoParts } from './support/attached.ts'
import type { S3Server } from './support/s3.ts'
import { startS3Server } from './support/s3.ts'
import { caller, conversation } from './support/sender.ts'
import type { Home, ServerProcess } from './support/server.ts'
import { makeHome, startServer } from './support/server.ts'

describe.skipIf(!startS3Server)(startS3Server ? 'on Swift' : 'not run: python3-swift is not installed', () => {
  let s3: S3Server
  let home: Home
  let server: ServerProcess
  let settings: Record<string, string>

  beforeAll(async () => {
    s3 = (await startS3Server?.()) ?? expect.unreachable()
    home = makeHome()
    settings = { HALFKEY_BLOB_URL: await s3.makeBucket('halfkey'), ...(s3.credentials as Record<string, string>) }
    server = await startServer(home, settings)
  })
  afterAll(async () => {
    await server.stop()
    home.remove()
    await s3.remove()
  })

  const stored = async (): Promise<number> => {
    const blobs = await openS3Blobs({ url: s3.urlOf('halfkey'), credentials: s3.credentials })
    const { size } = await listed(blobs)
    await blobs.close()
    return size
  }

  test('a file is sent, outlives a restart, is fetched whole and by range, and is gone from the bucket with its secret', async () => {
    const sealed = sealWithFiles([twoParts])
    const { bytes } = firstFile(sealed)
    const before = attachmentCalls(caller(server.url))
    await before.upload(sealed)
    expect(await stored()).toBe(2)
    await server.stop()
    server = await startServer(home, settings)

    const call = caller(server.url)
    const { complete, grantOf, fetchFile } = attachmentCalls(call)
    expect((await complete(sealed)).status).toBe(200)
    const grant = await grantOf(sealed)
    const whole = await fetchFile(sealed, grant)
    expect([whole.status, Buffer.compare(whole.bytes, bytes)]).toEqual([200, 0])
    const range = await fetchFile(sealed, grant, { Range: 'bytes=8389000-8390999' })
    expect([range.status, Buffer.compare(range.bytes, bytes.subarray(8_389_000, 8_391_000))]).toEqual([206, 0])

    expect((await conversation(call).burn(sealed)).status).toBe(200)
    await expect.poll(stored, { timeout: 10_000 }).toBe(0)
  })
})
