import { describe, expect, test, vi } from 'vitest'
import { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { openLink } from '../src/open.ts'
import { findLeaks } from './leaks.ts'
import { errorOf } from './refusal.ts'
import { failure, scriptedServer, success, type Recorded, type Step } from './scripted.ts'
import { makeSecret, recipientScript } from './secrets.ts'

const codeOf = async (promise: Promise<unknown>) => (await errorOf(promise)).code

const bodies = (requests: Recorded[], step: string) =>
  requests.filter(({ path }) => path.endsWith(step)).map(({ body }) => JSON.parse(body) as Record<string, unknown>)

async function serve(
  parts: Record<string, string> = {},
  more?: (request: Recorded, index: number) => Step | undefined,
) {
  const secret = await makeSecret(parts)
  const server = await scriptedServer(recipientScript(secret, more))
  return { secret, ...server, shareUrl: secret.link(server.url) }
}

describe('openLink', () => {
  test('says what a reveal will need, and the note, and spends nothing', async () => {
    const { shareUrl, secret, requests } = await serve({ password: 'p', note: 'Use today' })
    const link = await openLink(shareUrl)
    expect(link.slug).toBe(secret.slug)
    expect(link.note).toBe('Use today')
    expect(link.expiration).toEqual(new Date('2030-01-02T03:04:05.678Z'))
    expect(link.viewsLeft).toBe(1)
    expect(link.attemptsLeft).toBe(10)
    expect(link.needs).toEqual({ password: true, otp: null, captcha: false })
    expect(link.files).toEqual([])
    expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', `/api/v1/links/${secret.slug}/status`, '{}'],
    ])
    expect(requests[0]?.headers['halfkey-access']).toBe(b64(secret.access))
  })

  test('C2: sends nothing for a link that is cut short, mistyped or not a link', async () => {
    const { shareUrl, requests } = await serve()
    const broken = [shareUrl.slice(0, -1), shareUrl.slice(0, -10) + 'Z'.repeat(10), shareUrl.replace('#1', '#2')]
    for (const link of [...broken, shareUrl.split('#')[0] ?? '', '', 'https://example.com/#1abc']) {
      expect(await codeOf(openLink(link))).toMatch(/^LINK_/)
    }
    expect(await codeOf(openLink(undefined as unknown as string))).toBe('VALIDATION_ERROR')
    expect(requests).toEqual([])
  })

  test('goes below the path prefix of the link', async () => {
    const { secret, url, requests } = await serve()
    await openLink(secret.link(`${url}/some/where`))
    expect(requests[0]?.path).toBe(`/some/where/api/v1/links/${secret.slug}/status`)
  })

  test('of a client goes to the link’s own origin, without token, workspace key, region or manage key', async () => {
    const home = await scriptedServer([])
    const { shareUrl, requests } = await serve()
    const token = 'hkt_abc_c2VjcmV0'
    const workspaceKey = b64(new Uint8Array(32).fill(7))
    const client = new Halfkey({ baseUrl: home.url, token, workspaceKey, region: 'eu' })
    const opened = await (await client.openLink(shareUrl)).reveal()
    await opened.done()
    expect(home.requests).toEqual([])
    expect(requests).toHaveLength(3)
    for (const { headers } of requests) {
      expect(Object.keys(headers)).not.toContain('authorization')
      expect(Object.keys(headers).filter((name) => name.startsWith('halfkey-'))).toEqual(['halfkey-access'])
    }
    expect(findLeaks(requests, { token, workspaceKey })).toEqual([])
  })

  test('throws GONE with cause and time', async () => {
    const details = { cause: 'viewed', at: '2030-01-01T00:00:00.000Z' }
    const { shareUrl } = await serve({}, () => failure(410, 'GONE', details))
    await expect(openLink(shareUrl)).rejects.toMatchObject({ code: 'GONE', status: 410, details })
  })

  test('C5: throws TAMPERED for a note of another secret', async () => {
    const other = await makeSecret({ note: 'Trust me' })
    const { shareUrl } = await serve({}, () => success(other.status))
    expect(await codeOf(openLink(shareUrl))).toBe('TAMPERED')
  })

  test.each([
    ['no expiration', { expiration: undefined }],
    ['an expiration that is no time', { expiration: 'soon' }],
    ['views that are no number', { views_left: '1' }],
    ['a password that is neither true nor false', { password: 'yes' }],
    ['files that are no list', { files: {} }],
  ])('throws MALFORMED for a status with %s', async (_, wrong) => {
    const secret = await makeSecret()
    const { url } = await scriptedServer(() => success({ ...secret.status, ...wrong }))
    expect(await codeOf(openLink(secret.link(url)))).toBe('MALFORMED')
  })

  test('refuses options that there aren’t, by name, before anything is sent', async () => {
    const { shareUrl, requests } = await serve()
    await expect(openLink(shareUrl, { retry: 1, revealId: 'short' } as object)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { retry: ['is not an option'], revealId: [expect.stringContaining('16 bytes')] },
    })
    expect(requests).toEqual([])
  })
})

describe('reveal', () => {
  test('gives the text exactly, and acks when it is done, once', async () => {
    const text = ' \n\ttrailing and leading white space, \0, 🔑 and \ufeff stay \r\n'
    const { shareUrl, requests } = await serve({ text })
    const link = await openLink(shareUrl)
    const opened = await link.reveal()
    expect(opened.text).toBe(text)
    expect(opened.files).toEqual([])
    expect(bodies(requests, '/reveal')).toEqual([{ reveal_id: link.revealId }])
    expect(bodies(requests, '/ack')).toEqual([])
    await Promise.all([opened.done(), opened.done()])
    await opened.done()
    expect(bodies(requests, '/ack')).toEqual([{ reveal_id: link.revealId }])
  })

  test('reports progress in bytes of the text', async () => {
    const { shareUrl } = await serve({ text: 'ümlaut' })
    const onProgress = vi.fn()
    await (await openLink(shareUrl)).reveal({ onProgress })
    expect(onProgress.mock.lastCall).toEqual([{ done: 7, total: 7 }])
  })

  test('an ack that failed can be sent again', async () => {
    let acks = 0
    const { shareUrl } = await serve({}, ({ path }) =>
      path.endsWith('/ack') && ++acks === 1 ? failure(500, 'SERVER_ERROR') : undefined,
    )
    const opened = await (await openLink(shareUrl)).reveal()
    expect(await codeOf(opened.done())).toBe('SERVER_ERROR')
    await opened.done()
    expect(acks).toBe(2)
  })

  test('C4: sends a password as its proof alone', async () => {
    const password = 'correct horse'
    const { shareUrl, secret, requests } = await serve({ password, text: 'opened' })
    const opened = await (await openLink(shareUrl)).reveal({ password })
    expect(opened.text).toBe('opened')
    expect(bodies(requests, '/reveal')).toMatchObject([{ password_proof: secret.proof && b64(secret.proof) }])
    expect(findLeaks(requests, { password, keyB: secret.keyB, text: 'opened' })).toEqual([])
  })

  test('asks for a password that is needed before anything is sent', async () => {
    const { shareUrl, requests } = await serve({ password: 'p' })
    const link = await openLink(shareUrl)
    expect(await codeOf(link.reveal())).toBe('PASSWORD_REQUIRED')
    expect(bodies(requests, '/reveal')).toEqual([])
  })

  test('refuses a password that isn’t asked for before a view is spent', async () => {
    const { shareUrl, requests } = await serve()
    const link = await openLink(shareUrl)
    await expect(link.reveal({ password: 'p' })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { password: ['must be left out: this secret has none'] },
    })
    expect(bodies(requests, '/reveal')).toEqual([])
  })

  test('keeps its reveal id over wrong passwords, and stretches each password once', async () => {
    const { shareUrl, requests } = await serve({ password: 'right', text: 'opened' }, ({ path }, index) =>
      path.endsWith('/reveal') && index < 3 ? failure(403, 'PASSWORD_WRONG', { attempts_left: 9 }) : undefined,
    )
    const deriveBits = vi.spyOn(crypto.subtle, 'deriveBits')
    const stretches = () => deriveBits.mock.calls.filter(([algorithm]) => (algorithm as Algorithm).name === 'PBKDF2')
    const link = await openLink(shareUrl)
    await expect(link.reveal({ password: 'wrong' })).rejects.toMatchObject({ details: { attempts_left: 9 } })
    expect(stretches()).toHaveLength(1)
    expect(await codeOf(link.reveal({ password: 'right' }))).toBe('PASSWORD_WRONG')
    expect((await link.reveal({ password: 'right' })).text).toBe('opened')
    expect(stretches()).toHaveLength(2)
    expect(new Set(bodies(requests, '/reveal').map((body) => body['reveal_id']))).toEqual(new Set([link.revealId]))
  })

  test('C6: a reply lost on its way is had again with the same reveal id', async () => {
    let reveals = 0
    const { shareUrl, requests } = await serve({ text: 'opened' }, ({ path }) =>
      path.endsWith('/reveal') && ++reveals < 3 ? (reveals === 1 ? 'cut' : 'cut in the body') : undefined,
    )
    const link = await openLink(shareUrl)
    expect((await link.reveal()).text).toBe('opened')
    expect(bodies(requests, '/reveal')).toEqual(Array(3).fill({ reveal_id: link.revealId }))
  })

  test('C6: after a crash the saved reveal id continues the reveal, though the status says GONE', async () => {
    const gone = failure(410, 'GONE', { cause: 'viewed', at: '2030-01-01T00:00:00.000Z' })
    const { shareUrl, requests } = await serve({ text: 'opened', password: 'p' }, ({ path }) =>
      path.endsWith('/status') ? gone : undefined,
    )
    const revealId = b64(new Uint8Array(16).fill(5))
    const link = await openLink(shareUrl, { revealId })
    expect(link.revealId).toBe(revealId)
    expect(link.needs.password).toBeNull()
    expect(link.expiration).toEqual(new Date('2030-01-01T00:00:00.000Z'))
    expect((await link.reveal({ password: 'p' })).text).toBe('opened')
    expect(bodies(requests, '/reveal')).toMatchObject([{ reveal_id: revealId }])
  })

  test('a saved reveal id can be given to the reveal itself', async () => {
    const { shareUrl, requests } = await serve()
    const link = await openLink(shareUrl)
    const revealId = b64(new Uint8Array(16).fill(6))
    await link.reveal({ revealId })
    expect(link.revealId).toBe(revealId)
    expect(bodies(requests, '/reveal')).toEqual([{ reveal_id: revealId }])
  })

  test('WRONG_KEY when the server misreports the password, and never an ack', async () => {
    const { secret, url, requests } = await serve({ password: 'p' }, ({ path }) =>
      path.endsWith('/status') ? success({ ...secret.status, password: false }) : undefined,
    )
    const link = await openLink(secret.link(url))
    expect(await codeOf(link.reveal())).toBe('WRONG_KEY')
    expect(requests.map(({ path }) => path.split('/').at(-1))).toEqual(['status', 'reveal'])
  })

  test.each([
    ['another keyA', { key_a: b64(new Uint8Array(32)) }, 'WRONG_KEY'],
    ['a keyA of the wrong length', { key_a: b64(new Uint8Array(31)) }, 'MALFORMED'],
    ['no keyA', { key_a: undefined }, 'MALFORMED'],
    ['no envelope', { envelope: null }, 'MALFORMED'],
  ])('C5: %s from the server is refused as what it is, and not acked', async (_, wrong, code) => {
    const { secret, url, requests } = await serve({}, ({ path }) =>
      path.endsWith('/reveal') ? success({ ...secret.revealed, ...wrong }) : undefined,
    )
    const link = await openLink(secret.link(url))
    expect(await codeOf(link.reveal())).toBe(code)
    expect(bodies(requests, '/ack')).toEqual([])
  })

  test('passes codes and captchas on, and refuses what isn’t an option', async () => {
    const { shareUrl, requests } = await serve()
    const link = await openLink(shareUrl)
    await link.reveal({ otp: '123456', captcha: 'solution' })
    expect(bodies(requests, '/reveal')).toMatchObject([{ otp: '123456', captcha: 'solution' }])
    await expect(link.reveal({ pasword: 'p' } as object)).rejects.toMatchObject({
      details: { pasword: ['is not an option'] },
    })
  })

  test('that is aborted while the password is stretched sends nothing', async () => {
    const { shareUrl, requests } = await serve({ password: 'p' })
    const link = await openLink(shareUrl)
    const controller = new AbortController()
    const revealed = codeOf(link.reveal({ password: 'p', signal: controller.signal }))
    controller.abort()
    expect(await revealed).toBe('ABORTED')
    expect(bodies(requests, '/reveal')).toEqual([])
  })
})

test('neither a link nor what it opened shows keys, password, note or text when printed', async () => {
  const parts = { text: 'the text', password: 'the password', note: 'the note' }
  const { shareUrl, secret } = await serve(parts)
  const link = await openLink(shareUrl)
  const opened = await link.reveal({ password: parts.password })
  for (const value of [link, opened, { link, opened }, [link, opened]]) {
    expect(findLeaks(value, { ...parts, shareUrl, keyB: secret.keyB, access: secret.access })).toEqual([])
  }
})
