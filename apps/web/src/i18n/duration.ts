const UNITS = [
  ['year', 31_556_952],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** «3 days», «about 40,000 years»: in the largest unit that it holds, rounded. */
export function formatDuration(seconds: number, language: string): string {
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? (['second', 1] as const)
  const count = Math.max(1, Math.round(seconds / length))
  // More digits would be a pretence.
  const style = { style: 'unit', unit, unitDisplay: 'long', maximumSignificantDigits: count < 100 ? 3 : 2 } as const
  return new Intl.NumberFormat(language, style).format(Math.min(count, 1e9))
}
