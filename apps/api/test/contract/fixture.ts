/** What the contract's chapters share: a fresh store for every test, secrets to put into it, and which methods were tested. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect } from 'vitest'
import type { KmsName } from '../../src/domain/kms/decision.ts'
import { firstDenial, revealPolicies } from '../../src/domain/policies/reveal.ts'
import { partCount } from '../../src/domain/secrets/attachment.ts'
import type { NewRequest, RequestRecord } from '../../src/domain/requests/request.ts'
import type { Attachment, Caller, NewSecret, Secret, State } from '../../src/domain/secrets/secret.ts'
import type { AdoptOutcome } from '../../src/store/attachments.ts'
import type { RevealCommand, RevealOutcome, Store } from '../../src/store/store.ts'
import type { Token } from '../../src/domain/tokens/token.ts'
import { newToken } from '../../src/domain/tokens/token.ts'

export interface OpenedStore {
  store: Store
  /** The same database through connections of its own, as another server has it. */
  again(): Store
  /**
   * Writes as another writer would who comes between a read and a write of `store`'s. Called from a callback of a command,
   * where that is under way.
   */
  interfere: {
    secret(id: number, fields: Partial<Pick<Secret, 'state' | 'views' | 'maximumViews' | 'expiresAt'>>): void
    kms(name: KmsName, fields: { newest: number }): void
    request(
      id: number,
      fields: Partial<Pick<RequestRecord, 'state' | 'answers' | 'maximumAnswers' | 'expiresAt'>>,
    ): void
  }
  /** Closes it, unless a test did, and removes what it made. */
  remove(): Promise<void>
}

/** The methods that a test of this suite called itself, rather than to prepare something. */
export const tested = new Set<string>()

const noting = (store: Store): Store =>
  new Proxy(store, {
    get(target, name, receiver) {
      if (typeof name === 'string') tested.add(name)
      return Reflect.get(target, name, receiver) as unknown
    },
  })

export type OpenStore = () => Promise<OpenedStore>

export const caller: Caller = { ip: '192.0.2.7', userAgent: 'contract', country: null }
export const start = Date.UTC(2026, 0, 1)
export const hour = 3_600_000
export const graceMs = 600_000
/** Before which nothing ended: a sweep that purges nothing. */
export const never = 0

export const bytes = (length: number): Buffer => randomBytes(length)
export const text = (length: number): string => bytes(length).toString('base64url')

/** The name of a blob. */
export const blobName = (): string => bytes(16).toString('hex')

/** A file of one part unless told otherwise. */
export const file = (size = 1000): Attachment => ({ fileId: bytes(16), size })

export const denied = (code: string) => ({ kind: 'denied', denial: expect.objectContaining({ code }) as unknown })

export function newSecret(fields: Partial<NewSecret> = {}): NewSecret {
  return {
    slug: text(10),
    requestId: null,
    workspaceId: null,
    tokenId: null,
    creator: 'anonymous',
    accessVerifier: bytes(32),
    manageVerifier: bytes(32),
    createDigest: bytes(32),
    maximumViews: 1,
    hasPassword: false,
    maxAttempts: 3,
    onLockout: 'lock',
    ipWhitelist: null,
    geolocation: null,
    captcha: false,
    otpType: null,
    attachmentsCount: fields.attachments?.length ?? 0,
    attachments: [],
    createdAt: start,
    updatedAt: start,
    expiresAt: start + hour,
    meta: null,
    content: {
      sealedKeyA: bytes(60),
      envelope: { v: 1, salt: text(32), iv: text(12), commitment: text(32), ciphertext: text(272) },
      note: text(300),
      passwordVerifier: null,
      sealedOtp: null,
      sealedNotify: null,
      sealedKeyB: null,
    },
    ...fields,
  }
}

export function newRequest(fields: Partial<NewRequest> = {}): NewRequest {
  return {
    slug: text(10),
    workspaceId: null,
    tokenId: null,
    creator: 'anonymous',
    accessVerifier: bytes(32),
    collectVerifier: bytes(32),
    createDigest: bytes(32),
    maximumAnswers: 1,
    limits: { maximumViews: 1, expiresIn: 3600, maximumBytes: 1_000_000, maximumFiles: 10 },
    createdAt: start,
    updatedAt: start,
    expiresAt: start + hour,
    meta: null,
    content: { publicKey: bytes(1216), note: text(300), sealedNotify: null },
    ...fields,
  }
}

/** The outcome of a reveal: everything that was stored but what only the list of answers shows. */
export function revealed({ content: { sealedKeyB: _sealed, ...content } }: NewSecret) {
  return { kind: 'revealed', content }
}

export interface GivenSecret extends Secret {
  sent: NewSecret
}

export interface GivenOwner {
  workspaceId: number
  token: Token
  /** The fields of a secret that the token makes. */
  owned: Pick<NewSecret, 'workspaceId' | 'tokenId' | 'creator'>
}

export interface StoreFixture {
  /** The store of the test that runs. */
  store: () => Store
  /** The same database, opened once more. */
  rival: () => Store
  interfere: () => OpenedStore['interfere']
  /** Creates a secret and reads it back. */
  given: (fields?: Partial<NewSecret>) => Promise<GivenSecret>
  givenOwner: () => Promise<GivenOwner>
  /** `on`: another server's store. */
  reveal: (
    secret: Secret,
    revealId: Buffer,
    now?: number,
    fields?: Partial<RevealCommand>,
    on?: Store,
  ) => Promise<RevealOutcome>
  /** Adopts a part; its outcome, and the name of the blob that was announced for it. */
  adopt: (
    secret: Secret,
    of: Attachment,
    part?: number,
    digest?: Buffer,
    now?: number,
  ) => Promise<{ outcome: AdoptOutcome; name: string }>
  /** Adopts every part of every file and completes; the blobs' names. */
  upload: (secret: GivenSecret, now?: number) => Promise<string[]>
  /** The blobs that are to be removed by then. */
  removable: (now: number) => Promise<string[]>
  stateOf: (secret: Secret) => Promise<State | undefined>
}

export function useStore(open: OpenStore): StoreFixture {
  let opened: OpenedStore
  let store: Store
  let rivals: Store[] = []
  beforeEach(async () => {
    opened = await open()
    store = noting(opened.store)
  })
  afterEach(async () => {
    for (const rival of rivals) await rival.close()
    rivals = []
    await opened.remove()
  })

  const adopt: StoreFixture['adopt'] = async (secret, of, part = 0, digest = bytes(32), now = start) => {
    const attachment = await opened.store.findAttachment(secret.id, of.fileId)
    const name = blobName()
    await opened.store.announceBlob(name, now + hour)
    const outcome = await store.adoptBlob({ name, attachmentId: attachment?.id ?? 0, part, digest, now })
    return { outcome, name }
  }

  return {
    adopt,

    async upload(secret, now = start) {
      const names: string[] = []
      for (const of of secret.sent.attachments)
        for (let part = 0; part < partCount(of.size); part++) {
          const { outcome, name } = await adopt(secret, of, part, bytes(32), now)
          expect(outcome).toBe('adopted')
          names.push(name)
        }
      expect(await opened.store.completeUpload(secret.id, now)).toEqual({ kind: 'complete' })
      return names.sort()
    },

    removable: (now) => store.listRemovableBlobs(now, '', 1000),

    store: () => store,

    rival() {
      const rival = opened.again()
      rivals.push(rival)
      return rival
    },

    interfere: () => opened.interfere,

    async given(fields = {}) {
      const sent = newSecret(fields)
      const outcome = await opened.store.createSecret(sent, caller)
      expect(outcome).toEqual({ kind: 'created', createdAt: sent.createdAt })
      const secret = await opened.store.findSecret(sent.slug)
      if (!secret) throw new Error('a created secret is not found')
      return { ...secret, sent }
    },

    async givenOwner() {
      const { id: workspaceId } = await opened.store.firstWorkspace('default', start)
      const fields = { workspaceId, name: 'laptop', createdAt: start, expiresAt: null }
      const { token } = newToken({ ...fields, scopes: ['secrets:read'] })
      await opened.store.createToken(token)
      return { workspaceId, token, owned: { workspaceId, tokenId: token.id, creator: token.name } }
    },

    reveal(secret, revealId, now = start, fields = {}, on = store) {
      return on.reveal({
        secretId: secret.id,
        revealId,
        proofVerifier: null,
        codeVerifier: null,
        matchTotp: () => null,
        captcha: 'missing',
        decide: (row, evidence) =>
          firstDenial(revealPolicies, { ...evidence, secret: row, ip: null, country: null, now }),
        now,
        graceMs,
        caller,
        ...fields,
      })
    },

    stateOf: async (secret) => (await opened.store.readRecord(secret.id))?.state,
  }
}
