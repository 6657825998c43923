import { describe, expect, test } from 'vitest'
import { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { openLink } from '../src/open.ts'
import { findLeaks } from './leaks.ts'
import { errorOf } from './refusal.ts'
import { failure, scriptedServer, success, type Step } from './scripted.ts'
import { makeSecret } from './secrets.ts'

const W = new Uint8Array(32).fill(9)
const manageKey = b64(new Uint8Array(32).fill(3))
const parts = {
  content: 'the very content',
  password: 'the very password',
  message: 'the very message',
  description: 'the very description',
}
const bearer = { token: 'hkt_abc123_c2VjcmV0LW9mLXRoZS10b2tlbg', manageKey }

/** Every call there is, each with all the secrets that it takes. */
async function callAll(baseUrl: string, options: object) {
  const { content, ...rest } = parts
  const secret = await makeSecret({ text: content, password: rest.password, note: rest.message })
  const client = new Halfkey({ baseUrl, token: bearer.token, workspaceKey: b64(W), retries: 0, ...options })
  const manage = { manageKey }
  const errors = await Promise.all(
    [
      client.createSecret(content, rest),
      client.listSecrets(),
      client.getSecretDetails(secret.slug, manage),
      client.deleteSecret(secret.slug, manage),
      client.patchSecret(secret.slug, { description: rest.description, ...manage }),
      client.getEvents(secret.slug),
      client.getStats(),
      client.getWorkspace(),
      client.setWorkspaceCheck(),
      client.openLink(secret.link(baseUrl)),
    ].map(errorOf),
  )
  return { errors, keyB: secret.keyB }
}

describe('no error holds a secret in its message, properties, cause, stack or inspection', () => {
  test.each<[string, Step]>([
    ['fails', failure(500, 'SERVER_ERROR')],
    ['refuses', failure(422, 'VALIDATION_ERROR', { meta: ['too long'] })],
    ['sends a page', { status: 502, text: '<html></html>' }],
    ['redirects', { status: 302, headers: { Location: '/' } }],
    ['replies as another API', { json: { ok: true } }],
    ['cuts the connection', 'cut'],
    ['hangs', 'hang'],
  ])('when the server %s', async (_, step) => {
    const { url } = await scriptedServer(() => step)
    const { errors, keyB } = await callAll(url, { timeout: 300 })
    expect(findLeaks(errors, { ...parts, ...bearer, keyB, W })).toEqual([])
  })

  test('when a custom fetch throws errors that hold the whole request', async () => {
    const fetch = (url: unknown, init: unknown) =>
      Promise.reject(Object.assign(new Error(JSON.stringify({ url, init })), { url, init, cause: { url, init } }))
    const { errors, keyB } = await callAll('http://localhost', { fetch })
    expect(findLeaks(errors, { ...parts, ...bearer, keyB, W })).toEqual([])
  })

  test('when the server quotes the whole request, but for what it was sent to authenticate', async () => {
    const { url } = await scriptedServer(({ headers, body, path }) =>
      failure(422, 'VALIDATION_ERROR', { headers, body, path }),
    )
    const { errors, keyB } = await callAll(url, {})
    expect(findLeaks(errors, { ...parts, keyB, W })).toEqual([])
  })

  test('when options are wrong', async () => {
    const client = new Halfkey({ baseUrl: 'http://localhost' })
    const secrets = { ...parts, ...bearer, W: b64(W) }
    const errors = await Promise.all(
      Object.values(secrets).map((secret) =>
        errorOf(
          client.createSecret(secret + '\ud800', {
            hours: secret,
            message: [secret],
            password: `${secret}\n`,
          } as object),
        ),
      ),
    )
    expect(findLeaks(errors, secrets)).toEqual([])
  })

  test('when a link is wrong', async () => {
    const { keyB, link } = await makeSecret()
    const shareUrl = link('https://share.example')
    const cut = shareUrl.slice(0, -1)
    const mistyped = shareUrl.replace(/#1./, '#1Z')
    const errors = await Promise.all(
      [cut, mistyped, shareUrl.replace('#1', '#2')].map((text) => errorOf(openLink(text))),
    )
    const fragment = shareUrl.split('#')[1] ?? ''
    expect(findLeaks(errors, { keyB, most: fragment.slice(3, -1) })).toEqual([])
  })

  test('when what was revealed doesn’t open', async () => {
    const { text, password, note } = { text: parts.content, password: parts.password, note: parts.message }
    const secret = await makeSecret({ text, password, note })
    const keyA = b64(new Uint8Array(32).fill(4))
    const { url } = await scriptedServer(({ path }) =>
      success(path.endsWith('/status') ? secret.status : { ...secret.revealed, key_a: keyA }),
    )
    const link = await openLink(secret.link(url))
    const error = await errorOf(link.reveal({ password }))
    expect(error.code).toBe('WRONG_KEY')
    expect(findLeaks(error, { ...parts, keyB: secret.keyB, keyA })).toEqual([])
  })
})

test('the search finds each kind of secret where there is one', () => {
  const keyB = new Uint8Array(32).fill(200)
  const needles = { keyB, password: 'pass "word" é' }
  const holders = [
    new Error('x', { cause: { deep: [new Error(needles.password)] } }),
    Object.assign(new Error('x'), { [Symbol('s')]: needles.password }),
    Object.defineProperty(new Error('x'), 'hidden', { value: keyB }),
    new Error(`key ${b64(keyB)}`),
    new Error(encodeURIComponent(needles.password)),
    { toJSON: () => ({ password: needles.password }) },
  ]
  for (const holder of holders) expect(findLeaks(holder, needles)).toHaveLength(1)
})
