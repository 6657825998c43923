/** A server of requests and their answers in memory, over real HTTP; a test may have it lie, or lose its replies. */
import { createHash } from 'node:crypto'
import type {
  WireAnswer,
  WireAnswerRequest,
  WireAskRequest,
  WireAskStatus,
  WireLinkStatus,
  WireRequest,
  WireRevealed,
  WireStatus,
} from '../src/wire.ts'
import { failure, scriptedServer, success, type Recorded, type Step } from './scripted.ts'

/** What a test does with an honest reply: pass it on, change it, or lose it. */
export type Tamper = (request: Recorded, honest: Step, server: RequestServer) => Step

interface Kept {
  body: string
  answer: WireAnswerRequest
  request: string
  status: WireStatus
  createdAt: string
  collectedAt: string | undefined
  parts: Map<string, string>
  revealed: Map<string, WireRevealed>
  views: number
}

const NOW = '2030-01-02T03:04:05.678Z'
const LATER = '2030-01-09T03:04:05.678Z'

export interface RequestServer {
  url: string
  /** Everything that it was sent, in order. */
  requests: Recorded[]
  asked: Map<string, { body: string; ask: WireAskRequest; status: WireRequest['status'] }>
  answers: Map<string, Kept>
}

const sha256 = (value: string): string =>
  createHash('sha256').update(Buffer.from(value, 'base64url')).digest('base64url')

export async function requestServer(tamper: Tamper = (_, honest) => honest): Promise<RequestServer> {
  const asked: RequestServer['asked'] = new Map()
  const answers: RequestServer['answers'] = new Map()
  const server = { asked, answers, url: '', requests: [] as Recorded[] }
  const { url, requests } = await scriptedServer((request) => tamper(request, honest(request), server))
  Object.assign(server, { url, requests })
  const isVerified = (value: unknown, verifier: string) => typeof value === 'string' && sha256(value) === verifier
  const answersTo = (slug: string) => [...answers.values()].filter(({ request }) => request === slug)

  function honest(request: Recorded): Step {
    const [path = '', query = ''] = request.path.slice('/api/v1/'.length).split('?')
    const [room, slug = '', step, ...rest] = path.split('/')
    switch (room) {
      case 'requests':
        if (request.method === 'POST') return create(request)
        if (slug === '') return list(new URLSearchParams(query))
        if (slug === 'stats') return stats()
        return owner(request, slug, step, rest[0])
      case 'workspace':
        return success({ name: 'test', workspace_check: null, limits: {}, usage: {} })
      case 'asks':
        return answerer(request, slug, step)
      case 'links':
        return recipient(request, slug, step)
      case 'secrets':
        return receipt(request, slug, step, rest)
      default:
        return failure(404, 'NOT_FOUND')
    }
  }

  function create({ body }: Recorded): Step {
    const ask = JSON.parse(body) as WireAskRequest
    const known = asked.get(ask.slug)
    if (known && known.body !== body) return failure(409, 'CONFLICT')
    if (!known) asked.set(ask.slug, { body, ask, status: 'open' })
    const { slug, maximum_answers = 1 } = ask
    const urls = { ask_url: `${url}/ask/${slug}`, collect_url: `${url}/collect/${slug}` }
    return success({ slug, ...urls, maximum_answers, expiration: LATER, limits: limitsOf(ask), created_at: NOW })
  }

  function present(slug: string): WireRequest {
    const { ask, status } = asked.get(slug) as { ask: WireAskRequest; status: WireRequest['status'] }
    const { maximum_answers = 1, note, meta = null } = ask
    const answers_count = answersTo(slug).length
    const isFull = status === 'open' && answers_count >= maximum_answers
    return {
      slug,
      creator: 'test',
      status: isFull ? 'answered' : status,
      maximum_answers,
      answers_count,
      answers_left: maximum_answers - answers_count,
      expiration: LATER,
      limits: limitsOf(ask),
      ask_url: `${url}/ask/${slug}`,
      collect_url: `${url}/collect/${slug}`,
      note,
      meta,
      created_at: NOW,
      updated_at: NOW,
      ended_at: isFull || status !== 'open' ? NOW : null,
    }
  }

  function list(query: URLSearchParams): Step {
    const found = [...asked.keys()].map(present).filter(({ status }) => status === (query.get('status') ?? status))
    const pagination = { current_page: 1, per_page: 100, total: found.length, last_page: 1 }
    return success(found, { pagination })
  }

  function stats(): Step {
    const found = [...asked.keys()].map(present)
    const count = (wanted: string) => found.filter(({ status }) => status === wanted).length
    return success({
      total_requests: found.length,
      open_requests: count('open'),
      answered_requests: count('answered'),
      expired_requests: count('expired'),
      withdrawn_requests: count('withdrawn'),
      total_answers: answers.size,
      collected_answers: [...answers.values()].filter(({ collectedAt }) => collectedAt !== undefined).length,
    })
  }

  function owner(
    { method, headers, body }: Recorded,
    slug: string,
    step: string | undefined,
    one: string | undefined,
  ): Step {
    const known = asked.get(slug)
    const isOwner = headers.authorization !== undefined
    if (!known || !(isOwner || isVerified(headers['halfkey-collect'], known.ask.collect_verifier)))
      return failure(404, 'NOT_FOUND')
    if (step === 'answers') {
      const listed = answersTo(slug).filter(({ status }) => status !== 'uploading')
      if (one !== undefined) {
        const found = listed.find(({ answer }) => answer.slug === one)
        if (!found) return failure(404, 'NOT_FOUND')
        if (method === 'DELETE') found.status = 'burned'
        else if (found.status === 'locked') found.status = 'active'
        return success(method === 'DELETE' ? null : presentAnswer(found))
      }
      return success(listed.map(presentAnswer))
    }
    if (method === 'DELETE') {
      if (known.status === 'open') known.status = 'withdrawn'
      return success(null)
    }
    if (method === 'PATCH') Object.assign(known.ask, JSON.parse(body))
    return success(present(slug))
  }

  function answerer({ headers, body }: Recorded, slug: string, step: string | undefined): Step {
    const known = asked.get(slug)
    if (!known || !isVerified(headers['halfkey-access'], known.ask.access_verifier)) return failure(404, 'NOT_FOUND')
    const { status, answers_left } = present(slug)
    const gone = failure(410, 'GONE', { cause: status, at: NOW })
    if (step === 'status') {
      if (status !== 'open') return gone
      const { note, public_key } = known.ask
      const reply: WireAskStatus = {
        note,
        public_key,
        answers_left,
        expiration: LATER,
        limits: limitsOf(known.ask),
        asked_by: 'The workspace',
      }
      return success(reply)
    }
    const answer = JSON.parse(body) as WireAnswerRequest
    const before = answers.get(answer.slug)
    if (before && before.body !== body) return failure(409, 'CONFLICT')
    if (!before) {
      if (status !== 'open') return gone
      answers.set(answer.slug, {
        body,
        answer,
        request: slug,
        status: answer.attachments ? 'uploading' : 'active',
        createdAt: NOW,
        collectedAt: undefined,
        parts: new Map(),
        revealed: new Map(),
        views: 0,
      })
    }
    const attachments_count = answer.attachments?.length ?? 0
    return success({ slug: answer.slug, expiration: LATER, attachments_count, created_at: NOW })
  }

  function recipient({ headers, body }: Recorded, slug: string, step: string | undefined): Step {
    const kept = answers.get(slug)
    const verifier = kept && asked.get(kept.request)?.ask.collect_verifier
    const { answer, revealed, status } = kept ?? ({} as Partial<Kept>)
    const isTheirs =
      answer &&
      verifier !== undefined &&
      isVerified(headers['halfkey-access'], answer.access_verifier) &&
      isVerified(headers['halfkey-collect'], verifier)
    if (!kept || !answer || !revealed || !isTheirs) return failure(404, 'NOT_FOUND')
    const { reveal_id: id = '' } = JSON.parse(body) as { reveal_id?: string }
    if (step === 'ack') return success(null)
    if (step === 'reveal' && revealed.has(id)) return success(revealed.get(id))
    if (status !== 'active') return failure(410, 'GONE', { cause: status, at: NOW })
    if (step === 'status') {
      const reply: WireLinkStatus = {
        password: answer.password_verifier !== undefined,
        otp: null,
        captcha: false,
        challenge: null,
        note: answer.note ?? null,
        expiration: LATER,
        views_left: 1,
        attempts_left: 10,
        files: answer.attachments ?? [],
      }
      return success(reply)
    }
    const reply: WireRevealed = { key_a: answer.key_a, envelope: answer.envelope, grant: 'x'.repeat(43) }
    revealed.set(id, reply)
    kept.views++
    kept.status = 'viewed'
    kept.collectedAt ??= NOW
    return success(reply)
  }

  function receipt(request: Recorded, slug: string, step: string | undefined, rest: string[]): Step {
    const kept = answers.get(slug)
    if (!kept || !isVerified(request.headers['halfkey-manage'], kept.answer.manage_verifier))
      return failure(404, 'NOT_FOUND')
    if (step === 'files') {
      kept.parts.set(rest.join('/'), request.body)
      return success({ part: 0, size: request.body.length })
    }
    if (step === 'complete') kept.status = 'active'
    if (request.method === 'DELETE') {
      if (kept.collectedAt !== undefined) return failure(409, 'CONFLICT', { collected: true })
      kept.status = 'burned'
    }
    const { status, collectedAt: collected_at } = kept
    return success({ slug, status, expiration: LATER, ...(collected_at !== undefined && { collected_at }) })
  }

  return server
}

export function presentAnswer({ answer, status, createdAt, collectedAt }: Kept): WireAnswer {
  return {
    slug: answer.slug,
    ...(/^(active|viewed|locked)$/.test(status) && { sealed_key_b: answer.sealed_key_b }),
    status,
    created_at: createdAt,
    ...(collectedAt !== undefined && { collected_at: collectedAt }),
    ...(/^(viewed|expired|burned)$/.test(status) && { ended_at: NOW }),
    attachments_count: answer.attachments?.length ?? 0,
    size: 512,
  }
}

function limitsOf({ answer = {} }: WireAskRequest): WireAskStatus['limits'] {
  return { maximum_views: 1, expires_in: 604_800, maximum_bytes: 1_048_576, maximum_files: 100, ...answer }
}

/** The data of a reply that succeeded. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what a test knows it to be
export const dataOf = <T>(step: Step): T => {
  if (typeof step === 'string') throw new Error(`There is no reply: ${step}.`)
  return (step.json as { data: T }).data
}
