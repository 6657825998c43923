import { UsageError } from './failure.ts'

const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Seconds of a duration such as `90d`, `12h`, `30m` or `45s`. */
export function secondsOf(option: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const seconds = Number(number) * (units[unit] ?? 0)
  if (!(seconds > 0)) throw new UsageError(`${option} must be a whole number followed by s, m, h or d, such as 90d.`)
  return seconds
}
