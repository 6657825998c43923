/** Blobs as objects of an S3 bucket, one object a blob (ADR 4). */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { StartRefused } from '../../start-refused.ts'
import { StoreUnavailable } from '../store.ts'
import type { BlobStore } from './blobs.ts'
import { BlobMissing } from './blobs.ts'
import { isBlobName, requireBlobName } from './name.ts'
import type { S3ClientOptions, S3Request } from './s3-client.ts'
import { asUnavailable, S3Client, S3Error } from './s3-client.ts'
import type { S3Environment } from './s3-url.ts'
import { parseS3Url, readCredentials } from './s3-url.ts'
import type { Listing } from './s3-xml.ts'
import { readListing } from './s3-xml.ts'
import { Slots } from './slots.ts'

export interface S3BlobsOptions extends Omit<S3ClientOptions, 'place' | 'credentials'> {
  /** HALFKEY_BLOB_URL. */
  url: string
  credentials: S3Environment
  /** Objects a listing's page, at most; S3 knows no more than 1000. */
  pageSize?: number
}

/** A part is gathered, to be signed and sent again; so this many, of up to 8 MiB each, bound the memory. */
const putsAtOnce = 32
/** How often in a row a reply may be cut before its first byte. */
const maxCuts = 5
const maxListing = 4_194_304
/** A put in this time shows what a ping would ask, for which S3 charges. */
const pingMs = 30_000

/**
 * Throws `StartRefused` if a setting is wrong, in itself or by what the server says. A server that is away may come back:
 * `ping` tells.
 */
export async function openS3Blobs({
  url,
  credentials,
  pageSize = 1000,
  ...options
}: S3BlobsOptions): Promise<BlobStore> {
  const place = parseS3Url(url)
  const client = new S3Client({ place, credentials: readCredentials(credentials), ...options })
  const slots = new Slots(putsAtOnce)
  const keyOf = (name: string): string => place.prefix + requireBlobName(name)
  let putAt = -Infinity
  let probing: Promise<void> | undefined

  async function putObject(request: Omit<S3Request, 'method'>): Promise<void> {
    const headers = { 'Content-Type': 'application/octet-stream' }
    const reply = discard(await client.send({ ...request, method: 'PUT', headers }))
    const version = reply.headers['x-amz-version-id']
    if (version !== undefined && version !== 'null') throw new S3Error(200, 'x-amz-version-id')
    putAt = performance.now()
  }

  async function removeObject(request: Omit<S3Request, 'method'>): Promise<void> {
    try {
      discard(await client.send({ ...request, method: 'DELETE' }))
    } catch (error) {
      if (!isNoSuchKey(error)) throw error
    }
  }

  async function probe(): Promise<void> {
    const request = { key: `${place.prefix}ping`, attempts: 2 }
    await putObject({ ...request, body: Buffer.alloc(0) })
    await removeObject(request)
  }

  async function open(request: S3Request): Promise<IncomingMessage> {
    try {
      return await client.send(request)
    } catch (error) {
      throw isNoSuchKey(error) ? new BlobMissing('there is no such blob') : asUnavailable(error)
    }
  }

  async function listPage(token: string | null): Promise<Listing> {
    const query = {
      'list-type': '2',
      'encoding-type': 'url',
      'max-keys': String(pageSize),
      prefix: place.prefix,
      ...(token !== null && { 'continuation-token': token }),
    }
    return readListing(await client.text({ method: 'GET', key: '', query }, maxListing))
  }

  try {
    await probe()
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) {
      client.close()
      throw error instanceof Error ? new StartRefused(`HALFKEY_BLOB_URL: ${error.message}.`, { cause: error }) : error
    }
  }

  return {
    async put(name, body, length) {
      const key = keyOf(name)
      await slots.run(async () => {
        const gathered = await gather(body, length)
        await inStore(() => putObject({ key, ...gathered }))
      })
    },

    async *read(name, start, end) {
      const key = keyOf(name)
      if (start === end) discard(await open({ method: 'HEAD', key }))
      let [position, cuts] = [start, 0]
      while (position < end) {
        const headers = { Range: `bytes=${position}-${end - 1}` }
        const response = await open({ method: 'GET', key, headers })
        requireRange(response, position, end)
        const before = position
        try {
          for await (const chunk of response as AsyncIterable<Buffer>) {
            position += chunk.length
            yield chunk
          }
        } catch (error) {
          if (cuts + 1 >= maxCuts && position === before) throw asUnavailable(error)
        }
        if (position >= end) return
        cuts = position > before ? 0 : cuts + 1
        await client.pause(cuts + 1)
      }
    },

    async remove(name) {
      const key = keyOf(name)
      await inStore(() => removeObject({ key }))
    },

    async *list() {
      let token: string | null = null
      do {
        const page: Listing = await inStore(() => listPage(token))
        for (const { key, ...facts } of page.objects) {
          const name = key.slice(place.prefix.length)
          if (key.startsWith(place.prefix) && isBlobName(name)) yield { name, ...facts }
        }
        token = page.next
      } while (token !== null)
    },

    async ping() {
      if (performance.now() - putAt < pingMs) return
      probing ??= inStore(probe).finally(() => (probing = undefined))
      await probing
    },

    close() {
      client.close()
      return Promise.resolve()
    },
  }
}

/** S3 says 404 also where the bucket is missing, which says nothing about the blob. */
const isNoSuchKey = (error: unknown): boolean =>
  error instanceof S3Error && error.status === 404 && error.code !== 'NoSuchBucket'

async function inStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asUnavailable(error)
  }
}

/** Lets the connection serve the next request. */
function discard(response: IncomingMessage): IncomingMessage {
  return response.on('error', () => undefined).resume()
}

async function gather(body: AsyncIterable<Uint8Array>, length: number): Promise<{ body: Buffer; bodyDigest: string }> {
  const gathered = Buffer.allocUnsafeSlow(length)
  const digest = createHash('sha256')
  let position = 0
  for await (const chunk of body) {
    if (position + chunk.length > length) throw new RangeError(`a body is longer than its ${length} bytes`)
    gathered.set(chunk, position)
    digest.update(chunk)
    position += chunk.length
  }
  if (position !== length) throw new RangeError(`a body has ${position} bytes instead of ${length}`)
  return { body: gathered, bodyDigest: digest.digest('hex') }
}

/** RFC 9110, section 14.4: a server may send less than it was asked for, or ignore `Range`. */
function requireRange(response: IncomingMessage, start: number, end: number): void {
  const range = response.headers['content-range'] ?? 'the whole object'
  const length = Number(response.headers['content-length'])
  if (response.statusCode === 206 && range.startsWith(`bytes ${start}-${end - 1}/`) && length === end - start) return
  response.destroy()
  throw new StoreUnavailable(`the S3 server sent ${range} where bytes ${start} to ${end - 1} were wanted`)
}
