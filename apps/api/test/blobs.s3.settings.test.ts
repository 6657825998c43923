import { describe, expect, test } from 'vitest'
import { parseS3Url, readCredentials } from '../src/store/blobs/s3-url.ts'

describe('HALFKEY_BLOB_URL', () => {
  test.each([
    ['s3://bucket', 'https://bucket.s3.us-east-1.amazonaws.com/', '', 'us-east-1'],
    ['s3://bucket?region=eu-central-1', 'https://bucket.s3.eu-central-1.amazonaws.com/', '', 'eu-central-1'],
    ['s3://bucket/a/b/', 'https://bucket.s3.us-east-1.amazonaws.com/', 'a/b/', 'us-east-1'],
    ['s3://bucket?path_style=on', 'https://s3.us-east-1.amazonaws.com/bucket/', '', 'us-east-1'],
    ['s3://bucket?endpoint=http://127.0.0.1:9000', 'http://127.0.0.1:9000/bucket/', '', 'us-east-1'],
    ['s3://bucket/p?endpoint=https://s3.test&path_style=off', 'https://bucket.s3.test/', 'p/', 'us-east-1'],
    ['s3://a.bucket?endpoint=https://s3.test', 'https://s3.test/a.bucket/', '', 'us-east-1'],
  ])('%s leads to %s', (url, bucketUrl, prefix, region) => {
    expect(parseS3Url(url)).toEqual({ bucketUrl, prefix, region })
  })

  test.each([
    ['nonsense', 'isn’t a URL'],
    ['https://bucket', 'must begin with s3://'],
    ['s3://key:password@bucket', 'must not hold credentials'],
    ['s3://Bucket_', 'can’t be a bucket’s name'],
    ['s3://', 'can’t be a bucket’s name'],
    ['s3://bucket?regoin=eu', 'unknown parameter, regoin'],
    ['s3://bucket?region=a&region=b', 'region is there twice'],
    ['s3://bucket?region=../x', 'region must be'],
    ['s3://bucket?endpoint=ftp://s3.test', 'endpoint must be'],
    ['s3://bucket?endpoint=https://s3.test/path', 'endpoint must be'],
    ['s3://bucket?endpoint=https://key:password@s3.test', 'endpoint must be'],
    ['s3://bucket?endpoint=s3.test', 'endpoint must be'],
    ['s3://bucket?path_style=yes', 'path_style must be'],
    ['s3://a.bucket', 'add path_style=on'],
    ['s3://bucket/a%20b', 'the prefix may have'],
  ])('%s is refused with a sentence that names what is wrong, and no password', (url, sentence) => {
    const parse = (): unknown => parseS3Url(url)
    expect(parse).toThrow(expect.objectContaining({ name: 'StartRefused' }) as Error)
    expect(parse).toThrow(sentence)
    expect(parse).not.toThrow('password')
  })
})

describe('the credentials', () => {
  const all = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_SESSION_TOKEN: 'token' }

  test('come from the environment', () => {
    expect(readCredentials(all)).toEqual({ accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'token' })
    expect(readCredentials({ ...all, AWS_SESSION_TOKEN: undefined })).toEqual({
      accessKeyId: 'id',
      secretAccessKey: 'key',
    })
  })

  test.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])('without %s the start is refused, naming it', (name) => {
    for (const value of [undefined, ''])
      expect(() => readCredentials({ ...all, [name]: value })).toThrow(`${name} is not set`)
  })
})
