/** Lengths of time to choose from, named as the reader's locale names them. */
import type { Formats } from '../i18n/formats.ts'

const HOUR = 3600
const DAY = 24 * HOUR

/** Seconds. */
export const SHORT = [600, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY] as const
export const LONG = [DAY, 7 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY] as const

/** «in 3 hours», for each of `seconds`. */
export const ahead = (seconds: readonly number[], formats: Formats): (readonly [string, string])[] =>
  // A little more, because the time until then is told in whole units.
  seconds.map((length) => [String(length), formats.relative(new Date(length * 1000 + 500), 0)])
