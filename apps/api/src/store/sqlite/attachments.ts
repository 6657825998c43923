/** Attachments, their parts, and the blobs that hold them or wait to be removed. */
import { and, asc, eq, gt, inArray, isNotNull, lte, sql } from 'drizzle-orm'
import type { Attachment } from '../../domain/secrets/secret.ts'
import type { BlobChange, UploadedFile } from '../../domain/secrets/upload.ts'
import { adopt, dropPart } from '../../domain/secrets/upload.ts'
import type { AdoptCommand, AdoptOutcome, PartRecord, StoredAttachment, StoredPart } from '../attachments.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import { attachments, blobs, secrets } from './schema.ts'

const placeholder = sql.placeholder
/** What a blob is once no attachment needs it. */
const unneeded = { attachmentId: null, part: null, digest: null }

export function openAttachments(db: Drizzle, counters: Counters) {
  const insertAttachment = db
    .insert(attachments)
    .values({ secretId: placeholder('secretId'), fileId: placeholder('fileId'), size: placeholder('size') })
    .prepare()
  const selectAttachments = db
    .select({ id: attachments.id, fileId: attachments.fileId, size: attachments.size })
    .from(attachments)
    .where(eq(attachments.secretId, placeholder('secretId')))
    .orderBy(asc(attachments.id))
    .prepare()
  const selectAttachment = db
    .select({ id: attachments.id, fileId: attachments.fileId, size: attachments.size })
    .from(attachments)
    .where(and(eq(attachments.secretId, placeholder('secretId')), eq(attachments.fileId, placeholder('fileId'))))
    .prepare()
  const stillThere = db
    .select({ id: attachments.id })
    .from(attachments)
    .where(eq(attachments.id, placeholder('id')))
    .prepare()
  const selectPart = db
    .select({ name: blobs.name, digest: sql<Buffer>`${blobs.digest}` })
    .from(blobs)
    .where(and(eq(blobs.attachmentId, placeholder('attachmentId')), eq(blobs.part, placeholder('part'))))
    .prepare()
  const selectParts = db
    .select({ part: sql<number>`${blobs.part}` })
    .from(blobs)
    .where(eq(blobs.attachmentId, placeholder('attachmentId')))
    .orderBy(asc(blobs.part))
    .prepare()
  const selectUploading = db
    .select({ name: blobs.name })
    .from(blobs)
    .innerJoin(attachments, eq(attachments.id, blobs.attachmentId))
    .innerJoin(secrets, eq(secrets.id, attachments.secretId))
    .where(and(eq(blobs.name, placeholder('name')), eq(secrets.state, 'uploading')))
    .prepare()
  const announce = db
    .insert(blobs)
    .values({ name: placeholder('name'), removeAt: placeholder('removeAt') })
    .prepare()

  const listParts = (attachmentId: number): number[] => selectParts.all({ attachmentId }).map(({ part }) => part)

  const applyToBlob = (change: BlobChange): void => {
    const { name } = change
    if (change.kind === 'release blob')
      return void db
        .update(blobs)
        .set({ ...unneeded, removeAt: change.at })
        .where(eq(blobs.name, name))
        .run()
    const { attachmentId, part, digest } = change
    const adopted = { attachmentId, part, digest, removeAt: null }
    // The index of parts holds one blob for each.
    const { changes } = db.update(blobs).set(adopted).where(eq(blobs.name, name)).run()
    if (changes === 0) throw new Error('a part was put that was not announced, or too long ago')
  }

  return {
    /** With the secret that they belong to. */
    add(secretId: number, files: readonly Attachment[]): void {
      for (const { fileId, size } of files) insertAttachment.run({ secretId, fileId, size })
    },

    /** The files go now; their blobs are to be removed. Again: nothing happens. */
    destroy(secretId: number, now: number): void {
      counters.destroyingFiles(secretId)
      const ids = db.select({ id: attachments.id }).from(attachments).where(eq(attachments.secretId, secretId))
      db.update(blobs)
        .set({ ...unneeded, removeAt: now })
        .where(inArray(blobs.attachmentId, ids))
        .run()
      db.delete(attachments).where(eq(attachments.secretId, secretId)).run()
      db.update(secrets)
        .set({ destroyFilesAt: null })
        .where(and(eq(secrets.id, secretId), isNotNull(secrets.destroyFilesAt)))
        .run()
    },

    list: (secretId: number): Attachment[] =>
      selectAttachments.all({ secretId }).map(({ fileId, size }) => ({ fileId, size })),
    find: (secretId: number, fileId: Buffer): StoredAttachment | undefined =>
      selectAttachment.get({ secretId, fileId }),
    findPart: (attachmentId: number, part: number): StoredPart | undefined => selectPart.get({ attachmentId, part }),
    listParts,

    announce: (name: string, removeAt: number): void => void announce.run({ name, removeAt }),

    adopt(command: AdoptCommand): AdoptOutcome {
      const { attachmentId, part } = command
      const hasAttachment = stillThere.get({ id: attachmentId }) !== undefined
      const known = selectPart.get({ attachmentId, part }) ?? null
      const { outcome, changes } = adopt({ hasAttachment, known }, command)
      for (const change of changes) applyToBlob(change)
      return outcome
    },

    /** A secret's files with the parts that are there. */
    uploaded: (secretId: number): UploadedFile[] =>
      selectAttachments.all({ secretId }).map(({ id, fileId, size }) => ({ fileId, size, parts: listParts(id) })),

    listRemovable: (now: number, after: string, limit: number): string[] =>
      db
        .select({ name: blobs.name })
        .from(blobs)
        .where(and(lte(blobs.removeAt, now), gt(blobs.name, after)))
        .orderBy(asc(blobs.name))
        .limit(limit)
        .all()
        .map(({ name }) => name),

    forget(names: readonly string[]): void {
      db.delete(blobs)
        .where(and(inArray(blobs.name, [...names]), isNotNull(blobs.removeAt)))
        .run()
    },

    listRecords: (after: string, limit: number): PartRecord[] =>
      db
        .select({
          name: blobs.name,
          attachmentId: attachments.id,
          part: sql<number>`${blobs.part}`,
          secretId: secrets.id,
          slug: secrets.slug,
          uploading: sql<boolean>`${secrets.state} = 'uploading'`.mapWith(Boolean),
          fileSize: attachments.size,
        })
        .from(blobs)
        .innerJoin(attachments, eq(attachments.id, blobs.attachmentId))
        .innerJoin(secrets, eq(secrets.id, attachments.secretId))
        .where(gt(blobs.name, after))
        .orderBy(asc(blobs.name))
        .limit(limit)
        .all(),

    known: (names: readonly string[]): string[] =>
      db
        .select({ name: blobs.name })
        .from(blobs)
        .where(inArray(blobs.name, [...names]))
        .all()
        .map(({ name }) => name),

    drop(name: string, now: number): void {
      for (const change of dropPart({ isUploading: selectUploading.get({ name }) !== undefined }, name, now))
        applyToBlob(change)
    },
  }
}

export type Attachments = ReturnType<typeof openAttachments>
