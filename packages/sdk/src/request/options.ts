/** The options of requests, and the rules that check them before anything is sent. */
import { HOURS } from '../create/create.ts'
import { isEmail, SEND_TO, type SendTo } from '../create/send-to.ts'
import { ATTACHMENTS, type Attachment } from '../create/sources.ts'
import {
  BOOLEAN,
  findProblems,
  FUNCTION,
  isIntegerIn,
  matches,
  pageRules,
  SIGNAL,
  TEXT,
  transportRules,
  type CallOptions,
  type ProgressOptions,
  type Rule,
  type Rules,
} from '../options.ts'
import { isObject } from '../protocol/encoding.ts'
import { PASSWORD } from '../protocol/keys.ts'
import type { Kem } from '../protocol/request-kem.ts'
import type { TransportOptions } from '../transport/http.ts'
import type { WireRequestStatus } from '../wire.ts'

/** For calls that use the KEM of requests. */
export interface KemOptions {
  /** Used instead of the package's own: a page can have a worker do this work, which takes 20 to 50 ms. */
  kem?: Kem | undefined
}

/** What each answer to a request may be. */
export interface AnswerLimitsOptions {
  /** That an answer is kept, 1/60 … 1000. Default 168 (7 days). */
  hours?: number | undefined
  /** Times that an answer can be opened, 1 … 10. Default 1. */
  views?: number | undefined
  /** 0 … 100. Default 100, or none where the server takes no files. */
  maxFiles?: number | undefined
  /** Encrypted bytes of text and files together. Default: the most that the server allows. */
  maxBytes?: number | undefined
}

/** For `createRequest`. */
export interface CreateRequestOptions extends CallOptions, KemOptions {
  /** What is asked for, and why: holders of the ask link read it, as plain text. Default: nothing. */
  message?: string | undefined
  /** Until it takes no more answers, 1/60 … 1000. Default 168 (7 days). */
  hours?: number | undefined
  /** How many answers it takes, 1 … 100. Default 1. */
  answers?: number | undefined
  /** What each answer may be. */
  answer?: AnswerLimitsOptions | undefined
  /** Shown only in the owner's own lists; needs a workspace key. */
  description?: string | undefined
  /** E-mail address that is notified of answers and of the expiry. */
  notify?: string | undefined
  /** Mails the ask link, from here and not from the server: needs the client's `mailer`, and Node. */
  sendTo?: SendTo | undefined
  /**
   * Whether everybody who has the workspace key can collect the answers. Default true if the client has one; with false, the
   * collect link is the only way to the answers.
   */
  keepSeed?: boolean | undefined
}

/** What `patchRequest` changes. Nothing can be loosened. */
export interface PatchRequestOptions extends CallOptions {
  /** From now; must end earlier than before. */
  hours?: number | undefined
  /** Lower than before, and not below the places that are taken. */
  answers?: number | undefined
  /** Needs the workspace key. */
  description?: string | undefined
}

/** Which of the workspace's requests `listRequests` gives. */
export interface ListRequestsOptions extends CallOptions {
  /** Where they are in their lives. */
  status?: WireRequestStatus | undefined
  /** Requests a page, 1 … 100. */
  limit?: number | undefined
  /** From 1. */
  page?: number | undefined
}

/** For `deleteRequest` and `collect.withdraw`. */
export interface DeleteRequestOptions extends CallOptions {
  /** Also removes the record and those of its answers, once all of them have ended. */
  purge?: boolean | undefined
}

/** For `openAsk` and `openCollect`. */
export interface OpenRequestOptions extends TransportOptions, CallOptions, KemOptions {}

/** For `ask.answer`. */
export interface AnswerOptions extends CallOptions, ProgressOptions {
  /** A note that whoever asked reads before they open the answer. */
  message?: string | undefined
  /** 1 to 1024 bytes of UTF-8. Give it to whoever asked separately. */
  password?: string | undefined
  /** At most as many as the request takes. Each is read once, from start to end. */
  attachments?: Attachment[] | undefined
}

/** For `collect.watch`. */
export interface WatchOptions extends CallOptions {
  /**
   * Milliseconds between two calls that bring nothing new, where the server doesn't hold them back; the pauses then grow up to
   * 10 times that. Default 2000.
   */
  interval?: number | undefined
}

const KEM: Rule = [
  (value) => isObject(value) && ['publicKey', 'seal', 'open'].every((name) => typeof value[name] === 'function'),
  'must be an object with the functions publicKey, seal and open',
]

const ANSWERS: Rule = [isIntegerIn(1, 100), 'must be a whole number from 1 to 100']

const answerRules: Rules<AnswerLimitsOptions> = {
  hours: HOURS,
  views: [isIntegerIn(1, 10), 'must be a whole number from 1 to 10'],
  maxFiles: [isIntegerIn(0, 100), 'must be a whole number from 0 to 100'],
  maxBytes: [isIntegerIn(1, Number.MAX_SAFE_INTEGER), 'must be a whole number of bytes from 1'],
}

export const createRequestRules: Rules<CreateRequestOptions> = {
  message: TEXT,
  hours: HOURS,
  answers: ANSWERS,
  answer: [
    (value) => Object.keys(findProblems(value, answerRules)).length === 0,
    'must be {hours: 1/60 to 1000, views: 1 to 10, maxFiles: 0 to 100, maxBytes}, or some of these',
  ],
  description: TEXT,
  notify: [isEmail, 'must be an e-mail address'],
  sendTo: SEND_TO,
  keepSeed: BOOLEAN,
  kem: KEM,
  signal: SIGNAL,
}

export const patchRequestRules: Rules<PatchRequestOptions> = {
  hours: HOURS,
  answers: ANSWERS,
  description: TEXT,
  signal: SIGNAL,
}

export const listRequestsRules: Rules<ListRequestsOptions> = {
  status: [matches(/^(open|answered|expired|withdrawn)$/), 'must be open, answered, expired or withdrawn'],
  ...pageRules,
  signal: SIGNAL,
}

export const deleteRequestRules: Rules<DeleteRequestOptions> = { purge: BOOLEAN, signal: SIGNAL }

export const collectRules: Rules<CallOptions & KemOptions> = { kem: KEM, signal: SIGNAL }

export const openRequestRules: Rules<OpenRequestOptions> = { ...transportRules, ...collectRules }

export const answerOptionRules: Rules<AnswerOptions> = {
  message: TEXT,
  password: PASSWORD,
  attachments: ATTACHMENTS,
  onProgress: FUNCTION,
  signal: SIGNAL,
}

export const watchRules: Rules<WatchOptions> = {
  interval: [isIntegerIn(1, 3_600_000), 'must be a whole number of milliseconds from 1 to 3600000'],
  signal: SIGNAL,
}
