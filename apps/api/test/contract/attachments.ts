/** Attachments: parts and the blobs that hold them, grants, and what goes when a secret ends. */
import { describe, expect, test } from 'vitest'
import { partSize } from '../../src/domain/secrets/attachment.ts'
import type { Secret } from '../../src/domain/secrets/secret.ts'
import type { OpenStore } from './fixture.ts'
import { blobName, bytes, caller, denied, file, graceMs, hour, never, start, useStore } from './fixture.ts'

const day = 24 * hour

export function describeAttachments(open: OpenStore): void {
  const { store, given, reveal, adopt, upload, removable, stateOf } = useStore(open)

  const withFiles = (fields = {}) => given({ attachments: [file(), file(2 * partSize + 28)], ...fields })
  const uploaded = async (fields = {}) => {
    const secret = await withFiles(fields)
    return { secret, blobs: await upload(secret) }
  }
  const grantOf = ({ id: secretId }: Secret, revealId: Buffer, now: number) =>
    store().readGrant({ secretId, revealId, now })
  const extend = ({ id: secretId }: Secret, revealId: Buffer, now: number) =>
    store().extendGrant({ secretId, revealId, now, graceMs })
  const filesOf = async ({ id }: Secret) => (await store().listAttachments(id)).length
  const sweep = (now: number) => store().sweep(now, never)

  describe('uploading', () => {
    test('a secret with files is uploading: nobody reveals it', async () => {
      const secret = await withFiles()
      expect(await store().listAttachments(secret.id)).toEqual(secret.sent.attachments)
      expect(secret).toMatchObject({ state: 'uploading', attachmentsCount: 2 })
      expect(await reveal(secret, bytes(16))).toEqual(denied('NOT_FOUND'))
      expect(await store().readRecord(secret.id)).toMatchObject({ views: 0 })
    })

    test('completing names what is missing, opens the secret once nothing is, and can be repeated', async () => {
      const secret = await withFiles()
      const [small, large] = secret.sent.attachments as [
        (typeof secret.sent.attachments)[0],
        (typeof secret.sent.attachments)[0],
      ]
      const [smallId, largeId] = [small.fileId.toString('base64url'), large.fileId.toString('base64url')]
      const complete = () => store().completeUpload(secret.id, start)
      await adopt(secret, large, 1)
      expect(await complete()).toEqual({ kind: 'incomplete', missing: { [smallId]: [0], [largeId]: [0, 2] } })
      await adopt(secret, small)
      await adopt(secret, large, 2)
      expect(await complete()).toEqual({ kind: 'incomplete', missing: { [largeId]: [0] } })
      expect(await stateOf(secret)).toBe('uploading')
      await adopt(secret, large, 0)
      for (let n = 0; n < 2; n++) expect(await complete()).toEqual({ kind: 'complete' })
      expect(await reveal(secret, bytes(16))).toMatchObject({ kind: 'revealed' })
      expect(await complete(), 'after its last view').toEqual({ kind: 'complete' })
    })

    test('the parts that are there are listed by number, of each file its own', async () => {
      const secret = await withFiles()
      const [small = file(), large = file()] = secret.sent.attachments
      const listed = async ({ fileId }: typeof small) => {
        const attachment = await store().findAttachment(secret.id, fileId)
        expect(attachment).toMatchObject({ fileId, size: fileId === small.fileId ? small.size : large.size })
        return store().listParts(attachment?.id ?? 0)
      }
      expect(await listed(large)).toEqual([])
      for (const part of [2, 0]) await adopt(secret, large, part)
      expect([await listed(small), await listed(large)]).toEqual([[], [0, 2]])
      expect(await store().findAttachment(secret.id + 1, large.fileId)).toBeUndefined()
    })

    test('of many missing parts the first 100 are named', async () => {
      const secret = await given({ attachments: [file(200 * partSize)] })
      await adopt(secret, secret.sent.attachments[0] ?? file(), 3)
      const outcome = await store().completeUpload(secret.id, start)
      const [named] = outcome.kind === 'incomplete' ? Object.values(outcome.missing) : []
      expect(named).toEqual(Array.from({ length: 101 }, (_, part) => part).filter((part) => part !== 3))
    })

    test('what ended while it was uploaded can’t be completed', async () => {
      const [burned, expired] = [await withFiles(), await withFiles()]
      await store().burn(burned.id, start, caller)
      expect(await store().completeUpload(burned.id, start)).toEqual({ kind: 'ended' })
      expect(await store().completeUpload(expired.id, start + hour)).toEqual({ kind: 'ended' })
    })

    test('a part is adopted once: the same bytes are a repetition, others are refused, and neither blob stays', async () => {
      const secret = await withFiles()
      const [of = file()] = secret.sent.attachments
      const digest = bytes(32)
      const outcomes = await Promise.all([0, 1, 2, 3].map((n) => adopt(secret, of, 0, n === 3 ? bytes(32) : digest)))
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['adopted', 'repeated', 'repeated', 'other'])
      const attachment = await store().findAttachment(secret.id, of.fileId)
      expect(await store().findPart(attachment?.id ?? 0, 0)).toEqual({ name: outcomes[0]?.name, digest })
      expect(await removable(start)).toEqual(
        outcomes
          .slice(1)
          .map(({ name }) => name)
          .sort(),
      )
    })

    test('a part for what ended meanwhile is refused, and its blob doesn’t stay', async () => {
      const secret = await withFiles()
      const [of = file()] = secret.sent.attachments
      const attachment = await store().findAttachment(secret.id, of.fileId)
      const name = blobName()
      await store().announceBlob(name, start + hour)
      await store().burn(secret.id, start, caller)
      const command = { name, attachmentId: attachment?.id ?? 0, part: 0, digest: bytes(32), now: start }
      expect(await store().adoptBlob(command)).toBe('ended')
      expect(await removable(start)).toEqual([name])
    })

    test('a blob that is announced and never adopted is removed at its time, an adopted one never', async () => {
      const secret = await withFiles()
      const { name: adopted } = await adopt(secret, secret.sent.attachments[0] ?? file())
      const name = blobName()
      await store().announceBlob(name, start + hour)
      expect(await removable(start + hour - 1)).toEqual([])
      expect(await removable(start + hour)).toEqual([name])
      await store().forgetBlobs([name, adopted])
      expect(await removable(start + 9 * day)).toEqual([])
      expect(await store().knownBlobs([name, adopted])).toEqual([adopted])
    })

    test('an upload that is abandoned for a day has expired, and one that expires sooner sooner', async () => {
      const [slow, short] = [await withFiles({ expiresAt: start + 9 * day }), await withFiles()]
      const { name } = await adopt(slow, slow.sent.attachments[0] ?? file())
      expect(await sweep(start + hour)).toMatchObject({ expired: 1 })
      expect(await store().readRecord(short.id)).toMatchObject({ cause: 'expired', endedAt: start + hour, note: null })
      await sweep(start + day - 1)
      expect(await stateOf(slow)).toBe('uploading')
      expect(await sweep(start + day)).toMatchObject({ expired: 1 })
      expect(await store().readRecord(slow.id)).toMatchObject({ cause: 'expired', endedAt: start + day, note: null })
      expect(await filesOf(slow)).toBe(0)
      expect(await removable(start + day)).toEqual([name])
    })
  })

  describe('the end of a secret', () => {
    test('a burn lets go of every file at once, whatever grants are open', async () => {
      const { secret, blobs } = await uploaded({ maximumViews: 2 })
      const id = bytes(16)
      await reveal(secret, id)
      await store().burn(secret.id, start + 5, caller)
      expect(await filesOf(secret)).toBe(0)
      expect(await removable(start + 5)).toEqual(blobs)
      expect(await grantOf(secret, id, start + 5)).toMatchObject(denied('GONE'))
    })

    test('the last ack lets go of the files, and no ack before it', async () => {
      const { secret, blobs } = await uploaded({ maximumViews: 2 })
      const [first, second] = [bytes(16), bytes(16)]
      await reveal(secret, first)
      await reveal(secret, second)
      await store().ackReveal(secret.id, first, start + 5, caller)
      expect(await removable(start + 5)).toEqual([])
      expect(await grantOf(secret, first, start + 5)).toMatchObject(denied('GONE'))
      expect(await grantOf(secret, second, start + 5)).toMatchObject({ kind: 'open' })
      await store().ackReveal(secret.id, second, start + 6, caller)
      expect(await removable(start + 6)).toEqual(blobs)
      expect(await store().readRecord(secret.id)).toMatchObject({ note: null })
    })

    test('with views left, neither acks nor lapsed grants take a file', async () => {
      const { secret } = await uploaded({ maximumViews: 3 })
      const id = bytes(16)
      await reveal(secret, id)
      await reveal(secret, bytes(16))
      await store().ackReveal(secret.id, id, start, caller)
      await sweep(start + graceMs)
      expect(await filesOf(secret)).toBe(2)
    })

    test('a grant that is extended keeps the files of an ended secret, and nothing else of it', async () => {
      const { secret, blobs } = await uploaded()
      const id = bytes(16)
      await reveal(secret, id)
      await extend(secret, id, start + graceMs - 1)
      await sweep(start + graceMs)
      expect(await store().readRecord(secret.id)).toMatchObject({ note: null })
      expect(await reveal(secret, id, start + graceMs)).toEqual(denied('GONE'))
      expect(await filesOf(secret)).toBe(2)
      const lapsed = start + 2 * graceMs - 1
      await sweep(lapsed - 1)
      expect(await filesOf(secret)).toBe(2)
      await sweep(lapsed)
      expect(await filesOf(secret)).toBe(0)
      expect(await removable(lapsed)).toEqual(blobs)
    })

    test('an ack after the grace time still lets go of what the grant kept', async () => {
      const { secret, blobs } = await uploaded()
      const id = bytes(16)
      await reveal(secret, id)
      await extend(secret, id, start + graceMs - 1)
      await sweep(start + graceMs)
      await store().ackReveal(secret.id, id, start + graceMs + 1, caller)
      expect(await removable(start + graceMs + 1)).toEqual(blobs)
    })

    test('what expires keeps its files for the grants that are open', async () => {
      const { secret } = await uploaded({ maximumViews: null })
      const id = bytes(16)
      await reveal(secret, id, start + hour - 1)
      await sweep(start + hour)
      expect(await extend(secret, id, start + hour)).toMatchObject({ kind: 'open', until: start + hour + graceMs })
      await sweep(start + hour + graceMs - 1)
      expect(await filesOf(secret)).toBe(2)
      await sweep(start + hour + graceMs)
      expect(await filesOf(secret)).toBe(0)
    })

    test('a record isn’t purged while a grant may fetch its files, and then nothing of them is left', async () => {
      const { secret, blobs } = await uploaded()
      const id = bytes(16)
      await reveal(secret, id)
      await extend(secret, id, start + graceMs - 1)
      expect(await store().sweep(start + graceMs, start + graceMs)).toMatchObject({ purged: 0 })
      const after = start + 3 * graceMs
      expect(await store().sweep(after, after)).toMatchObject({ purged: 1 })
      expect(await store().findSecret(secret.slug)).toBeUndefined()
      expect(await removable(after)).toEqual(blobs)
    })
  })

  describe('grants', () => {
    test('a grant lasts one grace time, and each extension one from when it was asked for', async () => {
      const { secret } = await uploaded({ maximumViews: 2 })
      const id = bytes(16)
      await reveal(secret, id)
      const latest = start + day
      expect(await grantOf(secret, id, start)).toEqual({ kind: 'open', until: start + graceMs, latest })
      expect(await extend(secret, id, start + 60_000)).toEqual({
        kind: 'open',
        until: start + 60_000 + graceMs,
        latest,
      })
      expect(await grantOf(secret, id, start + 59_999 + graceMs)).toMatchObject({ kind: 'open' })
      const lapsed = start + 60_000 + graceMs
      for (const ask of [grantOf, extend])
        expect(await ask(secret, id, lapsed)).toEqual({
          kind: 'denied',
          denial: { code: 'GONE', details: { cause: 'viewed', at: new Date(lapsed).toISOString() } },
        })
    })

    test('no extension outlasts 24 hours after the reveal', async () => {
      const { secret } = await uploaded({ maximumViews: 2, expiresAt: start + 9 * day })
      const id = bytes(16)
      await reveal(secret, id)
      let now = start
      for (let until = now + graceMs; until < start + day; now = until - 1) {
        const extended = await extend(secret, id, until - 1)
        until = extended.kind === 'open' ? extended.until : expect.unreachable()
      }
      expect(await grantOf(secret, id, start + day - 1)).toMatchObject({ kind: 'open', until: start + day })
      expect(await extend(secret, id, start + day - 1)).toMatchObject({ until: start + day })
      expect(await extend(secret, id, start + day)).toMatchObject(denied('GONE'))
    })

    test('nobody has a grant of a reveal that wasn’t recorded', async () => {
      const { secret } = await uploaded()
      expect(await grantOf(secret, bytes(16), start)).toEqual(denied('NOT_FOUND'))
    })
  })

  describe('comparing with the blob store', () => {
    test('every part is listed with what it belongs to, and none once its secret ended', async () => {
      const { secret, blobs } = await uploaded()
      const listed = await store().listPartRecords('', 100)
      expect(listed.map(({ name }) => name)).toEqual(blobs)
      expect(listed.map(({ part }) => part).sort()).toEqual([0, 0, 1, 2])
      for (const one of listed) expect(one).toMatchObject({ secretId: secret.id, slug: secret.slug, uploading: false })
      expect(await store().listPartRecords(blobs[1] ?? '', 1)).toEqual([listed[2]])
      await store().burn(secret.id, start, caller)
      expect(await store().listPartRecords('', 100)).toEqual([])
      expect(await store().knownBlobs([...blobs, blobName()])).toEqual(expect.arrayContaining(blobs))
    })

    test('a lost part of an upload is missing again; one of a complete secret stays', async () => {
      const secret = await withFiles()
      const [of = file()] = secret.sent.attachments
      const { name } = await adopt(secret, of)
      await store().dropPart(name, start)
      expect(await removable(start)).toEqual([name])
      await store().forgetBlobs([name])
      const [kept = ''] = await upload(secret)
      await store().dropPart(kept, start)
      expect(await removable(start)).toEqual([])
    })
  })
}
