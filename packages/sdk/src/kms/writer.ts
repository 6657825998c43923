/**
 * Writing named secrets (spec/protocol.md section 8): with the key that the workspace's check value names, and only after
 * that key has opened what there is.
 */
import { HalfkeyError } from '../errors.ts'
import { sealKmsMeta, type KmsMeta } from '../protocol/kms.ts'
import { deriveKey, type KmsKey } from '../protocol/kms-keys.ts'
import { needKeys, openMetaWithAnyKey } from './keys.ts'
import type { KmsRecord } from './records.ts'
import { checkIn, isConflict, newestIn, pathOf, putVersion, readEntryOf, readOne, type Put } from './versions.ts'
import type { OwnerCalls } from '../workspace/owner-calls.ts'
import { readWorkspace } from '../workspace/records.ts'
import type { WireKmsPatchRequest } from '../wire.ts'

/** Attempts to change a name or properties while others change them too. */
const MAX_PATCHES = 10
/** Attempts to put a version while others put theirs. With the waits between them, they take up to a minute. */
const MAX_PUTS = 200
/** The wait after a lost race grows with the number of races lost, up to this. */
const MAX_WAIT_MS = 500

interface Chosen {
  key: KmsKey
  /**
   * An entry's name and properties, null for none: to be opened before every write, because what a key doesn't open, its
   * other readers couldn't open after the write.
   *
   * @throws HalfkeyError WRONG_KEY
   */
  openMeta: (meta: string | null) => Promise<KmsMeta>
}

export class Writer {
  readonly #owner: OwnerCalls
  /** The workspace's, as last heard; null: it has none, undefined: not asked yet. */
  #check: string | null | undefined

  constructor(owner: OwnerCalls) {
    this.#owner = owner
  }

  /**
   * Puts as `version`, or as the newest + 1 while others put theirs at the same time.
   *
   * @throws HalfkeyError CONFLICT if that version exists already, or every attempt was refused
   */
  async put(put: Put, version: number | undefined): Promise<{ handler: string; version: number }> {
    const { handler, signal } = put
    let newest = 0
    for (let lost = 0; lost < MAX_PUTS; lost++) {
      const chosen = await this.#choose('put', handler, signal)
      const entry = await this.#find(handler, signal)
      await chosen.openMeta(entry?.meta ?? null)
      newest = Math.max(newest, entry?.version ?? 0)
      try {
        return { handler, version: await putVersion(this.#owner, chosen.key, version ?? newest + 1, put) }
      } catch (error) {
        if (!this.#isReplaced(chosen, error)) {
          const named = newestIn(error)
          if (version !== undefined || named === undefined) throw error
          newest = named
        }
      }
      if (lost > 0) await pause(Math.random() * Math.min(MAX_WAIT_MS, 5 * lost))
    }
    throw new HalfkeyError(
      'CONFLICT',
      `The server refused ${MAX_PUTS} attempts to put ${handler}, because something else changed first each time. ` +
        'Nothing was stored. Try again when fewer programs write to it. If it keeps failing, check the server.',
    )
  }

  /**
   * Changes what is given of name and properties, and fields that aren't sealed; tried again if somebody else changed name
   * or properties meanwhile. Without any key, fields alone.
   */
  async patch(
    handler: string,
    changes: KmsMeta | undefined,
    fields: WireKmsPatchRequest,
    signal: AbortSignal | undefined,
  ): Promise<KmsRecord> {
    if (!changes && (await this.#owner.kmsKeys()).length === 0) return this.#send(handler, fields, signal)
    for (let attempt = 1; ; attempt++) {
      const chosen = await this.#choose('name', handler, signal)
      const { meta } = await readOne(this.#owner, handler, signal)
      const opened = await chosen.openMeta(meta)
      const sealed = changes && {
        meta: await sealKmsMeta(await deriveKey(chosen.key, handler), handler, { ...opened, ...changes }),
        previous_meta: meta,
        workspace_check: chosen.key.check,
      }
      try {
        return await this.#send(handler, { ...fields, ...sealed }, signal)
      } catch (error) {
        if (!isConflict(error) || attempt === MAX_PATCHES) throw error
        this.#isReplaced(chosen, error)
      }
    }
  }

  /**
   * @param what  the call or option that needs a key
   * @throws HalfkeyError KEY_NOT_COVERING before any request; WRONG_KEY if the workspace has none of the keys.
   */
  async #choose(what: string, handler: string, signal: AbortSignal | undefined): Promise<Chosen> {
    const keys = await needKeys(this.#owner, what, handler)
    const check = this.#check === undefined ? await this.#askCheck(signal) : this.#check
    const key = keys.find((one) => check === null || one.check === check)
    // Not kept if none fits: the workspace may get one that does.
    this.#check = key ? check : undefined
    if (!key) throw new HalfkeyError('WRONG_KEY', "This isn't the workspace's key. Nothing was sent.")
    // During a rekey the old key still opens what the new one, which the workspace already has, is going to seal.
    const readers = check === null ? [key] : [key, ...keys.filter((one) => one !== key)]
    return { key, openMeta: (meta) => openMetaWithAnyKey(readers, handler, meta) }
  }

  /** Whether a write was refused because the workspace has come to have another key: the next choice respects it. */
  #isReplaced({ key }: Chosen, refusal: unknown): boolean {
    const check = checkIn(refusal)
    if (check === undefined || check === key.check) return false
    this.#check = check
    return true
  }

  async #askCheck(signal: AbortSignal | undefined): Promise<string | null> {
    const { data } = await this.#owner.call('GET', '/workspace', { signal })
    return readWorkspace(data).workspaceCheck
  }

  /** Undefined: there is none, or it was deleted. */
  async #find(handler: string, signal: AbortSignal | undefined): Promise<KmsRecord | undefined> {
    try {
      return await readOne(this.#owner, handler, signal)
    } catch (error) {
      if (error instanceof HalfkeyError && error.code === 'NOT_FOUND') return undefined
      throw error
    }
  }

  async #send(handler: string, patch: WireKmsPatchRequest, signal: AbortSignal | undefined): Promise<KmsRecord> {
    const { data } = await this.#owner.call('PATCH', pathOf(handler), { signal, body: JSON.stringify(patch) })
    return readEntryOf(handler, data)
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
