/** The part of the store's contract that keeps attachments: which parts lie in which blobs, and who may still fetch them. */
import type { GrantOutcome } from '../domain/secrets/download.ts'
import type { AdoptCommand, AdoptOutcome, CompleteOutcome } from '../domain/secrets/upload.ts'
import type { Attachment } from '../domain/secrets/secret.ts'

export interface StoredAttachment extends Attachment {
  id: number
}

export interface StoredPart {
  /** Of its blob. */
  name: string
  /** SHA-256 of the part, 32 bytes. */
  digest: Buffer
}

export type { AdoptCommand, AdoptOutcome, CompleteOutcome } from '../domain/secrets/upload.ts'
export type { GrantOutcome } from '../domain/secrets/download.ts'

export interface GrantQuery {
  secretId: number
  /** 16 bytes. */
  revealId: Buffer
  now: number
}

/** A part as `check` compares it with what lies in the blob store. */
export interface PartRecord {
  name: string
  attachmentId: number
  part: number
  secretId: number
  slug: string
  /** Its secret can still be uploaded to. */
  uploading: boolean
  /** Encrypted bytes of the whole file. */
  fileSize: number
}

export interface AttachmentStore {
  /** In the sender's order; empty once destroyed. */
  listAttachments(secretId: number): Promise<Attachment[]>
  findAttachment(secretId: number, fileId: Buffer): Promise<StoredAttachment | undefined>
  findPart(attachmentId: number, part: number): Promise<StoredPart | undefined>
  /** Numbers, ascending. */
  listParts(attachmentId: number): Promise<number[]>

  /** Announces a blob before it is put: unless it is adopted, it is to be removed at `removeAt`. */
  announceBlob(name: string, removeAt: number): Promise<void>
  /** Makes an announced blob a part, unless that is there already; then, and if the secret ended, it is to be removed now. */
  adoptBlob(command: AdoptCommand): Promise<AdoptOutcome>
  /** Opens an uploaded secret to its recipients once every part is there; again: the same outcome. */
  completeUpload(secretId: number, now: number): Promise<CompleteOutcome>

  readGrant(query: GrantQuery): Promise<GrantOutcome>
  /** Lets the grant last for `graceMs` from now, and with it the files of an ended secret. */
  extendGrant(query: GrantQuery & { graceMs: number }): Promise<GrantOutcome>

  /** Names of blobs to be removed by now, ascending, those after `after`. */
  listRemovableBlobs(now: number, after: string, limit: number): Promise<string[]>
  /** For blobs that are removed. */
  forgetBlobs(names: readonly string[]): Promise<void>

  /** Every part that should lie in the blob store, by name, those after `after`. */
  listPartRecords(after: string, limit: number): Promise<PartRecord[]>
  /** Which of these are announced, adopted or to be removed. */
  knownBlobs(names: readonly string[]): Promise<string[]>
  /** Takes a part whose blob is lost back from its upload, to be sent again; does nothing once that is complete. */
  dropPart(name: string, now: number): Promise<void>
}
