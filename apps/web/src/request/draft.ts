/** What somebody who asks has typed and chosen so far. */
import type { CreateRequestOptions, WireLimits } from '@halfkey/sdk'

export interface Draft {
  note: string
  answers: string
  /** Seconds. */
  until: string
  views: string
  /** Seconds. */
  kept: string
  takesFiles: boolean
  /** Bytes; empty: as many as the server allows. */
  size: string
  notify: string
  token: string
}

export const ANSWERS = [1, 2, 3, 5, 10, 20, 50, 100] as const
/** In seconds. */
const TIMES = [3600, 86_400, 604_800, 2_592_000] as const
export const VIEWS = [1, 2, 3, 5, 10] as const
/** In bytes. */
const SIZES = [1e6, 1e7, 1e8, 1e9] as const

export const EMPTY_DRAFT: Draft = {
  note: '',
  answers: '1',
  until: '604800',
  views: '1',
  kept: '604800',
  takesFiles: true,
  size: '',
  notify: '',
  token: '',
}

/** The times that the server allows; its longest if that is shorter than all of them. */
export function timesWithin(limits: WireLimits | undefined): number[] {
  const longest = limits?.expires_in ?? Infinity
  const times = TIMES.filter((seconds) => seconds <= longest)
  return times.length > 0 ? times : [longest]
}

/** The sizes below what the server takes of one answer. */
export const sizesWithin = (limits: WireLimits | undefined): number[] =>
  SIZES.filter((size) => size <= (limits ? Math.max(limits.file_bytes, limits.ciphertext_bytes) : Infinity))

/** As chosen, or the longest that there is. */
const within = (chosen: string, times: number[]): number => Math.min(Number(chosen), times.at(-1) ?? Infinity)

/** As the SDK takes them; it checks them. */
export function optionsOf(draft: Draft, limits: WireLimits | undefined): CreateRequestOptions {
  const times = timesWithin(limits)
  const notify = draft.notify.trim()
  return {
    message: draft.note,
    answers: Number(draft.answers),
    hours: within(draft.until, times) / 3600,
    answer: {
      views: Number(draft.views),
      hours: within(draft.kept, times) / 3600,
      maxFiles: draft.takesFiles ? undefined : 0,
      maxBytes: draft.size === '' ? undefined : Number(draft.size),
    },
    notify: notify === '' ? undefined : notify,
  }
}
