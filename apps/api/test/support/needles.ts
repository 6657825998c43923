/** What no server may ever learn of a secret, derived from spec/protocol.md with node:crypto alone. */
import type { WireCreateRequest } from '@halfkey/sdk'
import { createDecipheriv, hkdfSync, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { formsOfBytes, formsOfText } from './forms.ts'
import type { Patterns } from './search.ts'
import { piecesOf } from './search.ts'

const hkdf = (ikm: Buffer, salt: Buffer | string, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', ikm, salt, info, 32))

export interface Hidden {
  texts: Record<string, string>
  keys: Record<string, Buffer>
}

export interface Known {
  keyB: Buffer
  workspaceKey: Buffer
  password: string | undefined
  texts: Record<string, string>
}

/** All keys of one secret that its sender, its owner and its recipient may compute: sections 4 and 7. */
export async function deriveHidden(sent: WireCreateRequest, known: Known): Promise<Hidden> {
  const { slug } = sent
  const { keyB, workspaceKey, password, texts } = known
  const keys: Record<string, Buffer> = {
    keyB,
    workspaceKey,
    noteKey: hkdf(keyB, slug, 'halfkey/v1 note'),
    passwordSalt: hkdf(keyB, slug, 'halfkey/v1 password salt'),
    ownerKey: hkdf(workspaceKey, slug, 'halfkey/v1 owner'),
  }
  const parts = [Buffer.from(sent.key_a, 'base64url'), keyB]
  if (password !== undefined) {
    const salt = keys['passwordSalt'] as Buffer
    const stretched = await promisify(pbkdf2)(password.normalize('NFC'), salt, 600_000, 32, 'sha256')
    const passwordKey = hkdf(stretched, slug, 'halfkey/v1 password key')
    Object.assign(keys, { stretched, passwordKey })
    parts.push(passwordKey)
  }
  const salt = Buffer.from(sent.envelope.salt, 'base64url')
  const ikm = Buffer.concat(parts)
  const contentKey = hkdf(ikm, salt, 'halfkey/v1 content')
  for (const [index, { id }] of (sent.attachments ?? []).entries())
    keys[`fileKey ${index}`] = hkdf(ikm, salt, `halfkey/v1 file ${id}`)
  const passwords = password === undefined ? {} : { password, 'password in NFC': password.normalize('NFC') }
  return { texts: { ...texts, ...passwords }, keys: { ...keys, contentKey } }
}

/** The text of an envelope, section 5: proves that the keys looked for are the ones that matter. */
export function decrypt({ slug, envelope }: WireCreateRequest, contentKey: Buffer): string {
  const sealed = Buffer.from(envelope.ciphertext, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', contentKey, Buffer.from(envelope.iv, 'base64url'))
  decipher.setAAD(Buffer.from(`halfkey/v1 content\0${slug}`)).setAuthTag(sealed.subarray(-16))
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  return (JSON.parse(padded.subarray(0, padded.lastIndexOf(0x80)).toString()) as { text: string }).text
}

const keyPiece = 8
const textPiece = 12

/** Adds every form of a key, whole and in pieces. */
export function addKey(patterns: Patterns, name: string, key: Buffer): void {
  for (const piece of [key, ...piecesOf(key, keyPiece)]) addForms(patterns, name, formsOfBytes(piece))
}

/** Adds every form of a text, whole and in pieces of whole characters. */
export function addText(patterns: Patterns, name: string, text: string): void {
  addForms(patterns, name, formsOfText(text))
  const characters = Array.from(text)
  for (let at = 0; at + textPiece <= characters.length; at += textPiece)
    addForms(patterns, name, formsOfText(characters.slice(at, at + textPiece).join('')))
}

function addForms(patterns: Patterns, name: string, forms: Record<string, Buffer[]>): void {
  for (const [form, encodings] of Object.entries(forms))
    for (const bytes of encodings) patterns.add(`${name} (${form})`, bytes)
}
