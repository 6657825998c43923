/** An aborted call says so, and keeps the signal's reason: whatever it was waiting for, and whichever call it was. */
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  Halfkey,
  openAsk,
  openCollect,
  openLink,
  openReceipt,
  solveCaptcha,
  type CallOptions,
  type Link,
  type OpenedFile,
} from '../src/index.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { deriveLink, formatLink } from '../src/protocol/link.ts'
import { deriveAnswerKey, deriveAsk, deriveRequest, sealAnswerKey } from '../src/protocol/request.ts'
import { Ask } from '../src/request/answer.ts'
import { Collect } from '../src/request/collect.ts'
import { Answer } from '../src/request/collected.ts'
import { loadKem } from '../src/request/kem.ts'
import { connect, folder, pattern, streamed } from './attachments.ts'
import { publicNames } from './public-api.ts'
import { token, workspaceKey } from './records.ts'
import { errorOf } from './refusal.ts'
import { failure, scriptedServer, success, type Step } from './scripted.ts'
import { makeSecret } from './secrets.ts'

interface Given {
  client: Halfkey
  /** Of a secret on the client's server. */
  shareUrl: string
  link: Link
  options: CallOptions
}

type Act = (given: Given) => Promise<unknown>

const slug = '2f4wQBdEsUTKq'
const first = (entries: AsyncIterable<unknown>) => entries[Symbol.asyncIterator]().next()
const scopes = ['secrets:read' as const]

/** A request and an answer to it, on the server of a link. */
async function requestOn({ shareUrl }: Given) {
  const base = new URL(shareUrl).origin
  const [kem, key] = [await loadKem(), new Uint8Array(32)]
  const keys = await deriveRequest(kem, key)
  const { slug: answer } = await deriveLink(await deriveAnswerKey(key, keys.askKey))
  const parts = { base, keys, kem, transport: {} }
  const time = new Date()
  const limits = { maximumViews: 1, expiresIn: 60, maximumBytes: 1, maximumFiles: 1 }
  const link = { base, slug: keys.slug, askKey: keys.askKey, access: (await deriveAsk(keys.askKey)).access }
  return {
    askUrl: formatLink(base, keys.slug, keys.askKey, 'ask'),
    collectUrl: formatLink(base, keys.slug, key, 'collect'),
    statusUrl: formatLink(base, slug, key, 'status'),
    ask: new Ask({
      link,
      transport: {},
      kem,
      publicKey: keys.publicKey,
      status: { note: '', answersLeft: 1, expiration: time, limits, askedBy: '' },
    }),
    collect: new Collect(parts),
    answer: new Answer(parts, {
      slug: answer,
      sealedKeyB: b64(await sealAnswerKey(kem, keys.publicKey, { request: keys.slug, answer }, key)),
      status: 'active',
      createdAt: time,
      collectedAt: null,
      endedAt: null,
      attachmentsCount: 0,
      size: 1,
    }),
  }
}

/** Every public call that takes a signal, but for those of a file, which are below. */
const calls: Record<string, Act> = {
  openLink: ({ shareUrl, options }) => openLink(shareUrl, options),
  'Halfkey.createSecret': ({ client, options }) => client.createSecret('content', options),
  'Halfkey.openLink': ({ client, shareUrl, options }) => client.openLink(shareUrl, options),
  'Halfkey.listSecrets': ({ client, options }) => client.listSecrets(options),
  'Halfkey.secrets': ({ client, options }) => first(client.secrets(options)),
  'Halfkey.getSecretDetails': ({ client, options }) => client.getSecretDetails(slug, options),
  'Halfkey.deleteSecret': ({ client, options }) => client.deleteSecret(slug, options),
  'Halfkey.patchSecret': ({ client, options }) => client.patchSecret(slug, { ...options, description: 'd' }),
  'Halfkey.getEvents': ({ client, options }) => client.getEvents(slug, options),
  'Halfkey.sendNotice': ({ client, options }) => client.sendNotice(slug, 'a@example.com', options),
  'Halfkey.getStats': ({ client, options }) => client.getStats(options),
  'Halfkey.getWorkspace': ({ client, options }) => client.getWorkspace(options),
  'Halfkey.setWorkspaceCheck': ({ client, options }) => client.setWorkspaceCheck(options),
  'Halfkey.rekey': ({ client, options }) => client.rekey(options),
  'Halfkey.verifyRekey': ({ client, options }) => client.verifyRekey(options),
  'Audit.list': ({ client, options }) => client.audit.list(options),
  'Audit.entries': ({ client, options }) => first(client.audit.entries(options)),
  'Audit.export': ({ client, options }) => client.audit.export('csv', options),
  'Audit.verify': ({ client, options }) => client.audit.verify(undefined, options),
  'Kms.put': ({ client, options }) => client.kms.put('a/b', 'value', options),
  'Kms.reveal': ({ client, options }) => client.kms.reveal('a/b', options),
  'Kms.list': ({ client, options }) => client.kms.list(options),
  'Kms.entries': ({ client, options }) => first(client.kms.entries(options)),
  'Kms.get': ({ client, options }) => client.kms.get('a/b', options),
  'Kms.update': ({ client, options }) => client.kms.update('a/b', { ...options, name: 'n' }),
  'Kms.versions': ({ client, options }) => client.kms.versions('a/b', options),
  'Kms.events': ({ client, options }) => client.kms.events('a/b', options),
  'Kms.rollback': ({ client, options }) => client.kms.rollback('a/b', 1, options),
  'Kms.destroyVersion': ({ client, options }) => client.kms.destroyVersion('a/b', 1, options),
  'Kms.delete': ({ client, options }) => client.kms.delete('a/b', options),
  'Tokens.list': ({ client, options }) => client.tokens.list(options),
  'Tokens.create': ({ client, options }) => client.tokens.create('name', { ...options, scopes }),
  'Tokens.revoke': ({ client, options }) => client.tokens.revoke('id', options),
  'Webhooks.list': ({ client, options }) => client.webhooks.list(options),
  'Webhooks.create': ({ client, options }) => client.webhooks.create('https://a.example', options),
  'Webhooks.rotate': ({ client, options }) => client.webhooks.rotate('id', options),
  'Webhooks.test': ({ client, options }) => client.webhooks.test('id', options),
  'Webhooks.delete': ({ client, options }) => client.webhooks.delete('id', options),
  'Webhooks.deliveries': ({ client, options }) => client.webhooks.deliveries(options),
  'Webhooks.redeliver': ({ client, options }) => client.webhooks.redeliver('id', options),
  'Link.requestCode': ({ link, options }) => link.requestCode(options),
  'Link.reveal': ({ link, options }) => link.reveal(options),
  openAsk: async (given) => openAsk((await requestOn(given)).askUrl, given.options),
  openCollect: async (given) => openCollect((await requestOn(given)).collectUrl, given.options),
  'Halfkey.createRequest': ({ client, options }) => client.createRequest(options),
  'Halfkey.collect': ({ client, options }) => client.collect(slug, options),
  'Halfkey.listRequests': ({ client, options }) => client.listRequests(options),
  'Halfkey.getRequest': ({ client, options }) => client.getRequest(slug, options),
  'Halfkey.patchRequest': ({ client, options }) => client.patchRequest(slug, { ...options, description: 'd' }),
  'Halfkey.deleteRequest': ({ client, options }) => client.deleteRequest(slug, options),
  'Halfkey.getRequestStats': ({ client, options }) => client.getRequestStats(options),
  'Ask.answer': async (given) => (await requestOn(given)).ask.answer('content', given.options),
  'Collect.details': async (given) => (await requestOn(given)).collect.details(given.options),
  'Collect.answers': async (given) => (await requestOn(given)).collect.answers(given.options),
  'Collect.watch': async (given) => first((await requestOn(given)).collect.watch(given.options)),
  'Collect.withdraw': async (given) => (await requestOn(given)).collect.withdraw(given.options),
  'Answer.open': async (given) => (await requestOn(given)).answer.open(given.options),
  'Answer.unlock': async (given) => (await requestOn(given)).answer.unlock(given.options),
  'Answer.destroy': async (given) => (await requestOn(given)).answer.destroy(given.options),
  'Receipt.status': async (given) => (await openReceipt((await requestOn(given)).statusUrl)).status(given.options),
  'Receipt.withdraw': async (given) => (await openReceipt((await requestOn(given)).statusUrl)).withdraw(given.options),
}

const fileCalls: Record<string, (file: OpenedFile, options: CallOptions) => Promise<unknown>> = {
  'OpenedFile.stream': (file, options) => (file.stream(options) as ReadableStream).getReader().read(),
  'OpenedFile.bytes': (file, options) => file.bytes(options),
  'OpenedFile.save': (file, options) => file.save(path.join(folder(), 'a'), options),
}

const why = new Error('of the caller')

/** A client, and a link, of a server that answers no call but the one that opened the link. */
async function given(step: Step | (() => Step), transport: object = {}): Promise<Given> {
  const secret = await makeSecret()
  const { url } = await scriptedServer((_, index) =>
    index === 0 ? success(secret.status) : typeof step === 'function' ? step() : step,
  )
  const shareUrl = secret.link(url)
  const link = await openLink(shareUrl, transport)
  const keys = [workspaceKey, 'A'.repeat(43)]
  const client = new Halfkey({ baseUrl: url, token, workspaceKey: keys, ...transport })
  return { client, shareUrl, link, options: {} }
}

let takingSignal: string[]

beforeAll(() => {
  takingSignal = publicNames().flatMap(({ name, call }) => (call?.takesSignal ? [name] : []))
}, 120_000)

test('every public call that takes a signal is tried here', () => {
  const tried = [...Object.keys(calls), ...Object.keys(fileCalls), 'solveCaptcha']
  expect(tried.sort()).toEqual(takingSignal.sort())
})

describe.each(Object.entries(calls))('%s rejects with ABORTED and the reason as cause', (_, act) => {
  test('if the signal was aborted before', async () => {
    const error = await errorOf(act({ ...(await given('hang')), options: { signal: AbortSignal.abort(why) } }))
    expect(error).toMatchObject({ code: 'ABORTED', cause: why })
  })

  test.each([{}, { retries: 0 }])('while the server doesn’t answer, with %j', async (transport) => {
    const abort = new AbortController()
    const step = (): Step => {
      setTimeout(() => abort.abort(why), 1)
      return 'hang'
    }
    const error = await errorOf(act({ ...(await given(step, transport)), options: { signal: abort.signal } }))
    expect(error).toMatchObject({ code: 'ABORTED', cause: why })
    expect(error.cause).toBe(why)
  })
})

/** A call sends at most once: there is no wait to abort. */
const once = /^Halfkey\.sendNotice|^Tokens\.create|^Webhooks\.(?!list|deliveries)|^Link\.requestCode|^Audit\.export/

test.each(Object.entries(calls).filter(([name]) => !once.test(name)))(
  '%s rejects with ABORTED and the reason as cause while it waits to try again',
  async (_, act) => {
    const abort = new AbortController()
    const step = (): Step => {
      setTimeout(() => abort.abort(why), 50)
      return failure(503, 'UNAVAILABLE', undefined, { 'Retry-After': '60' })
    }
    const error = await errorOf(act({ ...(await given(step)), options: { signal: abort.signal } }))
    expect(error).toMatchObject({ code: 'ABORTED', cause: why })
  },
)

describe('a file', () => {
  const share = async (hang: 'PUT' | 'GET', abort: AbortController, transport = {}) => {
    const intercept = ({ method }: { method?: string | undefined }) => {
      if (method !== hang) return false
      setTimeout(() => abort.abort(why), 1)
      return true
    }
    const { client } = await connect({ intercept }, transport)
    const attachments = [streamed('a', pattern(1000))]
    return { client, attachments }
  }

  test.each([{}, { retries: 0 }])('its upload keeps the reason, with %j', async (transport) => {
    const abort = new AbortController()
    const { client, attachments } = await share('PUT', abort, transport)
    const error = await errorOf(client.createSecret('', { attachments, signal: abort.signal }))
    expect(error).toMatchObject({ code: 'ABORTED', cause: why })
  })

  const ways = Object.entries(fileCalls).flatMap(([name, read]) =>
    [{}, { retries: 0 }].map((transport) => [name, transport, read] as const),
  )
  test.each(ways)('%s keeps the reason, with %j', async (_, transport, read) => {
    const abort = new AbortController()
    const { client, attachments } = await share('GET', abort)
    const { shareUrl } = await client.createSecret('', { attachments })
    const { files } = await (await openLink(shareUrl, transport)).reveal()
    const error = await errorOf(read(files[0] as OpenedFile, { signal: abort.signal }))
    expect(error).toMatchObject({ code: 'ABORTED', cause: why })
    const early = await errorOf(read(files[0] as OpenedFile, { signal: AbortSignal.abort(why) }))
    expect(early).toMatchObject({ code: 'ABORTED', cause: why })
  })
})

test('solveCaptcha keeps the reason, before and during its work', async () => {
  const challenge = { algorithm: 'SHA-256' as const, challenge: '0', maxnumber: 1e6, salt: 's', signature: '' }
  expect(await errorOf(solveCaptcha(challenge, { signal: AbortSignal.abort(why) }))).toMatchObject({
    code: 'ABORTED',
    cause: why,
  })
  const abort = new AbortController()
  const onProgress = ({ done }: { done: number }) => {
    if (done > 0) abort.abort(why)
  }
  expect(await errorOf(solveCaptcha(challenge, { signal: abort.signal, onProgress }))).toMatchObject({
    code: 'ABORTED',
    cause: why,
  })
})
