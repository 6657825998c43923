import { fromJson, fromUtf8, isObject, toJson, unb64, utf8, type Bytes } from './encoding.ts'
import { openEnvelope, sealEnvelopeWith } from './envelope.ts'
import { HalfkeyError, throwIfInvalid } from '../errors.ts'
import { importKey, IV_LENGTH, openBox, sealBox, sealBoxWith } from './gcm.ts'
import { contentIkm, deriveFileKey, deriveNoteKey, KEY_LENGTH } from './keys.ts'
import { random } from '../provider.ts'
import type { WireEnvelope } from '../wire.ts'

const MAX_PAYLOAD_BYTES = 2 ** 20
const MAX_FILES = 100
/** No file system takes more, and a sender's name may have a million. */
const MAX_NAME_CHARS = 255
export const FILE_ID_BYTES = 16

export interface FileEntry {
  /** b64 of 16 random bytes. */
  id: string
  name: string
  /** Media type as the sender gave it: untrusted. */
  type: string
  /** Plaintext bytes. */
  size: number
}

export interface Payload {
  text?: string | undefined
  /** b64 of content that isn't text, in place of `text`. */
  bytes?: string | undefined
  files?: FileEntry[] | undefined
}

export interface ContentKeys {
  /** 32 bytes, from the link. */
  keyB: Bytes
  slug: string
  /** 32 bytes, `stretchPassword`'s key; only if there is a password. */
  passwordKey?: Bytes | undefined
}

/** A payload as its reader has it. */
export interface OpenedPayload {
  text?: string
  bytes?: Bytes
  files: FileEntry[]
}

/**
 * Seals a payload under a new `keyA` (32 bytes), which is for the server alone.
 *
 * @throws HalfkeyError PAYLOAD_TOO_LARGE for a text or bytes of more than 1 MiB of JSON, VALIDATION_ERROR if the files' names make
 *   it so, MALFORMED for what a reader would refuse.
 */
export async function sealContent({
  payload,
  ...keys
}: ContentKeys & { payload: Payload }): Promise<{ keyA: Bytes; envelope: WireEnvelope }> {
  const json = toJson(payload)
  if (json.length > MAX_PAYLOAD_BYTES) {
    const { files: _files, ...content } = payload
    const { length } = toJson(content)
    if (length <= MAX_PAYLOAD_BYTES) {
      const problem = 'must have shorter names, or less content beside them: together they are over 1 MiB'
      throwIfInvalid({ attachments: [problem] })
    }
    throw new HalfkeyError(
      'PAYLOAD_TOO_LARGE',
      `The content is too large: ${length} bytes as JSON, and at most ${MAX_PAYLOAD_BYTES} (1 MiB) are allowed. Send it as an attachment.`,
      { details: { limit: 'content', maximum_bytes: MAX_PAYLOAD_BYTES, bytes: length } },
    )
  }
  readPayload(json)
  const [keyA, salt, iv] = await Promise.all([random(KEY_LENGTH), random(KEY_LENGTH), random(IV_LENGTH)])
  return { keyA, envelope: await sealContentWith({ ...keys, keyA, salt, iv, payload: json }) }
}

/** `sealContent` with its random parts given: for test vectors only. `payload` is the UTF-8 of its JSON. */
export function sealContentWith(
  parts: ContentKeys & { keyA: Bytes; salt: Bytes; iv: Bytes; payload: Bytes },
): Promise<WireEnvelope> {
  const { salt, iv, slug, payload } = parts
  return sealEnvelopeWith({ ikm: ikmOf(parts), aad: contentAad(slug), plaintext: payload, salt, iv })
}

/**
 * Opens an envelope as it came from the server, and checks the payload, which is the sender's and as little trusted.
 *
 * @throws HalfkeyError NEWER_VERSION, MALFORMED, WRONG_KEY (also when the server misreported whether there is a
 *   password) or TAMPERED.
 */
export async function openContent(parts: ContentKeys & { keyA: Bytes; envelope: unknown }): Promise<OpenedPayload> {
  return readPayload(
    await openEnvelope(
      ikmOf(parts),
      contentAad(parts.slug),
      parts.envelope,
      'The key is wrong, or the server misreported whether there is a password.',
    ),
  )
}

function ikmOf({ keyA, keyB, passwordKey }: ContentKeys & { keyA: Bytes }): Bytes {
  return passwordKey ? contentIkm(keyA, keyB, passwordKey) : contentIkm(keyA, keyB)
}

/** The key of one of the files that an envelope's payload lists, for AES-GCM alone. */
export async function fileKey(
  parts: ContentKeys & { keyA: Bytes },
  { salt }: Pick<WireEnvelope, 'salt'>,
  id: string,
  use: 'encrypt' | 'decrypt',
): Promise<CryptoKey> {
  return importKey(await deriveFileKey(ikmOf(parts), unb64(salt, KEY_LENGTH), id), use)
}

function contentAad(slug: string): Bytes {
  return utf8(`halfkey/v1 content\0${slug}`)
}

function readPayload(json: Bytes): OpenedPayload {
  if (json.length > MAX_PAYLOAD_BYTES) throw malformedPayload()
  const { text, bytes, files = [] } = fromJson(json)
  if (!Array.isArray(files) || files.length > MAX_FILES) throw malformedPayload()
  const entries = files.map(readFileEntry)
  if (new Set(entries.map(({ id }) => id)).size < entries.length) throw malformedPayload()
  if (text === undefined) return { ...(bytes !== undefined && { bytes: unb64(bytes) }), files: entries }
  if (typeof text !== 'string' || bytes !== undefined) throw malformedPayload()
  return { text, files: entries }
}

function readFileEntry(entry: unknown): FileEntry {
  if (!isObject(entry)) throw malformedPayload()
  const { id, name, type, size } = entry as Record<keyof FileEntry, unknown>
  unb64(id, FILE_ID_BYTES)
  if (typeof name !== 'string' || typeof type !== 'string') throw malformedPayload()
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw malformedPayload()
  return { id: id as string, name: lastComponent(name), type, size: size as number }
}

/** A name that can't leave the folder it is saved in, on any platform; of a longer one, its last 255 characters. */
export function lastComponent(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).replace(/\p{Cc}/gu, '')
  return /^\.{0,2}$/.test(last) ? 'file' : Array.from(last).slice(-MAX_NAME_CHARS).join('')
}

function malformedPayload(): HalfkeyError {
  return new HalfkeyError('MALFORMED', 'The content decrypts, but its format is invalid.')
}

/** Seals the note, which link holders read before the reveal. `b64` of at least 284 bytes. */
export async function sealNote(keyB: Bytes, slug: string, text: string): Promise<string> {
  return sealBox(await deriveNoteKey(keyB, slug), noteAad(slug), utf8(text))
}

/** `sealNote` with its random part given: for test vectors only. */
export async function sealNoteWith(iv: Bytes, keyB: Bytes, slug: string, text: string): Promise<string> {
  return sealBoxWith(iv, await deriveNoteKey(keyB, slug), noteAad(slug), utf8(text))
}

/** @throws HalfkeyError MALFORMED or TAMPERED. */
export async function openNote(keyB: Bytes, slug: string, note: string): Promise<string> {
  const text = await openBox(await deriveNoteKey(keyB, slug), noteAad(slug), note)
  if (!text) throw new HalfkeyError('TAMPERED', 'The note was changed after it was sealed.')
  return fromUtf8(text)
}

function noteAad(slug: string): string {
  return `halfkey/v1 note\0${slug}`
}
