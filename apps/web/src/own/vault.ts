/**
 * Where the token and the workspace key are kept: spec/adr/0005-pages.md says why so. Keys here are never extractable
 * (Web Cryptography).
 *
 * For the tab, both lie in session storage, which goes with it, sealed under a key in IndexedDB that opens nothing else.
 * On request both lie in IndexedDB until they are forgotten: the workspace key as a key, the token sealed.
 */

export interface Credentials {
  token: string
  /** For HKDF, non-extractable; undefined: there is none. */
  workspaceKey: CryptoKey | undefined
}

/** As they were entered. */
export interface Entered {
  token: string
  /** 32 bytes. */
  workspaceKey: Uint8Array<ArrayBuffer> | undefined
}

export type Keeping = 'browser' | 'tab' | 'page'

interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  ciphertext: Uint8Array<ArrayBuffer>
}

/** What IndexedDB holds on request. */
interface Kept {
  sealing: CryptoKey
  token: Sealed
  workspaceKey: CryptoKey | undefined
}

/** What session storage holds: ciphertexts behind their 12-byte iv, as base64. */
interface KeptForTab {
  token: string
  workspaceKey: string | undefined
}

const NAME = 'halfkey:own'
const KEPT = 'kept'
const TAB_KEY = 'tab key'
const IV_LENGTH = 12

export const importWorkspaceKey = (bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits'])

/** Returns for how long it is kept: a browser may let the page keep nothing. */
export async function keep({ token, workspaceKey }: Entered, forLong: boolean): Promise<Keeping> {
  try {
    return forLong ? await keepInBrowser(token, workspaceKey) : await keepInTab(token, workspaceKey)
  } catch {
    return 'page'
  }
}

async function keepInBrowser(token: string, workspaceKey: Entered['workspaceKey']): Promise<Keeping> {
  const sealing = await newSealingKey()
  const kept: Kept = {
    sealing,
    token: await seal(sealing, new TextEncoder().encode(token)),
    workspaceKey: workspaceKey && (await importWorkspaceKey(workspaceKey)),
  }
  await withStore('readwrite', (store) => store.put(kept, KEPT))
  return 'browser'
}

async function keepInTab(token: string, workspaceKey: Entered['workspaceKey']): Promise<Keeping> {
  const sealing = await tabKey()
  const kept: KeptForTab = {
    token: toText(await seal(sealing, new TextEncoder().encode(token))),
    workspaceKey: workspaceKey && toText(await seal(sealing, workspaceKey)),
  }
  sessionStorage.setItem(NAME, JSON.stringify(kept))
  return 'tab'
}

/** The tab's before the browser's; undefined where there are none, or none that open. */
export async function recall(): Promise<(Credentials & { keeping: Keeping }) | undefined> {
  try {
    const text = sessionStorage.getItem(NAME)
    if (text !== null) return { ...(await openForTab(JSON.parse(text) as KeptForTab)), keeping: 'tab' }
    const kept = await withStore('readonly', (store) => store.get(KEPT) as IDBRequest<Kept | undefined>)
    if (!kept) return undefined
    const token = new TextDecoder().decode(await open(kept.sealing, kept.token))
    return { token, workspaceKey: kept.workspaceKey, keeping: 'browser' }
  } catch {
    return undefined
  }
}

async function openForTab({ token, workspaceKey }: KeptForTab): Promise<Credentials> {
  const sealing = await tabKey()
  return {
    token: new TextDecoder().decode(await open(sealing, fromText(token))),
    workspaceKey: workspaceKey === undefined ? undefined : await unwrap(sealing, fromText(workspaceKey)),
  }
}

/** What was kept on request goes for every tab. */
export async function forget(keeping: Keeping): Promise<void> {
  try {
    sessionStorage.removeItem(NAME)
    if (keeping === 'browser') await withStore('readwrite', (store) => store.delete(KEPT))
  } catch {
    // Where nothing can be kept there is nothing to forget.
  }
}

const newSealingKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt', 'unwrapKey'])

/** The browser's one key for what tabs keep, made when it is first needed. */
async function tabKey(): Promise<CryptoKey> {
  const find = (): Promise<CryptoKey | undefined> => withStore('readonly', (store) => store.get(TAB_KEY))
  const known = await find()
  if (known) return known
  const made = await newSealingKey()
  // Fails if another tab was quicker; then theirs is the one.
  await withStore('readwrite', (store) => store.add(made, TAB_KEY)).catch(() => undefined)
  return (await find()) ?? made
}

async function seal(key: CryptoKey, plaintext: Uint8Array<ArrayBuffer>): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH))
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plaintext))
  return { iv, ciphertext }
}

const open = (key: CryptoKey, { iv, ciphertext }: Sealed): Promise<ArrayBuffer> =>
  crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, ciphertext)

/** The workspace key, whose bytes the page doesn't see again. */
const unwrap = (key: CryptoKey, { iv, ciphertext }: Sealed): Promise<CryptoKey> =>
  crypto.subtle.unwrapKey('raw', ciphertext, key, { name: 'AES-GCM', iv }, 'HKDF', false, ['deriveBits'])

const toText = ({ iv, ciphertext }: Sealed): string => btoa(String.fromCharCode(...iv, ...ciphertext))

function fromText(text: string): Sealed {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return { iv: bytes.subarray(0, IV_LENGTH), ciphertext: bytes.subarray(IV_LENGTH) }
}

async function withStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(NAME, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('own')
  const database = await settled(opening)
  try {
    const transaction = database.transaction('own', mode)
    const result = await settled(act(transaction.objectStore('own')))
    return result
  } finally {
    database.close()
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'))
  })
}
