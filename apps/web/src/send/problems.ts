/** What keeps a draft from being shared, by the control that it is shown at. */
import { HalfkeyError, type WireLimits } from '@halfkey/sdk'
import { splitReadable } from '../compose/files.ts'
import { sealedSize } from '../compose/sizes.ts'
import { secondsOf, type Draft } from './draft.ts'

export type FieldName =
  | 'text'
  | 'files'
  | 'expiry'
  | 'views'
  | 'password'
  | 'note'
  | 'otp'
  | 'networks'
  | 'countries'
  | 'captcha'
  | 'attempts'
  | 'notify'
  | 'token'
  | 'workspaceKey'
  | 'description'

export interface Problem {
  /**
   * `missing`: there is nothing to share, or the server insists on it. `exceeded`: over one of its limits.
   * `unenforceable`: a policy that it can't keep to. `denied`: the token may not create. `other`: another workspace's key.
   */
  kind: 'missing' | 'wrong' | 'exceeded' | 'unenforceable' | 'unreadable' | 'denied' | 'other'
  /** The server's own sentence. */
  said?: string | undefined
  /** Of files that can't be read. */
  names?: string[]
}

export type Problems = Partial<Record<FieldName, Problem>>

export interface Refusal {
  problems: Problems
  /** What isn't one control's fault. */
  error?: unknown
}

/** What the server is known to refuse, before anything is sealed. */
export function findProblems(draft: Draft, limits: WireLimits | undefined): Problems {
  const problems: Problems = {}
  if (draft.text === '' && draft.files.length === 0) problems.text = { kind: 'missing' }
  if (!limits) return problems
  const sizes = draft.files.map(({ size }) => sealedSize(size))
  const together = sizes.reduce((sum, size) => sum + size, 0)
  const isTooMuch =
    sizes.length > limits.attachments ||
    sizes.some((size) => size > limits.file_bytes) ||
    together > (limits.files_bytes ?? Infinity)
  if (isTooMuch) problems.files = { kind: 'exceeded' }
  // Padding comes on top of it: the server has the last word.
  if (new TextEncoder().encode(draft.text).length > limits.ciphertext_bytes) problems.text = { kind: 'exceeded' }
  if (secondsOf(draft) > limits.expires_in) problems.expiry = { kind: 'exceeded' }
  if (limits.password_required && draft.password === '') problems.password = { kind: 'missing' }
  if (draft.otp !== 'none' && !limits.otp.includes(draft.otp)) problems.otp = { kind: 'unenforceable' }
  if (draft.countries.length > 0 && !limits.geolocation) problems.countries = { kind: 'unenforceable' }
  if (draft.notify.trim() !== '' && !limits.notify) problems.notify = { kind: 'unenforceable' }
  if (!limits.anonymous && draft.token === '') problems.token = { kind: 'missing' }
  return problems
}

/** By the names of the SDK's options and of the wire. */
const FIELDS: Record<string, FieldName> = {
  content: 'text',
  envelope: 'text',
  attachments: 'files',
  hours: 'expiry',
  expires_in: 'expiry',
  views: 'views',
  maximum_views: 'views',
  password: 'password',
  password_verifier: 'password',
  message: 'note',
  note: 'note',
  otp: 'otp',
  ipWhitelist: 'networks',
  ip_whitelist: 'networks',
  geolocation: 'countries',
  captcha: 'captcha',
  maxAttempts: 'attempts',
  max_attempts: 'attempts',
  notify: 'notify',
  token: 'token',
  workspaceKey: 'workspaceKey',
  description: 'description',
  meta: 'description',
}

/** What a failed create says of the draft. */
export async function refusalOf(error: unknown, draft: Draft): Promise<Refusal> {
  if (!(error instanceof HalfkeyError)) return { problems: {}, error }
  const problems = await problemsOf(error, draft)
  return Object.keys(problems).length > 0 ? { problems } : { problems, error }
}

async function problemsOf({ code, details = {}, status }: HalfkeyError, draft: Draft): Promise<Problems> {
  switch (code) {
    case 'VALIDATION_ERROR': {
      if ('attachments' in details && status === undefined) return { files: await fileProblem(draft) }
      const entries = Object.entries(details).flatMap(([name, messages]): [FieldName, Problem][] => {
        // `otp.to`, `ipWhitelist[0]`
        const field = FIELDS[name.split(/[.[]/, 1)[0] ?? '']
        const said = status !== undefined && Array.isArray(messages) ? messages.join(' ') : undefined
        return field ? [[field, { kind: 'wrong', said }]] : []
      })
      return Object.fromEntries(entries)
    }
    case 'AUTHENTICATION_ERROR':
      return { token: { kind: draft.token === '' ? 'missing' : 'wrong' } }
    case 'PERMISSION_DENIED':
      return { token: { kind: 'denied' } }
    case 'WRONG_KEY':
      return { workspaceKey: { kind: 'other' } }
    case 'PAYLOAD_TOO_LARGE':
      return /file/.test(String(details['limit'])) ? { files: { kind: 'exceeded' } } : { text: { kind: 'exceeded' } }
    case 'QUOTA_EXCEEDED':
      return details['quota'] === 'file_bytes' ? { files: { kind: 'exceeded' } } : {}
    default:
      return {}
  }
}

/** The browser tells nothing but that reading failed: each file is tried again, to name the ones that fail. */
async function fileProblem({ files }: Draft): Promise<Problem> {
  const { unreadable } = await splitReadable(files)
  return unreadable.length > 0 ? { kind: 'unreadable', names: unreadable.map(({ name }) => name) } : { kind: 'wrong' }
}

/** The control that a part of the draft is typed into. */
const CONTROLS: Partial<Record<keyof Draft, FieldName>> = {
  text: 'text',
  files: 'files',
  expiry: 'expiry',
  otherExpiry: 'expiry',
  expiryUnit: 'expiry',
  views: 'views',
  otherViews: 'views',
  password: 'password',
  note: 'note',
  otp: 'otp',
  otpEmail: 'otp',
  otpPhone: 'otp',
  otpSecret: 'otp',
  networks: 'networks',
  countries: 'countries',
  captcha: 'captcha',
  attempts: 'attempts',
  notify: 'notify',
  token: 'token',
  workspaceKey: 'workspaceKey',
  description: 'description',
}

/** What is left of a refusal once its sender has changed something. */
export function withoutChanged({ problems }: Refusal, change: Partial<Draft>): Refusal {
  const changed = new Set(Object.keys(change).map((key) => CONTROLS[key as keyof Draft]))
  // With files or a text, the other isn't missing.
  if (changed.has('files') && problems.text?.kind === 'missing') changed.add('text')
  const left = Object.entries(problems).filter(([field]) => !changed.has(field as FieldName))
  return { problems: Object.fromEntries(left) }
}
