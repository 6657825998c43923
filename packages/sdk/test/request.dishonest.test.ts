/** C7 against a server that lies wherever it can: each lie is refused with its code, or seen. */
import { describe, expect, test } from 'vitest'
import { Halfkey, openAsk, openCollect, type Answer, type HalfkeyError } from '../src/index.ts'
import { b64, unb64, utf8 } from '../src/protocol/encoding.ts'
import { deriveLink, readLink } from '../src/protocol/link.ts'
import { deriveAnswerKey, deriveAsk, deriveRequest, sealAnswerKey, sealRequestNote } from '../src/protocol/request.ts'
import { random } from '../src/provider.ts'
import { loadKem } from '../src/request/kem.ts'
import type { WireAnswer, WireAskStatus, WireRequest } from '../src/wire.ts'
import { dataOf, requestServer, type RequestServer, type Tamper } from './request-server.ts'
import { success } from './scripted.ts'

async function ask(server: RequestServer, message = 'The database password') {
  const client = new Halfkey({ baseUrl: server.url, retries: 0 })
  const { askUrl, collectUrl, slug } = await client.createRequest({ message, answers: 10 })
  return { askUrl, collectUrl, slug }
}

async function answered(server: RequestServer, texts: string[]) {
  const asked = await ask(server)
  const opened = await openAsk(asked.askUrl, { retries: 0 })
  for (const text of texts) await opened.answer(text)
  return asked
}

const textOf = async (answer: Answer) => (await (await answer.open()).reveal()).text

/** What opening each answer gives: its text, or the code that it is refused with. */
const outcomes = async (collectUrl: string) => {
  const answers = await (await openCollect(collectUrl, { retries: 0 })).answers()
  return Promise.all(answers.map((answer) => textOf(answer).catch((error: unknown) => (error as HalfkeyError).code)))
}

const onAskStatus =
  (change: (status: WireAskStatus, server: RequestServer) => object): Tamper =>
  (request, honest, server) =>
    /\/asks\/\w+\/status$/.test(request.path) ? success(change(dataOf(honest), server)) : honest

const onAnswers =
  (change: (answers: WireAnswer[], server: RequestServer, path: string) => WireAnswer[]): Tamper =>
  (request, honest, server) =>
    request.path.endsWith('/answers') && request.method === 'GET'
      ? success(change(dataOf(honest), server, request.path))
      : honest

describe('C7: to an answerer, the server', () => {
  const openWith = async (tamper: Tamper) => {
    const server = await requestServer(tamper)
    const { askUrl } = await ask(server)
    const opening = openAsk(askUrl, { retries: 0 }).then((opened) => opened.answer('never sent'))
    return { server, opening }
  }

  /** A key that it has the private half of. */
  const ownKey = async () => b64(await (await loadKem()).publicKey(await random(32)))

  test('gives another key: tampered, and nothing of an answer is sent', async () => {
    const own = await ownKey()
    const { server, opening } = await openWith(onAskStatus((status) => ({ ...status, public_key: own })))
    await expect(opening).rejects.toMatchObject({ code: 'TAMPERED' })
    expect(server.requests.filter(({ path }) => path.endsWith('/answers'))).toEqual([])
  })

  test.each([
    ['cut', (key: string) => key.slice(0, -4)],
    ['not base64url', (key: string) => `${key.slice(0, -1)}+`],
    ['absent', () => undefined],
  ])('gives a key that is %s: malformed', async (_, change) => {
    const { opening } = await openWith(onAskStatus((status) => ({ ...status, public_key: change(status.public_key) })))
    await expect(opening).rejects.toMatchObject({ code: 'MALFORMED' })
  })

  test('gives another text, one that it sealed itself, or none: tampered', async () => {
    const key = await random(32)
    const { slug } = await deriveAsk(key)
    const made = await sealRequestNote(key, slug, 'Send it to me instead')
    for (const note of [made, null, undefined]) {
      const { opening } = await openWith(onAskStatus((status) => ({ ...status, note })))
      await expect(opening).rejects.toMatchObject({ code: 'TAMPERED' })
    }
  })

  test("gives another request's key and text, which belong together: tampered", async () => {
    const server = await requestServer((request, honest, { asked }) => {
      const [first, second] = [...asked.values()]
      if (!second || !request.path.endsWith('/status')) return honest
      const { public_key, note } = (request.path.includes(second.ask.slug) ? first : second)?.ask ?? second.ask
      return success({ ...dataOf<WireAskStatus>(honest), public_key, note })
    })
    const [one, two] = [await ask(server, 'one'), await ask(server, 'two')]
    for (const { askUrl } of [one, two]) await expect(openAsk(askUrl)).rejects.toMatchObject({ code: 'TAMPERED' })
  })

  test('says that another answer was stored: malformed', async () => {
    const tamper: Tamper = (request, honest) =>
      request.path.endsWith('/answers') && request.method === 'POST'
        ? success({ ...dataOf<object>(honest), slug: '46e7e2SGyBG58' })
        : honest
    const { opening } = await openWith(tamper)
    await expect(opening).rejects.toMatchObject({ code: 'MALFORMED' })
  })
})

describe('C7: to whoever asked, the server', () => {
  test('is honest, so the tests below test something', async () => {
    const server = await requestServer()
    const { collectUrl } = await answered(server, ['one', 'two'])
    expect(await outcomes(collectUrl)).toEqual(['one', 'two'])
  })

  test('makes an answer up, with all that it knows: tampered, and the others open', async () => {
    const kem = await loadKem()
    const server = await requestServer(onAnswers((answers) => [...forged, ...answers]))
    let forged: WireAnswer[] = []
    const { collectUrl, slug } = await answered(server, ['honest'])
    const { ask } = server.asked.get(slug) ?? {}
    const x = await random(32)
    // It lacks the ask key, and tries with what it has in its place.
    const guesses = [new Uint8Array(32), unb64(ask?.access_verifier), unb64(ask?.collect_verifier)]
    forged = await Promise.all(
      guesses.map(async (guess): Promise<WireAnswer> => {
        const answer = (await deriveLink(await deriveAnswerKey(x, guess))).slug
        const sealed = await sealAnswerKey(kem, unb64(ask?.public_key), { request: slug, answer }, x)
        return { ...made, slug: answer, sealed_key_b: b64(sealed) }
      }),
    )
    expect(await outcomes(collectUrl)).toEqual(['TAMPERED', 'TAMPERED', 'TAMPERED', 'honest'])
  })

  const made: WireAnswer = {
    slug: '46e7e2SGyBG58',
    status: 'active',
    created_at: '2030-01-02T03:04:05.678Z',
    attachments_count: 0,
    size: 512,
  }

  test('passes an ordinary secret off as an answer: tampered', async () => {
    const kem = await loadKem()
    const keyB = await random(32)
    const { slug: answer } = await deriveLink(keyB)
    let passedOff: WireAnswer[] = []
    const server = await requestServer(onAnswers(() => passedOff))
    const { collectUrl, slug } = await answered(server, [])
    const publicKey = unb64(server.asked.get(slug)?.ask.public_key)
    // Whoever helps it knows the secret's link.
    const sealed = await sealAnswerKey(kem, publicKey, { request: slug, answer }, keyB)
    passedOff = [{ ...made, slug: answer, sealed_key_b: b64(sealed) }]
    expect(await outcomes(collectUrl)).toEqual(['TAMPERED'])
  })

  test('swaps the slugs of two answers, or their keys: both are tampered', async () => {
    const server = await requestServer(
      onAnswers(([one, two]) =>
        one && two
          ? [
              { ...one, slug: two.slug },
              { ...two, slug: one.slug },
            ]
          : [],
      ),
    )
    const { collectUrl } = await answered(server, ['one', 'two'])
    expect(await outcomes(collectUrl)).toEqual(['TAMPERED', 'TAMPERED'])
  })

  test('offers an answer to another request: tampered, though the same person asked both', async () => {
    const server = await requestServer(
      onAnswers((answers, { answers: all }, path) => {
        const others = [...all.values()].filter(({ request }) => !path.includes(request))
        return [...others.map(({ answer }) => ({ ...made, ...answer })), ...answers]
      }),
    )
    const [one, two] = [await answered(server, ['to one']), await answered(server, ['to two'])]
    expect(await outcomes(one.collectUrl)).toEqual(['TAMPERED', 'to one'])
    expect(await outcomes(two.collectUrl)).toEqual(['TAMPERED', 'to two'])
  })

  test('changes one answer: the others open all the same', async () => {
    const change = (sealed: string | undefined) => {
      const bytes = unb64(sealed)
      bytes[5] = (bytes[5] ?? 0) ^ 1
      return b64(bytes)
    }
    const server = await requestServer(
      onAnswers(([one, two, three]) =>
        one && two && three ? [one, { ...two, sealed_key_b: change(two.sealed_key_b) }, three] : [],
      ),
    )
    const { collectUrl } = await answered(server, ['one', 'two', 'three'])
    expect(await outcomes(collectUrl)).toEqual(['one', 'TAMPERED', 'three'])
    const seen: string[] = []
    server.asked.forEach((asked) => (asked.status = 'withdrawn'))
    for await (const answer of await openCollect(collectUrl)) seen.push(answer.slug)
    expect(seen).toHaveLength(3)
  })

  test('cuts a sealed key or leaves it out: malformed', async () => {
    const server = await requestServer(
      onAnswers(([one, two]) => {
        if (!one || !two) return []
        const { sealed_key_b: sealed = '', ...rest } = two
        return [{ ...one, sealed_key_b: sealed.slice(0, -4) }, rest]
      }),
    )
    const { collectUrl } = await answered(server, ['one', 'two'])
    expect(await outcomes(collectUrl)).toEqual(['MALFORMED', 'MALFORMED'])
  })

  test('shows an old answer again: it is no new one', async () => {
    const server = await requestServer(onAnswers((answers) => [...answers, ...answers]))
    const { collectUrl } = await answered(server, ['one', 'two'])
    const collect = await openCollect(collectUrl)
    expect(await collect.answers()).toHaveLength(2)
    server.asked.forEach((asked) => (asked.status = 'expired'))
    const seen: string[] = []
    for await (const answer of collect.watch({ interval: 1 })) seen.push(answer.slug)
    expect(new Set(seen).size).toBe(2)
    expect(seen).toHaveLength(2)
  })

  test('withholds an answer: the count that it gives shows it, unless it lies about that too', async () => {
    const server = await requestServer(onAnswers((answers) => answers.slice(1)))
    const { collectUrl } = await answered(server, ['one', 'two'])
    const collect = await openCollect(collectUrl)
    expect((await collect.details()).answersCount).toBe(2)
    expect(await outcomes(collectUrl)).toEqual(['two'])
  })

  test('changes what was asked for: tampered', async () => {
    const key = await random(32)
    const note = await sealRequestNote(key, (await deriveAsk(key)).slug, 'Something else')
    const server = await requestServer((request, honest) =>
      request.method === 'GET' ? success({ ...dataOf<WireRequest>(honest), note }) : honest,
    )
    const { collectUrl } = await ask(server)
    await expect(openCollect(collectUrl)).rejects.toMatchObject({ code: 'TAMPERED' })
  })

  test("puts another request's seed into the owner's metadata: refused, because that is sealed for its own request", async () => {
    const workspaceKey = b64(await random(32))
    const server = await requestServer((request, honest, { asked }) => {
      const [first, second] = [...asked.values()]
      if (request.method !== 'GET' || !request.path.includes(second?.ask.slug ?? '-')) return honest
      return success({ ...dataOf<WireRequest>(honest), meta: first?.ask.meta })
    })
    const client = new Halfkey({ baseUrl: server.url, token: 'hkt_a_b', workspaceKey, retries: 0 })
    const [one, two] = [await client.createRequest(), await client.createRequest()]
    expect((await client.collect(one.slug)).collectUrl).toBe(one.collectUrl)
    await expect(client.collect(two.slug)).rejects.toMatchObject({ code: 'WRONG_KEY' })
  })
})

test('C7: an answerer, another answerer and the server together, without the seed, open no answer', async () => {
  const kem = await loadKem()
  const server = await requestServer()
  const { slug, askUrl } = await answered(server, ['secret'])
  const [kept] = [...server.answers.values()]
  if (!kept) throw new Error('There is no answer.')
  const { answer } = kept
  // All 32-byte values that either has: none is the private key, nor a seed of it.
  const askKey = readLink(askUrl, 'ask').key
  const known = [askKey, unb64(answer.key_a), unb64(answer.access_verifier), unb64(answer.manage_verifier)]
  const info = utf8(`halfkey/v1 answer\0${slug}\0${answer.slug}`)
  for (const value of known) {
    expect(await kem.open(value, info, unb64(answer.sealed_key_b))).toBeNull()
    const derived = await deriveRequest(kem, value)
    expect(await kem.open(derived.privateKey, info, unb64(answer.sealed_key_b))).toBeNull()
    for (const x of known) expect((await deriveLink(await deriveAnswerKey(x, askKey))).slug).not.toBe(answer.slug)
  }
})
