/** A progress line on stderr that is updated in place and removed at the end. */
import type { Progress } from '@halfkey/sdk'
import type { Io } from './io.ts'
import { printable } from './io.ts'

const everyMs = 100
const barWidth = 20
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

export function sizeOf(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

const timeOf = (seconds: number): string =>
  seconds >= 90 ? `${Math.round(seconds / 60)} min left` : `${Math.max(1, Math.round(seconds))} s left`

export interface ProgressLine {
  onProgress: (progress: Progress) => void
  end: () => void
}

/** @param amount  formats an amount of work; the default takes bytes */
export function showProgress(what: string, { stderr, env }: Io, amount: (n: number) => string = sizeOf): ProgressLine {
  if (!stderr.isTTY || env['TERM'] === 'dumb') return { onProgress: () => undefined, end: () => undefined }
  const start = Date.now()
  let shownAt = 0
  const label = printable(what).slice(0, 30)
  return {
    onProgress({ done, total }) {
      const now = Date.now()
      if (total === 0 || now - shownAt < everyMs) return
      shownAt = now
      const part = done / total
      const bar = '#'.repeat(Math.round(part * barWidth)).padEnd(barWidth, '.')
      const left = part > 0.01 ? timeOf(((now - start) / 1000 / part) * (1 - part)) : ''
      const line = `${label} [${bar}] ${amount(done)} of ${amount(total)}  ${left}`
      // A wrapped line couldn't be updated in place.
      stderr.write(`\r\x1b[K${line.slice(0, (stderr.columns || 80) - 1)}`)
    },
    end() {
      if (shownAt > 0) stderr.write('\r\x1b[K')
    },
  }
}
