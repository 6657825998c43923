/** What keeps an answer from being sent, by the control that it is shown at. */
import { HalfkeyError, type AnswerLimits } from '@halfkey/sdk'
import { splitReadable } from '../compose/files.ts'
import { sealedSize } from '../compose/sizes.ts'
import type { Draft } from './conversation.ts'

export interface Problem {
  kind: 'missing' | 'wrong' | 'exceeded' | 'unreadable'
  /** Of files that can't be read. */
  names?: string[]
}

export type Problems = Partial<Record<keyof Draft, Problem>>

export interface Refusal {
  problems: Problems
  /** What isn't one control's fault. */
  error?: unknown
  /** The server has the answer without all of its files. */
  isIncomplete?: boolean
}

/** What the request doesn't take, before anything is sealed. */
export function findProblems({ text, files }: Draft, { maximumBytes, maximumFiles }: AnswerLimits): Problems {
  if (text === '' && files.length === 0) return { text: { kind: 'missing' } }
  const length = new TextEncoder().encode(text).length
  const total = files.reduce((sum, { size }) => sum + sealedSize(size), length)
  if (files.length > maximumFiles || (files.length > 0 && total > maximumBytes)) return { files: { kind: 'exceeded' } }
  return total > maximumBytes ? { text: { kind: 'exceeded' } } : {}
}

/** What a failed answer says of the draft. */
export async function refusalOf(error: unknown, draft: Draft): Promise<Refusal> {
  const problems = error instanceof HalfkeyError ? await problemsOf(error, draft) : {}
  return Object.keys(problems).length > 0 ? { problems } : { problems, error }
}

async function problemsOf({ code, details = {}, status }: HalfkeyError, { files }: Draft): Promise<Problems> {
  if (code === 'PAYLOAD_TOO_LARGE') return { [files.length > 0 ? 'files' : 'text']: { kind: 'exceeded' } }
  if (code !== 'VALIDATION_ERROR') return {}
  if (!('attachments' in details)) return { text: { kind: 'wrong' } }
  if (status !== undefined) return { files: { kind: 'exceeded' } }
  // The browser tells nothing but that reading failed: each file is tried again, to name the ones that fail.
  const names = (await splitReadable(files)).unreadable.map(({ name }) => name)
  return { files: names.length > 0 ? { kind: 'unreadable', names } : { kind: 'wrong' } }
}
