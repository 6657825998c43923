/**
 * The protocol's test vectors as plain data: reads nothing, needs no test runner, so that the same cases run in every
 * runtime.
 */
import { openContent, openNote, sealContentWith, sealNoteWith } from '../src/protocol/content.ts'
import { b64, concat, unb64, utf8, type Bytes } from '../src/protocol/encoding.ts'
import { HalfkeyError, type ErrorCode } from '../src/errors.ts'
import {
  CHUNK_LENGTH,
  encryptedSize,
  openChunks,
  PART_LENGTH,
  partCount,
  SEALED_CHUNK_LENGTH,
  sealChunksWith,
} from '../src/protocol/chunks.ts'
import { importKey } from '../src/protocol/gcm.ts'
import { contentIkm, deriveContentKeys, deriveFileKey, stretchPassword, verifierOf } from '../src/protocol/keys.ts'
import { deriveVersionKey, openKmsMeta, openVersion, sealKmsMetaWith, sealVersionWith } from '../src/protocol/kms.ts'
import { deriveKey, formatKey, parseKey, rootKey } from '../src/protocol/kms-keys.ts'
import { deriveLink, formatLink, parseLink, readLink } from '../src/protocol/link.ts'
import { openMeta, parseWorkspaceKey, sealMetaWith, workspaceCheck } from '../src/protocol/owner.ts'
import { pad, paddedLength, unpad } from '../src/protocol/padding.ts'
import {
  checkPublicKey,
  deriveAnswerKey,
  deriveAsk,
  deriveRequest,
  openAnswerKey,
  openRequestNote,
  parseAskLink,
  parseCollectLink,
  sealAnswerKey,
  sealRequestNoteWith,
} from '../src/protocol/request.ts'
import type { Kem } from '../src/protocol/request-kem.ts'
import { loadKem } from '../src/request/kem.ts'
import type { WireEnvelope } from '../src/wire.ts'
import { shake256 } from './shake256.ts'

/** File name without `.json` → its parsed content. */
export type Vectors = Record<string, { cases: unknown[] }>

export interface ConformanceCase {
  name: string
  /** Throws if the implementation departs from the vector. */
  run: () => Promise<void>
}

export function conformance(vectors: Vectors): ConformanceCase[] {
  return Object.entries(vectors).flatMap(([file, { cases }]) =>
    cases.map((vector, i) => ({
      name: `${file} ${i} ${describe(vector)}${needsKem(file, vector) && !hasKem ? UNSUPPORTED : ''}`.trim(),
      run: async () => {
        const suite = suites[file]
        if (!suite) throw new Error(`no suite for the vectors in ${file}.json`)
        await suite(vector)
      },
    })),
  )
}

/** Requests need the runtime's own WebCrypto, and say so where there is none. */
const hasKem = 'crypto' in globalThis
const UNSUPPORTED = ': its KEM is UNSUPPORTED in this runtime, and said to be'
const needsKem = (file: string, vector: unknown) =>
  file === 'request' || (file === 'request_refused' && 'seed' in (vector as object))
const noKem: Kem = { publicKey: loadKem as never, seal: loadKem as never, open: loadKem as never }

/** What a refusal is called in the vectors → the code that the SDK gives it. */
const CODES: Record<string, ErrorCode> = {
  'no fragment': 'LINK_NO_FRAGMENT',
  'cut short': 'LINK_CUT_SHORT',
  mistyped: 'LINK_MISTYPED',
  'wrong key': 'WRONG_KEY',
  tampered: 'TAMPERED',
  malformed: 'MALFORMED',
}
const LINK_CODES: Record<string, ErrorCode> = { ...CODES, 'newer version': 'LINK_NEWER_VERSION' }
const KEY_CODES: Record<string, ErrorCode> = {
  'cut short': 'KEY_CUT_SHORT',
  mistyped: 'KEY_MISTYPED',
  'newer version': 'KEY_NEWER_VERSION',
  malformed: 'MALFORMED',
}
const CONTENT_CODES: Record<string, ErrorCode> = { ...CODES, 'newer version': 'NEWER_VERSION' }

const suites: Record<string, (vector: unknown) => Promise<void>> = {
  async encoding(vector) {
    const v = vector as { b64?: string; unpad?: string; bytes: string | null; pad?: number; padded: number }
    if (v.b64 !== undefined) {
      const text = v.b64
      if (v.bytes === null) return refuses('MALFORMED', () => unb64(text))
      same(hex(unb64(text)), v.bytes)
      same(b64(unhex(v.bytes)), text)
    } else if (v.unpad !== undefined) {
      const padded = unhex(v.unpad)
      if (v.bytes === null) return refuses('MALFORMED', () => unpad(padded))
      same(hex(unpad(padded)), v.bytes)
    } else if (v.pad !== undefined) {
      same(paddedLength(v.pad), v.padded)
      const bytes = new Uint8Array(v.pad).fill(0x61)
      same(pad(bytes).length, v.padded)
      same(unpad(pad(bytes)).length, v.pad)
    } else {
      throw new Error('neither b64, pad nor unpad')
    }
  },

  async link(vector) {
    const v = vector as Record<'keyB' | 'access' | 'accessVerifier' | 'slug' | 'fragment' | 'share_url', string>
    const link = await deriveLink(unb64(v.keyB))
    same(b64(link.access), v.access)
    same(b64(link.accessVerifier), v.accessVerifier)
    same(link.slug, v.slug)
    const base = v.share_url.slice(0, v.share_url.lastIndexOf('/'))
    same(formatLink(base, v.slug, unb64(v.keyB)), v.share_url)
    same(v.share_url.split('#')[1], v.fragment)
    const parsed = await parseLink(v.share_url)
    same([parsed.base, parsed.slug, b64(parsed.keyB), b64(parsed.access)], [base, v.slug, v.keyB, v.access])
  },

  async link_forgiven(vector) {
    const v = vector as Record<'url' | 'keyB' | 'slug', string>
    const parsed = await parseLink(v.url)
    same([parsed.slug, b64(parsed.keyB)], [v.slug, v.keyB])
  },

  async link_kinds(vector) {
    const v = vector as Record<'url' | 'kind', string>
    const readers: Record<string, () => unknown> = {
      share: () => parseLink(v.url),
      ask: () => parseAskLink(v.url),
      collect: () => readLink(v.url, 'collect'),
      status: () => readLink(v.url, 'status'),
    }
    if (!(v.kind in readers)) throw new Error(`no reader for links of the kind ${v.kind}`)
    for (const [kind, read] of Object.entries(readers)) {
      if (kind === v.kind) await read()
      else same((await refusal('LINK_WRONG_KIND', read)).details, { kind: v.kind })
    }
  },

  async link_refused(vector) {
    const v = vector as Record<'url' | 'reason', string>
    await refuses(LINK_CODES[v.reason], () => parseLink(v.url))
  },

  async password(vector) {
    const v = vector as Record<'password' | 'keyB' | 'slug', string> &
      Record<'passwordProof' | 'passwordKey', string | null>
    const stretch = () => stretchPassword(v.password, unb64(v.keyB), v.slug)
    if (v.passwordProof === null) return refuses('VALIDATION_ERROR', stretch)
    const { proof, key } = await stretch()
    same([b64(proof), b64(key)], [v.passwordProof, v.passwordKey])
  },

  content,
  content_bytes: content,

  async content_refused(vector) {
    const v = vector as Record<'keyA' | 'keyB' | 'error', string> & { password?: string | null; envelope: unknown }
    await refuses(CONTENT_CODES[v.error], async () => openContent({ ...(await contentKeys(v)), envelope: v.envelope }))
  },

  async note(vector) {
    const v = vector as Record<'keyB' | 'slug' | 'iv' | 'text' | 'note', string>
    same(await sealNoteWith(unb64(v.iv), unb64(v.keyB), v.slug, v.text), v.note)
    same(await openNote(unb64(v.keyB), v.slug, v.note), v.text)
  },

  async file(vector) {
    const { size, key, plaintext, sealed } = await fileCase(vector)
    const { encryptedSize: expected } = vector as FileVector
    same([encryptedSize(size), sealed.length], [expected, expected])
    const opened: Bytes[] = []
    await openSealed(key, size, sealed, (chunk) => opened.push(chunk))
    same(await sha256(concat(opened)), await sha256(plaintext))
    for (let cut = 0; cut < opened.length; cut++) {
      let handedOut = 0
      const start = sealed.subarray(0, cut * SEALED_CHUNK_LENGTH)
      await refuses('TAMPERED', () => openSealed(key, size, start, () => handedOut++))
      same(handedOut, cut)
      // As if the file had ended there: no chunk but the last says that it is last.
      if (cut > 0) await refuses('TAMPERED', () => openSealed(key, cut * CHUNK_LENGTH, start, () => undefined))
    }
  },

  async owner(vector) {
    const v = vector as Record<'workspaceKey' | 'slug' | 'iv' | 'json' | 'meta', string>
    const workspaceKey = parseWorkspaceKey(v.workspaceKey)
    same(await sealMetaWith(unb64(v.iv), workspaceKey, v.slug, utf8(v.json)), v.meta)
    same(sorted(await openMeta(workspaceKey, v.slug, v.meta)), sorted(JSON.parse(v.json) as object))
  },

  async workspace(vector) {
    const v = vector as Record<'workspaceKey' | 'workspaceCheck', string>
    same(b64(await workspaceCheck(parseWorkspaceKey(v.workspaceKey))), v.workspaceCheck)
  },

  async kms(vector) {
    const v = vector as Record<'workspaceKey' | 'handler' | 'keyA' | 'keyB' | 'content', string> &
      Record<'meta' | 'meta_iv' | 'meta_json', string> & { version: number; envelope: WireEnvelope }
    const entryKey = await deriveKey(await rootKey(parseWorkspaceKey(v.workspaceKey)), v.handler)
    const entry = { entryKey, handler: v.handler, version: v.version, keyA: unb64(v.keyA) }
    same(b64(await deriveVersionKey(entry)), v.keyB)
    const { salt, iv } = v.envelope
    const sealed = await sealVersionWith({ ...entry, content: unb64(v.content), salt: unb64(salt), iv: unb64(iv) })
    same(sealed, v.envelope)
    same(b64(await openVersion({ ...entry, envelope: v.envelope })), v.content)
    same(await sealKmsMetaWith(unb64(v.meta_iv), entryKey, v.handler, utf8(v.meta_json)), v.meta)
    same(sorted(await openKmsMeta(entryKey, v.handler, v.meta)), sorted(JSON.parse(v.meta_json) as object))
  },

  async kms_key(vector) {
    type Keys = Record<'path' | 'folderKey' | 'entryKey', string>
    const v = vector as Keys &
      Record<'workspaceKey' | 'workspaceCheck' | 'folderText' | 'entryText', string> & { below: Keys[] }
    const root = await rootKey(parseWorkspaceKey(v.workspaceKey))
    same(root.check, v.workspaceCheck)
    const [folder, entry] = [await parseKey(v.folderText), await parseKey(v.entryText)]
    same([folder.name, folder.check, entry.name, entry.check], [`${v.path}/`, root.check, v.path, root.check])
    for (const key of [root, folder]) {
      for (const { path, folderKey, entryKey } of [v, ...v.below]) {
        same(b64(await deriveKey(key, `${path}/`)), folderKey)
        same(b64(await deriveKey(key, path)), entryKey)
      }
      same([await formatKey(key, `${v.path}/`), await formatKey(key, v.path)], [v.folderText, v.entryText])
    }
    same([b64(await deriveKey(entry, v.path)), await formatKey(entry, v.path)], [v.entryKey, v.entryText])
  },

  async request(vector) {
    const v = vector as Record<'seed' | 'r' | 'kemPrivateKey' | 'publicKey' | 'askKey' | 'access' | 'slug', string> &
      Record<'accessVerifier' | 'collect' | 'collectVerifier' | 'ask_url' | 'collect_url' | 'text', string> &
      Record<'iv' | 'note', string> & { answers: Record<'x' | 'keyB' | 'slug' | 'sealed_key_b', string>[] }
    const kem = hasKem ? await loadKem() : { ...noKem, publicKey: () => Promise.resolve(unb64(v.publicKey)) }
    const keys = await deriveRequest(kem, unb64(v.seed))
    same(b64(keys.privateKey), v.kemPrivateKey)
    same(b64(keys.publicKey), v.publicKey)
    same([b64(keys.askKey), b64(keys.askKey.subarray(0, 16))], [v.askKey, v.r])
    const { access, accessVerifier, slug } = await deriveAsk(keys.askKey)
    same([b64(access), b64(accessVerifier), slug], [v.access, v.accessVerifier, v.slug])
    same([keys.slug, b64(keys.accessVerifier)], [v.slug, v.accessVerifier])
    same([b64(keys.collect), b64(await verifierOf(keys.collect))], [v.collect, v.collectVerifier])

    const base = v.ask_url.slice(0, v.ask_url.indexOf('/ask/'))
    same(formatLink(base, slug, keys.askKey, 'ask'), v.ask_url)
    same(formatLink(base, slug, keys.seed, 'collect'), v.collect_url)
    const ask = await parseAskLink(v.ask_url)
    same([ask.base, ask.slug, b64(ask.askKey), b64(ask.access)], [base, slug, v.askKey, v.access])
    const collect = await parseCollectLink(kem, v.collect_url)
    same([collect.base, collect.keys.slug, b64(collect.keys.seed)], [base, slug, v.seed])

    same(await sealRequestNoteWith(unb64(v.iv), keys.askKey, slug, v.text), v.note)
    same(await openRequestNote(keys.askKey, slug, v.note), v.text)
    same(b64(await checkPublicKey(keys.askKey, v.publicKey)), v.publicKey)

    if (!hasKem) await refuses('UNSUPPORTED', loadKem)
    for (const answer of v.answers) {
      const x = unb64(answer.x)
      same(b64(await deriveAnswerKey(x, keys.askKey)), answer.keyB)
      same((await deriveLink(unb64(answer.keyB))).slug, answer.slug)
      if (!hasKem) continue
      same(b64(await openAnswerKey(kem, keys, answer.slug, answer.sealed_key_b)), answer.keyB)
      const sealed = await sealAnswerKey(kem, keys.publicKey, { request: slug, answer: answer.slug }, x)
      same(b64(await openAnswerKey(kem, keys, answer.slug, b64(sealed))), answer.keyB)
    }
  },

  async request_refused(vector) {
    const v = vector as Partial<Record<'askKey' | 'publicKey' | 'seed' | 'answerSlug' | 'sealed_key_b', string>> & {
      error: string
    }
    if (v.askKey !== undefined) {
      const askKey = unb64(v.askKey)
      await refuses(CODES[v.error], () => checkPublicKey(askKey, v.publicKey))
      return
    }
    if (!hasKem) return refuses('UNSUPPORTED', loadKem)
    const kem = await loadKem()
    const keys = await deriveRequest(kem, unb64(v.seed))
    await refuses(CODES[v.error], () => openAnswerKey(kem, keys, v.answerSlug ?? '', v.sealed_key_b))
  },

  async kms_key_refused(vector) {
    const v = vector as Record<'text' | 'error', string>
    await refuses(KEY_CODES[v.error], () => parseKey(v.text))
  },
}

async function content(vector: unknown): Promise<void> {
  const v = vector as Record<'keyA' | 'keyB' | 'payload' | 'contentKey' | 'commitment', string> & {
    password?: string | null
    envelope: WireEnvelope
  }
  const keys = await contentKeys(v)
  const salt = unb64(v.envelope.salt)
  const ikm = contentIkm(keys.keyA, keys.keyB, ...(keys.passwordKey ? [keys.passwordKey] : []))
  const { contentKey, commitment } = await deriveContentKeys(ikm, salt)
  same([b64(contentKey), b64(commitment)], [v.contentKey, v.commitment])
  const sealed = await sealContentWith({ ...keys, salt, iv: unb64(v.envelope.iv), payload: utf8(v.payload) })
  same(sealed, v.envelope)
  const { bytes, ...opened } = await openContent({ ...keys, envelope: v.envelope })
  same({ ...opened, ...(bytes && { bytes: b64(bytes) }) }, asOpened(v.payload))
}

type FileVector = Record<'keyA' | 'keyB' | 'salt' | 'id' | 'fileKey' | 'plaintext', string> &
  Record<'sha256_plaintext' | 'sha256_ciphertext', string> & { size: number; encryptedSize: number; ivs: string[] }

/** A file's vector in all its forms: key, plaintext and sealed bytes. */
async function fileCase(vector: unknown) {
  const v = vector as FileVector
  const [, seed = ''] = /^SHAKE256\('(.*)', \d+\)$/.exec(v.plaintext) ?? []
  const plaintext = shake256(utf8(seed), v.size)
  const key = await deriveFileKey(contentIkm(unb64(v.keyA), unb64(v.keyB)), unb64(v.salt), v.id)
  same(await sha256(plaintext), v.sha256_plaintext)
  same(b64(key), v.fileKey)
  const sealing = await importKey(key, 'encrypt')
  const ivs = v.ivs.map((iv) => unb64(iv))
  const parts: Bytes[] = []
  for (let part = 0; part < partCount(v.size); part++) {
    const piece = plaintext.subarray(part * PART_LENGTH, (part + 1) * PART_LENGTH)
    const into = new Uint8Array(encryptedSize(piece.length))
    await sealChunksWith(concat(ivs.slice(part * 32, part * 32 + 32)), sealing, v.size, part * 32, piece, into)
    parts.push(into)
  }
  const sealed = concat(parts)
  same(await sha256(sealed), v.sha256_ciphertext)
  return { size: v.size, key: await importKey(key, 'decrypt'), plaintext, sealed }
}

/** Opens sealed bytes, zeros where some are missing; `give` gets each chunk that is handed out. */
async function openSealed(key: CryptoKey, size: number, sealed: Bytes, give: (chunk: Bytes) => void) {
  const memory = new Uint8Array(SEALED_CHUNK_LENGTH)
  // As a download does: the same memory for one chunk after the other.
  const read = (offset: number, length: number) => {
    memory.fill(0)
    memory.set(sealed.subarray(offset, offset + length))
    return Promise.resolve(memory.subarray(0, length))
  }
  for await (const chunk of openChunks(key, size, read)) give(chunk)
}

async function sha256(bytes: Bytes): Promise<string> {
  return hex(await verifierOf(bytes))
}

async function contentKeys(v: { keyA: string; keyB: string; password?: string | null }) {
  const keyA = unb64(v.keyA, 32)
  const keyB = unb64(v.keyB, 32)
  const { slug } = await deriveLink(keyB)
  const passwordKey = typeof v.password === 'string' ? (await stretchPassword(v.password, keyB, slug)).key : undefined
  return { keyA, keyB, slug, passwordKey }
}

/** What a reader makes of a payload: known members alone, and the last component of each file's name. */
function asOpened(payload: string): object {
  const {
    text,
    bytes,
    files = [],
  } = JSON.parse(payload) as {
    text?: string
    bytes?: string
    files?: Record<string, unknown>[]
  }
  return {
    ...(text !== undefined && { text }),
    files: files.map(({ id, name, type, size }) => ({ id, name: (name as string).split(/[/\\]/).at(-1), type, size })),
    ...(bytes !== undefined && { bytes }),
  }
}

function describe(vector: unknown): string {
  const { why, reason, error, password, handler, path, plaintext } = vector as Record<string, unknown>
  return [why, reason, error, password, handler, path, plaintext].filter((word) => typeof word === 'string').join(' ')
}

function same(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`got ${a}, but the vector says ${b}`)
}

async function refuses(code: ErrorCode | undefined, act: () => unknown): Promise<void> {
  await refusal(code, act)
}

async function refusal(code: ErrorCode | undefined, act: () => unknown): Promise<HalfkeyError> {
  if (!code) throw new Error('the vector names an unknown kind of refusal')
  let got: Error | undefined
  try {
    await act()
  } catch (error) {
    got = error as Error
  }
  if (!got) throw new Error(`was accepted, but the vector says ${code}`)
  if (!(got instanceof HalfkeyError) || got.code !== code) {
    throw new Error(`was refused with ${got.message}, but the vector says ${code}`, { cause: got })
  }
  return got
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function unhex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}
