/** Range requests, RFC 9110 section 14. */

/** Bytes `start` to `end`, without `end`. */
export interface ByteRange {
  start: number
  end: number
}

const onlyRange = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * The one range that `header` asks of `size` bytes; null: all of them. What isn't one range in bytes is ignored, as
 * section 14.2 allows (several) or demands (another unit); a range without any of the bytes is `unsatisfiable`
 * (sections 14.1.2 and 15.5.17).
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  const [, first = '', last = ''] = onlyRange.exec(header ?? '') ?? []
  if (first === '' && last === '') return null
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length > 0 ? { start: size - length, end: size } : 'unsatisfiable'
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return null
  return start < size ? { start, end: last === '' ? size : Math.min(Number(last) + 1, size) } : 'unsatisfiable'
}
