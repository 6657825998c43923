/** The request that a command is given: by its collect link, on the link's own server, or by its slug, in the workspace. */
import type { Answer, Collect } from '@halfkey/sdk'
import { openCollect } from '@halfkey/sdk'
import type { CommonOptions } from './context.ts'
import { keepHeapSmall, needWorkspaceKey, openClient, signalOf, timeoutOf } from './context.ts'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'

export const requestArgument = ['<request>', 'the collect link, in quotes, or the slug of a request of yours'] as const

export const answerArgument = ['<answer>', 'the slug of the answer, as listed by halfkey request answers'] as const

/** A slug has no slash. */
export const isLink = (request: string): boolean => request.includes('/')

/** @throws UsageError for a slug if there is no workspace key */
export async function openRequest(request: string, options: CommonOptions, io: Io): Promise<Collect> {
  if (isLink(request)) {
    keepHeapSmall()
    return openCollect(request, { timeout: timeoutOf(options), ...signalOf(io) })
  }
  await needWorkspaceKey('Reading answers without the collect link needs', options, io)
  return openClient(options, io, { files: true }).collect(request, signalOf(io))
}

/** @throws UsageError if the request has no such answer */
export async function openAnswer(request: string, slug: string, options: CommonOptions, io: Io): Promise<Answer> {
  const answers = await (await openRequest(request, options, io)).answers(signalOf(io))
  const found = answers.find((answer) => answer.slug === slug)
  if (!found) throw new UsageError(`The request has no answer ${slug}.`, 4)
  return found
}
