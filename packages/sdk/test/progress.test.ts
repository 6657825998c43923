/** `onProgress` only watches: whatever it does, the work goes on, in both directions. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { CHUNK_LENGTH } from '../src/protocol/chunks.ts'
import { openLink } from '../src/open.ts'
import type { Progress } from '../src/options.ts'
import { connect, equal, folder, pattern, streamed } from './attachments.ts'

type OnProgress = (progress: Progress) => unknown

const misbehaving: [string, OnProgress][] = [
  [
    'throws',
    () => {
      throw new Error('of the caller')
    },
  ],
  ['returns a promise that rejects', () => Promise.reject(new Error('of the caller'))],
  ['returns a promise that never settles', () => new Promise<void>(() => undefined)],
]

/** Not a mock, which would see to what rejects: unseen that ends a program in Node, and fails the run here. */
function watch(act: OnProgress) {
  const calls: Progress[] = []
  const onProgress: OnProgress = (progress) => {
    calls.push(progress)
    return act(progress)
  }
  return { calls, onProgress }
}

describe.each(misbehaving)('an onProgress that %s', (_, act) => {
  test('costs createSecret nothing: the link comes back, and it was called to the end', async () => {
    const { client } = await connect()
    const { calls, onProgress } = watch(act)
    const { shareUrl } = await client.createSecret('text', { onProgress })
    expect(calls.at(-1)).toEqual({ done: 4, total: 4 })
    expect((await (await openLink(shareUrl)).reveal()).text).toBe('text')
  })

  test('costs an upload nothing, nor a second try of any part', async () => {
    const { client, seen } = await connect()
    const bytes = pattern(3 * CHUNK_LENGTH)
    const { shareUrl } = await client.createSecret('', {
      attachments: [streamed('a', bytes)],
      onProgress: watch(act).onProgress,
    })
    expect(seen.filter(({ method }) => method === 'PUT')).toHaveLength(1)
    const { files } = await (await openLink(shareUrl)).reveal()
    expect(equal(await files[0]?.bytes(), bytes)).toBe(true)
  })

  test('costs reveal and each way to read a file nothing', async () => {
    const { client } = await connect()
    const bytes = pattern(3 * CHUNK_LENGTH)
    const { shareUrl } = await client.createSecret('text', { attachments: [streamed('a', bytes)] })
    const { calls, onProgress } = watch(act)
    const opened = await (await openLink(shareUrl)).reveal({ onProgress })
    expect([opened.text, calls.length]).toEqual(['text', 1])
    const [file] = opened.files
    expect(equal(await file?.bytes({ onProgress }), bytes)).toBe(true)
    const saved = (await file?.save(path.join(folder(), 'a'), { onProgress })) ?? ''
    expect(equal(readFileSync(saved), bytes)).toBe(true)
    const streamedOut = await new Response(file?.stream({ onProgress }) as ReadableStream).bytes()
    expect(equal(streamedOut, bytes)).toBe(true)
    expect(calls.length).toBeGreaterThanOrEqual(10)
  })
})
