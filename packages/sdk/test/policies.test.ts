import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { solveCaptcha } from '../src/link/captcha.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { openLink } from '../src/open.ts'
import type { WireChallenge } from '../src/wire.ts'
import { errorOf } from './refusal.ts'
import { failure, scriptedServer, success, type Recorded, type Step } from './scripted.ts'
import { makeSecret, recipientScript } from './secrets.ts'

const codeOf = async (promise: Promise<unknown>) => (await errorOf(promise)).code
const steps = (requests: Recorded[]) => requests.map(({ path }) => path.split('/').at(-1))
const lastBody = (requests: Recorded[]) => JSON.parse(requests.at(-1)?.body ?? '') as Record<string, unknown>

function makeChallenge(number: number, maxnumber = 1000): WireChallenge {
  const salt = `0123456789abcdef01234567?expires=1900000000&slug=1111111111111&number=${number}&`
  const challenge = createHash('sha256').update(`${salt}${number}`).digest('hex')
  return { algorithm: 'SHA-256', challenge, maxnumber, salt, signature: 'ab'.repeat(32) }
}

const readSolution = (solution: unknown) =>
  JSON.parse(Buffer.from(String(solution), 'base64').toString()) as Record<string, unknown>

/** A server of one secret that asks for more; `challenges` counts those it gave out. */
async function serve(needs: object, password?: string, more?: (request: Recorded) => Step | undefined) {
  const secret = await makeSecret({ text: 'opened', ...(password !== undefined && { password }) })
  let challenges = 0
  const server = await scriptedServer(
    recipientScript(secret, (request) => {
      const answer = more?.(request)
      if (answer || !request.path.endsWith('/status')) return answer
      return success({ ...secret.status, challenge: makeChallenge(++challenges), ...needs })
    }),
  )
  return { secret, ...server, shareUrl: secret.link(server.url) }
}

describe('solveCaptcha', () => {
  test.each([0, 1, 255, 256, 999, 1000])('finds %i', async (number) => {
    const challenge = makeChallenge(number)
    const { maxnumber: _, ...rest } = challenge
    expect(readSolution(await solveCaptcha(challenge))).toEqual({ ...rest, number })
  })

  test('solves the example of spec/captcha.md', async () => {
    const spec = readFileSync(new URL('../../../spec/captcha.md', import.meta.url), 'utf8')
    const example = JSON.parse(/```json\n(.*?)```/s.exec(spec)?.[1] ?? '') as {
      challenge: WireChallenge
      solution: object
    }
    expect(readSolution(await solveCaptcha(example.challenge))).toEqual(example.solution)
  })

  test('reports the hashes done and to do', async () => {
    const onProgress = vi.fn()
    await solveCaptcha(makeChallenge(600), { onProgress })
    expect(onProgress.mock.calls).toEqual([0, 256, 512].map((done) => [{ done, total: 1000 }]))
  })

  test('stops when it is aborted', async () => {
    const controller = new AbortController()
    const onProgress = vi.fn(() => controller.abort())
    const { signal } = controller
    expect(await codeOf(solveCaptcha(makeChallenge(1000), { signal, onProgress }))).toBe('ABORTED')
    expect(onProgress).toHaveBeenCalledOnce()
  })

  test.each([
    ['of another algorithm', { algorithm: 'SHA-1' }],
    ['without a salt', { salt: undefined }],
    ['that would take hours', { maxnumber: 1e12 }],
    ['without a solution', { challenge: 'ab'.repeat(32) }],
  ])('refuses a challenge %s', async (_, wrong) => {
    expect(await codeOf(solveCaptcha({ ...makeChallenge(5), ...wrong } as WireChallenge))).toBe('MALFORMED')
  })
})

describe('reveal with a captcha', () => {
  test('solves a fresh challenge for every attempt', async () => {
    let reveals = 0
    const { shareUrl, requests } = await serve({ captcha: true }, undefined, ({ path }) =>
      path.endsWith('/reveal') && ++reveals === 1 ? failure(403, 'CAPTCHA_WRONG') : undefined,
    )
    const link = await openLink(shareUrl)
    expect(await codeOf(link.reveal())).toBe('CAPTCHA_WRONG')
    expect((await link.reveal()).text).toBe('opened')
    expect(steps(requests)).toEqual(['status', 'status', 'reveal', 'status', 'reveal'])
    const numbers = requests
      .filter(({ path }) => path.endsWith('/reveal'))
      .map(({ body }) => readSolution((JSON.parse(body) as Record<string, unknown>)['captcha'])['number'])
    expect(numbers).toEqual([2, 3])
  })

  test('leaves the work to a function, such as a worker’s, or takes a solution', async () => {
    const { shareUrl, requests } = await serve({ captcha: true })
    const link = await openLink(shareUrl)
    const solve = vi.fn(() => Promise.resolve('solved elsewhere'))
    const { signal } = new AbortController()
    await link.reveal({ captcha: solve, signal })
    expect(solve).toHaveBeenCalledExactlyOnceWith(makeChallenge(2), signal)
    expect(lastBody(requests)).toMatchObject({ captcha: 'solved elsewhere' })
    await link.reveal({ captcha: 'a solution' })
    expect(lastBody(requests)).toMatchObject({ captcha: 'a solution' })
  })

  test('that is aborted while it solves sends nothing', async () => {
    const { shareUrl, requests } = await serve({ captcha: true })
    const link = await openLink(shareUrl)
    const controller = new AbortController()
    const { signal } = controller
    const captcha = (challenge: WireChallenge) => {
      controller.abort()
      return solveCaptcha(challenge, { signal })
    }
    expect(await codeOf(link.reveal({ captcha, signal }))).toBe('ABORTED')
    expect(steps(requests)).not.toContain('reveal')
  })

  test('C6: continues a recorded reveal without one, once the secret has ended', async () => {
    let statuses = 0
    const gone = failure(410, 'GONE', { cause: 'viewed', at: '2030-01-01T00:00:00.000Z' })
    const { shareUrl, requests } = await serve({ captcha: true }, undefined, ({ path }) =>
      path.endsWith('/status') && ++statuses > 1 ? gone : undefined,
    )
    const link = await openLink(shareUrl)
    expect((await link.reveal()).text).toBe('opened')
    expect(lastBody(requests)).toEqual({ reveal_id: link.revealId })
  })
})

describe('one-time codes', () => {
  const sent = { type: 'email', to: 'a…z@example.com', expires_at: '2030-01-01T00:10:00.000Z' }
  const answer = ({ path }: Recorded) => (path.endsWith('/otp') ? success(sent) : undefined)
  const otp = { type: 'email', to: 'a…z@example.com' }

  test('are asked for with the password’s proof, and tell where they went and how long they last', async () => {
    const { shareUrl, secret, requests } = await serve({ otp }, 'p', answer)
    const link = await openLink(shareUrl)
    expect(link.needs.otp).toEqual(otp)
    expect(await link.requestCode({ password: 'p' })).toEqual({
      type: 'email',
      to: 'a…z@example.com',
      expiresAt: new Date('2030-01-01T00:10:00.000Z'),
    })
    expect(lastBody(requests)).toEqual({ password_proof: secret.proof && b64(secret.proof) })
    expect((await link.reveal({ password: 'p', otp: '12345678' })).text).toBe('opened')
    expect(lastBody(requests)).toMatchObject({ otp: '12345678' })
  })

  test('are asked for with a captcha of their own, where one is asked for', async () => {
    const { shareUrl, requests } = await serve({ otp, captcha: true }, undefined, answer)
    const link = await openLink(shareUrl)
    await link.requestCode()
    await link.requestCode({ captcha: 'a solution' })
    expect(lastBody(requests)).toEqual({ captcha: 'a solution' })
    await link.reveal({ otp: '12345678' })
    const solutions = requests
      .filter(({ path }) => /\/(otp|reveal)$/.test(path))
      .map(({ body }) => (JSON.parse(body) as { captcha: string }).captcha)
    expect(new Set(solutions).size).toBe(3)
  })

  test('are never asked for without a password that is needed', async () => {
    const { shareUrl, requests } = await serve({ otp }, 'p', answer)
    const link = await openLink(shareUrl)
    expect(await codeOf(link.requestCode())).toBe('PASSWORD_REQUIRED')
    expect(steps(requests)).toEqual(['status'])
  })

  test('are asked for once a call, even if the server is busy: each call sends a message', async () => {
    const busy = failure(503, 'UNAVAILABLE', undefined, { 'Retry-After': '0' })
    const { shareUrl, requests } = await serve({ otp }, undefined, ({ path }) =>
      path.endsWith('/otp') ? busy : undefined,
    )
    const link = await openLink(shareUrl)
    expect(await codeOf(link.requestCode())).toBe('UNAVAILABLE')
    expect(steps(requests)).toEqual(['status', 'otp'])
  })

  test('may be typed as apps and messages show them, in groups', async () => {
    const { shareUrl, requests } = await serve({ otp })
    await (await openLink(shareUrl)).reveal({ otp: ' 123 456\u00a0\n' })
    expect(lastBody(requests)).toMatchObject({ otp: '123456' })
  })

  test('that are needed are missed before anything is sent or solved', async () => {
    const { shareUrl, requests } = await serve({ otp, captcha: true })
    const link = await openLink(shareUrl)
    expect(await codeOf(link.reveal())).toBe('OTP_REQUIRED')
    expect(steps(requests)).toEqual(['status'])
  })

  test('refuse options that there aren’t', async () => {
    const { shareUrl } = await serve({ otp })
    const link = await openLink(shareUrl)
    await expect(link.requestCode({ to: 'me@example.com' } as object)).rejects.toMatchObject({
      details: { to: ['is not an option'] },
    })
  })
})
