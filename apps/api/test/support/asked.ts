/** Requests and answers made of node:crypto alone: what is sealed is random, because the server can't tell. */
import { randomBytes } from 'node:crypto'
import type { Attached } from './attached.ts'
import { sealWithFiles } from './attached.ts'
import type { Call, Reply, Sealed } from './sender.ts'
import { b58, b64, newId, sha256 } from './sender.ts'

/** A request, with all that its asker and its answerers know. */
export interface Asked {
  slug: string
  access: string
  collect: string
  body: Record<string, unknown>
}

export function newAsk(fields: Record<string, unknown> = {}): Asked {
  const [access, collect] = [randomBytes(32), randomBytes(32)]
  const accessVerifier = sha256(access)
  const slug = b58(accessVerifier.subarray(0, 9), 13)
  return {
    slug,
    access: b64(access),
    collect: b64(collect),
    body: {
      slug,
      access_verifier: b64(accessVerifier),
      collect_verifier: b64(sha256(collect)),
      public_key: b64(randomBytes(1216)),
      note: b64(randomBytes(300)),
      ...fields,
    },
  }
}

export interface AnswerOptions {
  password?: boolean
  /** Encrypted bytes of each file. */
  files?: number[]
  /** Bytes of ciphertext. */
  size?: number
}

/** An answer, with all that its sender knows. */
export function newAnswer({ files = [], ...options }: AnswerOptions = {}): Attached {
  const sealedKeyB = { sealed_key_b: b64(randomBytes(1168)) }
  const sealed = sealWithFiles(files, { ...options, fields: sealedKeyB })
  if (files.length === 0) delete sealed.body['attachments']
  return sealed
}

/** The calls of askers, of those who answer, and of those who collect, by name. */
export function requestCalls(call: Call, token: string) {
  const bearer = { Authorization: `Bearer ${token}` }
  const collect = ({ collect }: Asked) => ({ 'Halfkey-Collect': collect })
  const of = ({ slug }: Asked, suffix = ''): string => `/api/v1/requests/${slug}${suffix}`
  const ask = (asked: Asked, headers: Record<string, string> = bearer): Promise<Reply> =>
    call('POST', '/api/v1/requests', asked.body, headers)
  const link =
    (name: string) =>
    (asked: Asked, answer: Sealed, body?: unknown, headers: Record<string, string> = collect(asked)): Promise<Reply> =>
      call('POST', `/api/v1/links/${answer.slug}/${name}`, body, { 'Halfkey-Access': answer.access, ...headers })
  const [status, otp, reveal, ack] = ['status', 'otp', 'reveal', 'ack'].map(link) as [
    ReturnType<typeof link>,
    ReturnType<typeof link>,
    ReturnType<typeof link>,
    ReturnType<typeof link>,
  ]
  return {
    ask,
    /** A request that is there. */
    async given(fields: Record<string, unknown> = {}, headers: Record<string, string> = bearer): Promise<Asked> {
      const asked = newAsk(fields)
      const { status, text } = await ask(asked, headers)
      if (status !== 201) throw new Error(`a request wasn't created: ${text}`)
      return asked
    },
    details: (asked: Asked, headers: Record<string, string> = collect(asked)) =>
      call('GET', of(asked), undefined, headers),
    patch: (asked: Asked, body: unknown, headers: Record<string, string> = collect(asked)) =>
      call('PATCH', of(asked), body, headers),
    withdraw: (asked: Asked, headers: Record<string, string> = collect(asked)) =>
      call('DELETE', of(asked), undefined, headers),
    purge: (asked: Asked, headers: Record<string, string> = collect(asked)) =>
      call('DELETE', of(asked, '?purge=true'), undefined, headers),
    answers: (asked: Asked, headers: Record<string, string> = collect(asked)) =>
      call('GET', of(asked, '/answers'), undefined, headers),
    unlockAnswer: (asked: Asked, { slug }: Sealed, headers: Record<string, string> = collect(asked)) =>
      call('PATCH', of(asked, `/answers/${slug}`), { unlock: true }, headers),
    destroyAnswer: (asked: Asked, { slug }: Sealed, headers: Record<string, string> = collect(asked)) =>
      call('DELETE', of(asked, `/answers/${slug}`), undefined, headers),
    /** The answers once there are more than `seen`, or after `wait` seconds. */
    waitForAnswers: (asked: Asked, wait: number, seen = 0) =>
      call('GET', of(asked, `/answers?wait=${wait}${seen > 0 ? `&seen=${seen}` : ''}`), undefined, collect(asked)),
    stats: () => call('GET', '/api/v1/requests/stats', undefined, bearer),
    list: (query = '') => call('GET', `/api/v1/requests${query}`, undefined, bearer),

    look: (asked: Asked, access = asked.access) =>
      call('POST', `/api/v1/asks/${asked.slug}/status`, undefined, { 'Halfkey-Access': access }),
    answer: (asked: Asked, answer: Sealed = newAnswer(), access = asked.access) =>
      call('POST', `/api/v1/asks/${asked.slug}/answers`, answer.body, { 'Halfkey-Access': access }),
    receipt: ({ slug, manageKey }: Sealed) =>
      call('GET', `/api/v1/secrets/${slug}`, undefined, { 'Halfkey-Manage': manageKey }),
    takeBack: ({ slug, manageKey }: Sealed, query = '') =>
      call('DELETE', `/api/v1/secrets/${slug}${query}`, undefined, { 'Halfkey-Manage': manageKey }),

    status,
    otp,
    reveal: (asked: Asked, answer: Sealed, revealId = newId(), headers?: Record<string, string>) =>
      reveal(asked, answer, { reveal_id: revealId }, headers),
    ack: (asked: Asked, answer: Sealed, revealId: string, headers?: Record<string, string>) =>
      ack(asked, answer, { reveal_id: revealId }, headers),
  }
}
