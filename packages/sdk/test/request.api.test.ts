/** Requests against the real server: what one side calls a field, a state or an error, the other calls so too. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Halfkey, openAsk, openCollect, openReceipt } from '../src/index.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { random } from '../src/provider.ts'
import { startServer, type RealServer } from './server.ts'

let server: RealServer
let client: Halfkey
let workspaceKey: string

beforeAll(async () => {
  server = await startServer({ HALFKEY_REQUESTS: 'anyone' })
  workspaceKey = b64(await random(32))
  client = new Halfkey({ baseUrl: server.url, token: server.token, workspaceKey })
  await client.setWorkspaceCheck()
}, 60_000)

afterAll(() => server.stop())

const readAll = async (collectUrl: string) => {
  const opened = (await (await openCollect(collectUrl)).answers()).map(async (answer) => (await answer.open()).reveal())
  return (await Promise.all(opened)).map(({ text }) => text)
}

test('somebody without an account asks, somebody else answers with text and a file, the first collects', async () => {
  const { askUrl, collectUrl, slug } = await new Halfkey({ baseUrl: server.url }).createRequest({
    message: 'The contract, please',
    hours: 2,
    answer: { hours: 1, maxFiles: 2 },
  })
  const ask = await openAsk(askUrl)
  expect(ask).toMatchObject({
    slug,
    note: 'The contract, please',
    askedBy: 'anonymous',
    answersLeft: 1,
    limits: { maximumViews: 1, expiresIn: 3600, maximumFiles: 2 },
  })
  const file = (await random(1000)).slice()
  const bytes = new Uint8Array(9_000_000)
  bytes.set(file, 8_500_000)
  const receipt = await ask.answer('here', {
    password: 'p',
    message: 'As agreed',
    attachments: [new File([bytes], 'contract.pdf')],
  })
  expect(await receipt.status()).toMatchObject({ state: 'waiting', collectedAt: null })

  const collect = await openCollect(collectUrl)
  const seen = []
  for await (const answer of collect.watch({ interval: 10 })) seen.push(answer)
  expect(seen).toMatchObject([{ attachmentsCount: 1, status: 'active', isSealed: true }])
  const link = await seen[0]?.open()
  expect(link).toMatchObject({ note: 'As agreed', needs: { password: true } })
  const opened = await link?.reveal({ password: 'p' })
  expect(opened?.text).toBe('here')
  expect(Buffer.compare((await opened?.files[0]?.bytes()) ?? new Uint8Array(), bytes)).toBe(0)
  await opened?.done()
  expect(await (await openReceipt(receipt.statusUrl)).status()).toMatchObject({
    state: 'collected',
    collectedAt: expect.any(Date),
  })
  await expect(receipt.withdraw()).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(openAsk(askUrl)).rejects.toMatchObject({ code: 'GONE', details: { cause: 'answered' } })
})

describe('with the workspace key', () => {
  test('the owner lists, reads, patches, collects, counts and withdraws', async () => {
    const { slug, askUrl } = await client.createRequest({ message: 'What?', description: 'Why', answers: 3 })
    await (await openAsk(askUrl)).answer('one')
    expect(await client.getRequest(slug)).toMatchObject({
      status: 'open',
      answersCount: 1,
      answersLeft: 2,
      description: 'Why',
      message: 'What?',
      hasSeed: true,
    })
    expect(await client.patchRequest(slug, { answers: 2, hours: 1, description: 'Other' })).toMatchObject({
      maximumAnswers: 2,
      description: 'Other',
      message: 'What?',
    })
    const { requests } = await client.listRequests({ status: 'open', limit: 5, page: 1 })
    expect(requests.find((one) => one.slug === slug)).toMatchObject({ description: 'Other', answersLeft: 1 })
    const [answer] = await (await client.collect(slug)).answers()
    expect((await (await answer?.open())?.reveal())?.text).toBe('one')
    await client.deleteRequest(slug)
    await client.deleteRequest(slug)
    expect(await client.getRequest(slug)).toMatchObject({ status: 'withdrawn', endedAt: expect.any(Date) })
    expect(await client.getRequestStats()).toMatchObject({ withdrawnRequests: 1, collectedAnswers: expect.any(Number) })
    await expect(openAsk(askUrl)).rejects.toMatchObject({ code: 'GONE', details: { cause: 'withdrawn' } })
  })

  test('a rekeying moves the seed: the new key alone collects', async () => {
    const { slug, askUrl } = await client.createRequest({ description: 'Kept' })
    await (await openAsk(askUrl)).answer('still there')
    const newKey = b64(await random(32))
    const both = new Halfkey({ baseUrl: server.url, token: server.token, workspaceKey: [newKey, workspaceKey] })
    expect(await both.rekey()).toMatchObject({ complete: true, failed: [] })
    const after = new Halfkey({ baseUrl: server.url, token: server.token, workspaceKey: newKey })
    const [answer] = await (await after.collect(slug)).answers()
    expect((await (await answer?.open())?.reveal())?.text).toBe('still there')
    expect((await after.verifyRekey()).complete).toBe(true)
    await expect(client.collect(slug)).rejects.toMatchObject({ code: 'WRONG_KEY' })
  })
})

test('a server’s refusals name the options as the caller does', async () => {
  const anonymous = new Halfkey({ baseUrl: server.url })
  const asking = anonymous.createRequest({ answer: { maxBytes: 2 ** 45, hours: 1 }, notify: 'a@example.com' })
  await expect(asking).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    details: { 'answer.maxBytes': [expect.any(String)], notify: expect.any(Array) },
  })
})

test('an answer over the request’s size is refused, and takes no place', async () => {
  const { askUrl, collectUrl } = await new Halfkey({ baseUrl: server.url }).createRequest({
    answer: { maxBytes: 1000 },
  })
  const ask = await openAsk(askUrl)
  await expect(ask.answer('x'.repeat(2000))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
  await ask.answer('short')
  expect(await readAll(collectUrl)).toEqual(['short'])
})

test('an answer that was withdrawn is gone for whoever asked', async () => {
  const { askUrl, collectUrl } = await new Halfkey({ baseUrl: server.url }).createRequest()
  const receipt = await (await openAsk(askUrl)).answer('wrong')
  await receipt.withdraw()
  expect((await receipt.status()).state).toBe('burned')
  const [answer] = await (await openCollect(collectUrl)).answers()
  await expect(answer?.open()).rejects.toMatchObject({ code: 'GONE', details: { cause: 'burned' } })
})

test('the link of an answer doesn’t open without the collect value, though its key is right', async () => {
  const { askUrl, collectUrl } = await new Halfkey({ baseUrl: server.url }).createRequest()
  await (await openAsk(askUrl)).answer('secret')
  const collect = await openCollect(collectUrl)
  const [answer] = await collect.answers()
  const fetchWithout: typeof fetch = (url, init) => {
    const headers = { ...(init?.headers as Record<string, string>) }
    delete headers['Halfkey-Collect']
    return fetch(url, { ...init, headers })
  }
  const without = await openCollect(collectUrl, {
    fetch: (url, init) => ((url as string).includes('/links/') ? fetchWithout : fetch)(url, init),
  })
  const [blocked] = await without.answers()
  await expect(blocked?.open()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await (await answer?.open())?.reveal())?.text).toBe('secret')
})
