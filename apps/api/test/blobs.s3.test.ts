import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openS3Blobs } from '../src/store/blobs/s3.ts'
import { describeBlobs, listed, newName, put, read } from './contract/blobs.ts'
import type { S3Server } from './support/s3.ts'
import { startS3Server } from './support/s3.ts'

describe.skipIf(!startS3Server)(startS3Server ? 'on Swift' : 'not run: python3-swift is not installed', () => {
  let server: S3Server
  beforeAll(async () => {
    server = (await startS3Server?.()) ?? expect.unreachable()
  })
  afterAll(() => server.remove())

  const open = async (bucket: string, settings = '') =>
    openS3Blobs({ url: `${await server.makeBucket(bucket)}${settings}`, credentials: server.credentials, pageSize: 7 })

  describe('an S3 bucket keeps the contract of blobs', () => {
    describeBlobs(async () => {
      const blobs = await open('contract')
      return { blobs, remove: () => blobs.close() }
    })
  })

  test('two prefixes of one bucket know nothing of each other', async () => {
    const url = await server.makeBucket('shared')
    const [one, two, all] = await Promise.all(
      ['/one', '/one/two', ''].map((prefix) =>
        openS3Blobs({ url: url.replace('?', `${prefix}?`), credentials: server.credentials }),
      ),
    )
    if (!one || !two || !all) return expect.unreachable()
    const name = newName()
    await put(one, name, Buffer.from('one'))
    await put(two, name, Buffer.from('second'))
    expect((await read(one, name, 0, 3)).toString()).toBe('one')
    expect((await listed(one)).get(name)?.size).toBe(3)
    expect((await listed(two)).get(name)?.size).toBe(6)
    expect([...(await listed(all)).keys()]).toEqual([])
    await two.remove(name)
    expect([...(await listed(one)).keys()]).toEqual([name])
    await Promise.all([one, two, all].map((blobs) => blobs.close()))
  })

  test.each([
    [{ AWS_SECRET_ACCESS_KEY: 'wrong' }, 'contract', 'SignatureDoesNotMatch: AWS_SECRET_ACCESS_KEY is wrong'],
    [{ AWS_ACCESS_KEY_ID: 'nobody' }, 'contract', 'the S3 server answered 403'],
    [{}, 'another', 'NoSuchBucket: there is no such bucket'],
  ])('a start with settings that the server refuses is refused: %j, bucket %s', async (change, bucket, sentence) => {
    const opening = openS3Blobs({ url: server.urlOf(bucket), credentials: { ...server.credentials, ...change } })
    await expect(opening).rejects.toMatchObject({
      name: 'StartRefused',
      message: expect.stringMatching(/^HALFKEY_BLOB_URL: .*\.$/) as string,
    })
    await expect(opening).rejects.toThrow(sentence)
  })
})
