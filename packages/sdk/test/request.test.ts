/** Asking, answering and collecting against a server in memory, over real HTTP. */
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  Halfkey,
  openAsk,
  openCollect,
  openLink,
  openReceipt,
  type Ask,
  type CreateRequestOptions,
  type HalfkeyOptions,
  type OpenRequestOptions,
} from '../src/index.ts'
import { b64, unb64 } from '../src/protocol/encoding.ts'
import { encryptedSize } from '../src/protocol/chunks.ts'
import { readLink } from '../src/protocol/link.ts'
import { openMeta } from '../src/protocol/owner.ts'
import { random } from '../src/provider.ts'
import { loadKem } from '../src/request/kem.ts'
import type { WireAnswerRequest, WireAskRequest } from '../src/wire.ts'
import { requestServer, type RequestServer, type Tamper } from './request-server.ts'
import type { Recorded } from './scripted.ts'

const token = 'hkt_a_b'

const clientOf = (server: RequestServer, options: Partial<HalfkeyOptions> = {}) =>
  new Halfkey({ baseUrl: server.url, retries: 2, ...options })

async function ask(options: CreateRequestOptions = {}, tamper?: Tamper) {
  const server = await requestServer(tamper)
  const asked = await clientOf(server).createRequest({ message: 'The password, please', answers: 3, ...options })
  return { server, asked }
}

const bodyOf = (server: RequestServer): WireAskRequest => JSON.parse(server.requests[0]?.body ?? '{}') as WireAskRequest

const readAll = async (collectUrl: string) => {
  const collect = await openCollect(collectUrl)
  const texts = (await collect.answers()).map(async (answer) => (await (await answer.open()).reveal()).text)
  return Promise.all(texts)
}

describe('asking', () => {
  test('gives two links, of which the server has neither, and the answer comes through them', async () => {
    const { server, asked } = await ask()
    expect(asked.askUrl).toMatch(new RegExp(`^${server.url}/ask/${asked.slug}#1[1-9A-HJ-NP-Za-km-z]{44}$`))
    expect(asked.collectUrl).toMatch(new RegExp(`^${server.url}/collect/${asked.slug}#1[1-9A-HJ-NP-Za-km-z]{44}$`))
    const opened = await openAsk(asked.askUrl)
    expect(opened).toMatchObject({ note: 'The password, please', answersLeft: 3, askedBy: 'The workspace' })
    await opened.answer('correct horse')
    expect(await readAll(asked.collectUrl)).toEqual(['correct horse'])
    const sent = JSON.stringify(server.requests)
    for (const link of [asked.askUrl, asked.collectUrl]) expect(sent).not.toContain(link.slice(link.indexOf('#') + 1))
  })

  test('sends what was asked for, in the fields of the API, and nothing else', async () => {
    const { server, asked } = await ask({
      hours: 2,
      answers: 5,
      answer: { hours: 1, views: 2, maxFiles: 0, maxBytes: 1000 },
      notify: 'me@example.com',
    })
    const body = bodyOf(server)
    expect(body).toMatchObject({
      slug: asked.slug,
      maximum_answers: 5,
      expires_in: 7200,
      answer: { expires_in: 3600, maximum_views: 2, maximum_files: 0, maximum_bytes: 1000 },
      notify: { email: 'me@example.com' },
    })
    expect(unb64(body.public_key)).toHaveLength(1216)
    expect(Object.keys(body).sort()).toEqual(
      'access_verifier answer collect_verifier expires_in maximum_answers note notify public_key slug'
        .split(' ')
        .sort(),
    )
  })

  test('leaves the defaults to the server', async () => {
    const server = await requestServer()
    await clientOf(server).createRequest()
    expect(Object.keys(bodyOf(server)).sort()).toEqual(
      'access_verifier collect_verifier note public_key slug'.split(' ').sort(),
    )
  })

  test.each<[string, CreateRequestOptions & Record<string, unknown>, string]>([
    ['no option of ours', { seed: 'x' }, 'seed'],
    ['101 answers', { answers: 101 }, 'answers'],
    ['no time', { hours: 0 }, 'hours'],
    ['eleven views an answer', { answer: { views: 11 } }, 'answer'],
    ['an unknown limit', { answer: { maxfiles: 1 } as object }, 'answer'],
    ['a description without a workspace key', { description: 'x' }, 'description'],
    ['a seed to keep without a workspace key', { keepSeed: true }, 'keepSeed'],
    ['a mail without a mailer', { sendTo: { email: 'a@example.com' } }, 'sendTo'],
    ['a KEM that is none', { kem: {} as never }, 'kem'],
  ])('refuses %s before anything is sent, naming it', async (_, options, name) => {
    const server = await requestServer()
    const asking = clientOf(server).createRequest(options)
    await expect(asking).rejects.toMatchObject({ code: 'VALIDATION_ERROR', details: { [name]: [expect.any(String)] } })
    expect(server.requests).toEqual([])
  })

  test("names a server's refusal of a limit as the caller did", async () => {
    const details = { 'answer.maximum_bytes': ['Must be at most 5.'], expires_in: ['Must be at most 1 hour.'] }
    const refusal = { success: false, error: { code: 'VALIDATION_ERROR', message: 'x', details } }
    const server = await requestServer(() => ({ status: 422, json: refusal }))
    await expect(clientOf(server).createRequest()).rejects.toMatchObject({
      details: { 'answer.maxBytes': ['Must be at most 5.'], hours: ['Must be at most 1 hour.'] },
    })
  })

  test('a lost reply is asked for again with the same bytes, and makes one request', async () => {
    let lost = false
    const { server, asked } = await ask({}, (request, honest) => {
      const isFirst = !lost && request.path.endsWith('/requests')
      lost ||= isFirst
      return isFirst ? 'cut' : honest
    })
    const sent = server.requests.map(({ body }) => body)
    expect(sent).toHaveLength(2)
    expect(sent[0]).toBe(sent[1])
    expect([...server.asked.keys()]).toEqual([asked.slug])
  })

  test('links go where no fragment may be put behind: malformed', async () => {
    for (const ask_url of ['javascript:alert(1)', 'https://x.example/ask/other', 'https://x.example/ask/SLUG?a=b']) {
      const server = await requestServer((request, honest) => {
        const { slug } = JSON.parse(request.body) as WireAskRequest
        const step = honest as { json: { data: object } }
        Object.assign(step.json.data, { ask_url: ask_url.replace('SLUG', slug) })
        return step
      })
      await expect(clientOf(server).createRequest()).rejects.toMatchObject({ code: 'MALFORMED' })
    }
  })
})

describe('with the workspace key', () => {
  const keyed = async (keepSeed?: boolean) => {
    const workspaceKey = b64(await random(32))
    const server = await requestServer()
    const client = clientOf(server, { token, workspaceKey })
    const asked = await client.createRequest({ message: 'What?', description: 'Why', keepSeed })
    return { server, client, asked, workspaceKey }
  }

  test('the owner collects on any machine that has it, and makes both links again', async () => {
    const { server, asked, workspaceKey } = await keyed()
    await (await openAsk(asked.askUrl)).answer('correct horse')
    const elsewhere = clientOf(server, { token, workspaceKey })
    const collect = await elsewhere.collect(asked.slug)
    expect([collect.askUrl, collect.collectUrl]).toEqual([asked.askUrl, asked.collectUrl])
    const [answer] = await collect.answers()
    expect((await (await answer?.open())?.reveal())?.text).toBe('correct horse')
    expect(await elsewhere.getRequest(asked.slug)).toMatchObject({
      description: 'Why',
      message: 'What?',
      hasSeed: true,
      status: 'answered',
    })
  })

  test('no detail of a request shows the seed, nor does its JSON or its inspection', async () => {
    const { client, asked } = await keyed()
    const seed = b64(readLink(asked.collectUrl, 'collect').key)
    const shown = [await client.getRequest(asked.slug), await client.listRequests(), await client.collect(asked.slug)]
    for (const value of shown) expect(JSON.stringify(value) + inspect(value, { depth: 9 })).not.toContain(seed)
  })

  test('with keepSeed false only the collect link reads the answers', async () => {
    const { server, client, asked, workspaceKey } = await keyed(false)
    const meta = bodyOf({ ...server, requests: server.requests.filter(({ method }) => method === 'POST') }).meta ?? ''
    expect(await openMeta(unb64(workspaceKey), asked.slug, meta)).toEqual({ description: 'Why', note: 'What?' })
    expect(await client.getRequest(asked.slug)).toMatchObject({ hasSeed: false, description: 'Why' })
    await expect(client.collect(asked.slug)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    expect((await openCollect(asked.collectUrl)).slug).toBe(asked.slug)
  })

  test('a new description keeps the seed', async () => {
    const { client, asked } = await keyed()
    expect(await client.patchRequest(asked.slug, { description: 'Other' })).toMatchObject({
      description: 'Other',
      message: 'What?',
      hasSeed: true,
    })
    expect((await client.collect(asked.slug)).collectUrl).toBe(asked.collectUrl)
  })

  test('lists, counts and withdraws', async () => {
    const { client, asked } = await keyed()
    const { requests, pagination } = await client.listRequests({ status: 'open' })
    expect([requests.map(({ slug }) => slug), pagination.total]).toEqual([[asked.slug], 1])
    expect(requests[0]).toMatchObject({ description: 'Why', answersLeft: 1, limits: { maximumViews: 1 } })
    await client.deleteRequest(asked.slug)
    expect(await client.getRequestStats()).toMatchObject({ totalRequests: 1, withdrawnRequests: 1, openRequests: 0 })
  })

  test('another workspace key opens no list, and says so', async () => {
    const { server, asked } = await keyed()
    const other = clientOf(server, { token, workspaceKey: b64(await random(32)) })
    expect((await other.listRequests()).requests[0]).toMatchObject({ slug: asked.slug, metaError: true })
    await expect(other.getRequest(asked.slug)).rejects.toMatchObject({ code: 'WRONG_KEY' })
    await expect(other.collect(asked.slug)).rejects.toMatchObject({ code: 'WRONG_KEY' })
  })
})

describe('answering', () => {
  test('sends exactly the fields of section 10', async () => {
    const { server, asked } = await ask()
    const opened = await openAsk(asked.askUrl)
    await opened.answer('text')
    await opened.answer(new Uint8Array([1, 2]), {
      message: 'As agreed',
      password: 'p',
      attachments: [new Uint8Array(10)],
    })
    const [plain, full] = [...server.answers.values()].map(({ answer }) => Object.keys(answer).sort().join(' '))
    expect(plain).toBe('access_verifier envelope key_a manage_verifier sealed_key_b slug')
    expect(full).toBe(
      'access_verifier attachments envelope key_a manage_verifier note password_verifier sealed_key_b slug',
    )
  })

  test('bytes, a password and a note arrive', async () => {
    const { asked } = await ask()
    const bytes = new Uint8Array([0, 255, 7])
    await (await openAsk(asked.askUrl)).answer(bytes, { password: 'Pässword', message: 'As agreed' })
    const [answer] = await (await openCollect(asked.collectUrl)).answers()
    const link = await answer?.open()
    expect(link).toMatchObject({ note: 'As agreed', needs: { password: true } })
    expect((await link?.reveal({ password: 'Pässword' }))?.bytes()).toEqual(bytes)
  })

  test('files are uploaded with the receipt’s key, and the answer is there once all of them are', async () => {
    const { server, asked } = await ask()
    const file = new Uint8Array(300_000).fill(7)
    let seen: { done: number; total: number } | undefined
    const receipt = await (
      await openAsk(asked.askUrl)
    ).answer('', {
      attachments: [{ name: 'a.bin', size: file.length, stream: new Blob([file]).stream() }],
      onProgress: (progress) => (seen = progress),
    })
    expect(seen).toEqual({ done: encryptedSize(file.length), total: encryptedSize(file.length) })
    const uploads = server.requests.filter(({ path }) => path.startsWith(`/api/v1/secrets/${receipt.slug}/`))
    expect(uploads.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual(['PUT 0', 'POST complete'])
    for (const { headers } of uploads) {
      expect(headers['halfkey-manage']).toBe(b64(readLink(receipt.statusUrl, 'status').key))
      expect(headers).not.toHaveProperty('halfkey-access')
    }
    const [answer] = await (await openCollect(asked.collectUrl)).answers()
    expect((await answer?.open())?.files).toHaveLength(1)
  })

  test('an upload that fails leaves the answer to be given up, and says so', async () => {
    const { server, asked } = await ask({}, (request, honest) =>
      request.path.includes('/parts/')
        ? { status: 422, json: { success: false, error: { code: 'NOT_FOUND', message: 'No.' } } }
        : honest,
    )
    const answering = (await openAsk(asked.askUrl)).answer('', { attachments: [new Uint8Array(10)] })
    await expect(answering).rejects.toThrow('No. The answer is incomplete, so nobody can open it. Its place comes back')
    expect(server.requests.filter(({ method }) => method === 'DELETE')).toEqual([])
  })

  test('more files than the request takes are refused before anything is sealed', async () => {
    const { server, asked } = await ask({ answer: { maxFiles: 0 } })
    const answering = (await openAsk(asked.askUrl)).answer('x', { attachments: [new Uint8Array(10)] })
    await expect(answering).rejects.toMatchObject({
      details: { attachments: ['must be left out: the request takes no files'] },
    })
    expect(server.answers.size).toBe(0)
  })

  test.each<[unknown, object, string]>([
    ['', {}, 'content'],
    ['\ud800', {}, 'content'],
    [5, {}, 'content'],
    ['x', { views: 2 }, 'views'],
    ['x', { password: '' }, 'password'],
  ])('%j with %j is refused, naming %s', async (content, options, name) => {
    const { asked } = await ask()
    const answering = (await openAsk(asked.askUrl)).answer(content as string, options)
    await expect(answering).rejects.toMatchObject({ code: 'VALIDATION_ERROR', details: { [name]: expect.any(Array) } })
  })

  test('a request that ends between status and answer: gone, with its cause, and nothing is stored', async () => {
    const { server, asked } = await ask()
    const opened = await openAsk(asked.askUrl)
    server.asked.forEach((kept) => (kept.status = 'withdrawn'))
    await expect(opened.answer('late')).rejects.toMatchObject({ code: 'GONE', details: { cause: 'withdrawn' } })
    expect(server.answers.size).toBe(0)
    await expect(openAsk(asked.askUrl)).rejects.toMatchObject({ code: 'GONE', details: { cause: 'withdrawn' } })
  })
})

describe('a lost reply', () => {
  const isAnswer = ({ method, path }: Recorded) => method === 'POST' && path.endsWith('/answers')

  const answersSent = (server: RequestServer) => server.requests.filter(isAnswer).map(({ body }) => body)

  test('to an answer: the same bytes are sent, and make one answer', async () => {
    let losses = 2
    const { server, asked } = await ask({}, (request, honest) => (isAnswer(request) && losses-- > 0 ? 'cut' : honest))
    await (await openAsk(asked.askUrl)).answer('once')
    expect(new Set(answersSent(server)).size).toBe(1)
    expect(answersSent(server)).toHaveLength(3)
    expect(await readAll(asked.collectUrl)).toEqual(['once'])
  })

  test('to every attempt: called again with the same, it sends the same bytes, even after the request ended', async () => {
    let lost = true
    const { server, asked } = await ask({ answers: 1 }, (request, honest) =>
      isAnswer(request) && lost ? 'cut in the body' : honest,
    )
    const opened = await openAsk(asked.askUrl, { retries: 0 })
    const give = () => opened.answer('once', { password: 'p', message: 'm' })
    await expect(give()).rejects.toMatchObject({ code: 'NETWORK' })
    lost = false
    const receipt = await give()
    expect(new Set(answersSent(server)).size).toBe(1)
    expect([...server.answers.keys()]).toEqual([receipt.slug])
    expect((await receipt.status()).state).toBe('waiting')
  })

  test('then another answer, or another password, is a new one', async () => {
    let lost = true
    const { server, asked } = await ask({}, (request, honest) => (isAnswer(request) && lost ? 'cut' : honest))
    const opened = await openAsk(asked.askUrl, { retries: 0 })
    for (const [text, password] of [
      ['one', 'p'],
      ['two', 'p'],
      ['two', 'q'],
    ] as const)
      await expect(opened.answer(text, { password })).rejects.toMatchObject({ code: 'NETWORK' })
    expect(new Set(answersSent(server)).size).toBe(3)
    lost = false
    await opened.answer('two', { password: 'q' })
    expect(new Set(answersSent(server)).size).toBe(3)
  })

  test('an answer that arrived is forgotten: the same again is a second answer', async () => {
    const { server, asked } = await ask()
    const opened = await openAsk(asked.askUrl)
    await opened.answer('same')
    await opened.answer('same')
    expect(server.answers.size).toBe(2)
  })

  test.each(['status', 'reveal', 'ack', 'answers'])(
    'to %s while collecting: it comes again, and no view more is spent',
    async (step) => {
      const lost = new Set<string>()
      const { server, asked } = await ask({}, (request, honest) => {
        const isIt = request.path.endsWith(`/${step}`) && !isAnswer(request) && !lost.has(request.path)
        if (isIt) lost.add(request.path)
        return isIt ? 'cut' : honest
      })
      await (await openAsk(asked.askUrl)).answer('once')
      const [answer] = await (await openCollect(asked.collectUrl)).answers()
      const link = await answer?.open()
      const opened = await link?.reveal()
      await opened?.done()
      expect(opened?.text).toBe('once')
      expect([...server.answers.values()].map(({ views }) => views)).toEqual([1])
      expect(lost.size).toBeGreaterThan(0)
    },
  )

  test('to a reveal, and a crash after it: the saved id gets it again though the answer has ended', async () => {
    let lost = true
    const { server, asked } = await ask({}, (request, honest) =>
      request.path.endsWith('/reveal') && lost ? 'cut' : honest,
    )
    await (await openAsk(asked.askUrl)).answer('once')
    const collect = await openCollect(asked.collectUrl, { retries: 0 })
    const link = await (await collect.answers())[0]?.open()
    await expect(link?.reveal()).rejects.toMatchObject({ code: 'NETWORK' })
    lost = false
    const again = await (await openCollect(asked.collectUrl)).answers()
    const continued = await again[0]?.open({ revealId: link?.revealId })
    expect((await continued?.reveal())?.text).toBe('once')
    expect([...server.answers.values()].map(({ views }) => views)).toEqual([1])
  })

  test('to an upload and its end: sent again, and the answer is whole', async () => {
    const lost = new Set<string>()
    const { asked } = await ask({}, (request, honest) => {
      if (!/\/secrets\/.*\/(0|complete)$/.test(request.path) || lost.has(request.path)) return honest
      lost.add(request.path)
      return 'cut'
    })
    const receipt = await (await openAsk(asked.askUrl)).answer('', { attachments: [new Uint8Array(10)] })
    expect(lost.size).toBe(2)
    expect((await receipt.status()).state).toBe('waiting')
  })
})

describe('collecting', () => {
  test("every call of a recipient bears Halfkey-Collect beside Halfkey-Access, repeats too; answerers' bear none", async () => {
    const { server, asked } = await ask()
    await (await openAsk(asked.askUrl)).answer('x')
    const [answer] = await (await openCollect(asked.collectUrl)).answers()
    const opened = await (await answer?.open())?.reveal()
    await opened?.done()
    const calls = server.requests.filter(({ path }) => path.includes('/links/'))
    expect(calls.map(({ path }) => path.split('/').at(-1))).toEqual(['status', 'reveal', 'ack'])
    for (const { headers } of calls) {
      expect(headers).toMatchObject({ 'halfkey-access': expect.any(String), 'halfkey-collect': expect.any(String) })
    }
    const asks = server.requests.filter(({ path }) => path.includes('/asks/'))
    for (const { headers } of asks) expect(headers).not.toHaveProperty('halfkey-collect')
    for (const { headers } of server.requests) expect(headers).not.toHaveProperty('authorization')
  })

  test('answers come as they are given, each once, until the request takes no more', async () => {
    const { asked } = await ask({ answers: 3 })
    const opened = await openAsk(asked.askUrl)
    await opened.answer('one')
    const texts: (string | undefined)[] = []
    for await (const answer of (await openCollect(asked.collectUrl)).watch({ interval: 1 })) {
      texts.push((await (await answer.open()).reveal()).text)
      if (texts.length < 3) await opened.answer(['two', 'three'][texts.length - 1] ?? '')
    }
    expect(texts).toEqual(['one', 'two', 'three'])
  })

  test('an answer that is still being uploaded keeps it waiting after the request is full', async () => {
    const { server, asked } = await ask({ answers: 1 })
    await (await openAsk(asked.askUrl)).answer('late')
    const [kept] = [...server.answers.values()]
    if (!kept) throw new Error('There is no answer.')
    kept.status = 'uploading'
    const collect = await openCollect(asked.collectUrl)
    expect(await collect.answers()).toEqual([])
    const looks = server.requests.length
    const seen: string[] = []
    const watching = (async () => {
      for await (const { slug } of collect.watch({ interval: 1 })) seen.push(slug)
    })()
    while (server.requests.length < looks + 6) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(seen).toEqual([])
    kept.status = 'active'
    await watching
    expect(seen).toEqual([kept.answer.slug])
  })

  test('watching stops at once when it is aborted, while it waits too', async () => {
    const { asked } = await ask()
    const collect = await openCollect(asked.collectUrl)
    const stop = new AbortController()
    const watching = collect.watch({ signal: stop.signal }).next()
    setTimeout(() => stop.abort('enough'), 50)
    await expect(watching).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  })

  test('an answer that has ended is listed, but not given by the watch, and opening it says what happened', async () => {
    const { server, asked } = await ask({ answers: 1 })
    const receipt = await (await openAsk(asked.askUrl)).answer('withdrawn')
    await receipt.withdraw()
    expect((await receipt.status()).state).toBe('burned')
    const collect = await openCollect(asked.collectUrl)
    const [answer] = await collect.answers()
    expect(answer).toMatchObject({ status: 'burned', isSealed: false })
    await expect(answer?.open()).rejects.toMatchObject({
      code: 'GONE',
      details: { cause: 'burned', at: '2030-01-02T03:04:05.678Z' },
    })
    for await (const _ of collect) throw new Error('There is nothing to open.')
    expect(server.requests.filter(({ path }) => path.includes('/links/'))).toEqual([])
  })

  test('has the server hold its calls back until there is more than it knows, unless there is hardly time to', async () => {
    const { server, asked } = await ask({ answers: 4 })
    const opened = await openAsk(asked.askUrl)
    await opened.answer('one')
    const waitsOf = async (options: OpenRequestOptions) => {
      const before = server.requests.length
      const watching = (await openCollect(asked.collectUrl, options)).watch({ interval: 1 })
      await watching.next()
      await Promise.all([watching.next(), opened.answer('two')])
      await watching.return()
      const paths = server.requests.slice(before).map(({ path }) => path.split('/answers')[1] ?? '')
      return [...new Set(paths.filter((query) => query.startsWith('?')))]
    }
    expect(await waitsOf({})).toEqual(['?wait=15&seen=0', '?wait=15&seen=1'])
    expect(await waitsOf({ timeout: 1000 })).toEqual(['?wait=0&seen=0'])
  })

  test('destroys an answer, opened or not, and unlocks one', async () => {
    const { server, asked } = await ask({ answers: 2 })
    const opened = await openAsk(asked.askUrl)
    const receipt = await opened.answer('one')
    await opened.answer('two', { password: 'the password' })
    const collect = await openCollect(asked.collectUrl)
    const [first, second] = await collect.answers()
    await first?.destroy()
    await first?.destroy()
    expect((await receipt.status()).state).toBe('burned')
    const [kept] = [...server.answers.values()].slice(-1)
    if (!kept) throw new Error('There is no answer.')
    kept.status = 'locked'
    await second?.unlock()
    expect(kept.status).toBe('active')
    expect((await collect.answers()).map(({ status, endedAt }) => [status, endedAt?.toISOString()])).toEqual([
      ['burned', '2030-01-02T03:04:05.678Z'],
      ['active', undefined],
    ])
    const calls = server.requests.filter(({ path }) => /\/answers\/\w+$/.test(path))
    expect(calls.map(({ method, body }) => `${method} ${body}`)).toEqual([
      'DELETE ',
      'DELETE ',
      'PATCH {"unlock":true}',
    ])
  })

  test('withdraws the request, after which nobody answers', async () => {
    const { asked } = await ask()
    const collect = await openCollect(asked.collectUrl)
    await collect.withdraw()
    expect(await collect.details()).toMatchObject({ status: 'withdrawn', message: 'The password, please' })
    await expect(openAsk(asked.askUrl)).rejects.toMatchObject({ code: 'GONE' })
  })

  test('withdraws the request with its record', async () => {
    const { server, asked } = await ask()
    await (await openCollect(asked.collectUrl)).withdraw({ purge: true })
    expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE', path: expect.stringMatching(/\?purge=true$/) })
  })
})

describe('a receipt', () => {
  test('tells that the answer was collected and since when, and withdraws it no more', async () => {
    const { asked } = await ask()
    const { statusUrl } = await (await openAsk(asked.askUrl)).answer('x')
    const receipt = await openReceipt(statusUrl)
    expect(await receipt.status()).toMatchObject({ state: 'waiting', collectedAt: null })
    await readAll(asked.collectUrl)
    expect(await receipt.status()).toMatchObject({ state: 'collected', collectedAt: expect.any(Date) })
    await expect(receipt.withdraw()).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('with another key it is not found', async () => {
    const { asked } = await ask()
    const { statusUrl } = await (await openAsk(asked.askUrl)).answer('x')
    const other = statusUrl.slice(0, statusUrl.indexOf('#')) + asked.askUrl.slice(asked.askUrl.indexOf('#'))
    await expect((await openReceipt(other)).status()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('people mix links up', () => {
  test('each is refused where another belongs, named, before any request', async () => {
    const { server, asked } = await ask()
    const { statusUrl } = await (await openAsk(asked.askUrl)).answer('x')
    const share = asked.askUrl.replace('/ask/', '/')
    const links = { share, ask: asked.askUrl, collect: asked.collectUrl, status: statusUrl }
    const openers = { share: openLink, ask: openAsk, collect: openCollect, status: openReceipt }
    const before = server.requests.length
    for (const [wanted, open] of Object.entries(openers)) {
      for (const [kind, link] of Object.entries(links)) {
        if (kind === wanted) continue
        const opening = open(link)
        await expect(opening, `${kind} for ${wanted}`).rejects.toMatchObject({
          code: 'LINK_WRONG_KIND',
          details: { kind },
        })
      }
    }
    expect(server.requests).toHaveLength(before)
  })

  test.each([openAsk, openCollect, openReceipt])('what is no text is refused, naming the argument', async (open) => {
    await expect(open(5 as never)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    await expect(open('https://x.example')).rejects.toMatchObject({ code: 'LINK_NO_FRAGMENT' })
  })
})

test('neither console.log nor JSON shows a key, but for the JSON of what exists nowhere else', async () => {
  const { server, asked } = await ask()
  const opened: Ask = await openAsk(asked.askUrl)
  const receipt = await opened.answer('the content', { password: 'the password' })
  const collect = await openCollect(asked.collectUrl)
  const [answer] = await collect.answers()
  const link = await answer?.open()
  const [kept] = [...server.answers.values()]
  const wire = kept?.answer as WireAnswerRequest
  const secrets = [
    ...[asked.askUrl, asked.collectUrl, receipt.statusUrl].map((url) => url.slice(url.indexOf('#') + 2)),
    ...(['ask', 'collect'] as const).map((kind) => b64(readLink(asked[`${kind}Url`], kind).key)),
    wire.key_a,
    'the content',
    'the password',
  ]
  const shown = (value: unknown) => inspect(value, { depth: 9, showHidden: true }) + String(value)
  for (const value of [asked, opened, receipt, collect, answer, link])
    for (const secret of secrets) expect(shown(value)).not.toContain(secret)
  for (const value of [opened, collect, answer, link])
    for (const secret of secrets) expect(JSON.stringify(value)).not.toContain(secret)
  expect(JSON.parse(JSON.stringify(asked))).toMatchObject({ ask_url: asked.askUrl, collect_url: asked.collectUrl })
  expect(JSON.parse(JSON.stringify(receipt))).toEqual({ slug: receipt.slug, status_url: receipt.statusUrl })
})

test('the KEM can be given in, and then none is loaded for it', async () => {
  const real = await loadKem()
  const used: string[] = []
  const kem = {
    publicKey: (...args: Parameters<typeof real.publicKey>) => (used.push('publicKey'), real.publicKey(...args)),
    seal: (...args: Parameters<typeof real.seal>) => (used.push('seal'), real.seal(...args)),
    open: (...args: Parameters<typeof real.open>) => (used.push('open'), real.open(...args)),
  }
  const { asked } = await ask({ kem })
  await (await openAsk(asked.askUrl, { kem })).answer('x')
  const [answer] = await (await openCollect(asked.collectUrl, { kem })).answers()
  await answer?.open()
  expect(used).toEqual(['publicKey', 'seal', 'publicKey', 'open'])
})
