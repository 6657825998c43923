/** Dates, durations and sizes as the reader's locale writes them. */

export interface Formats {
  /** Day and time, with the time zone. */
  moment: (at: Date) => string
  /** Hours and minutes. */
  time: (at: Date) => string
  /** «in 3 hours», «5 minutes ago». */
  relative: (at: Date, now?: number) => string
  /** `4:59`, of milliseconds. */
  countdown: (left: number) => string
  /** Of bytes, with a decimal unit. */
  size: (bytes: number) => string
  number: (value: number) => string
  percent: (fraction: number) => string
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** Made at its first use: the first of them costs a page tens of milliseconds. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

export function createFormats(locale: string): Formats {
  const day = { day: 'numeric', month: 'long', year: 'numeric' } as const
  const time = { hour: '2-digit', minute: '2-digit' } as const
  const moments = lazily(() => new Intl.DateTimeFormat(locale, { ...day, ...time, timeZoneName: 'short' }))
  const times = lazily(() => new Intl.DateTimeFormat(locale, time))
  const relatives = lazily(() => new Intl.RelativeTimeFormat(locale))
  const numbers = lazily(() => new Intl.NumberFormat(locale))
  const percents = lazily(() => new Intl.NumberFormat(locale, { style: 'percent' }))
  const twoDigits = lazily(() => new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 }))

  return {
    moment: (at) => moments().format(at),
    time: (at) => times().format(at),
    relative(at, now = Date.now()) {
      const seconds = (at.getTime() - now) / 1000
      const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const)
      return relatives().format(Math.trunc(seconds / length), unit)
    },
    countdown(left) {
      const seconds = Math.max(0, Math.ceil(left / 1000))
      return `${numbers().format(Math.floor(seconds / 60))}:${twoDigits().format(seconds % 60)}`
    },
    size(bytes) {
      const power = Math.min(SIZES.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
      const value = bytes / 1000 ** power
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: SIZES[power] ?? 'byte',
        unitDisplay: power === 0 ? 'long' : 'short',
        maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
      }).format(value)
    },
    number: (value) => numbers().format(value),
    percent: (fraction) => percents().format(fraction),
  }
}
