/** Range requests, RFC 9110 section 14. */

/** Bytes from `start` up to but not including `end`. */
export interface ByteRange {
  start: number
  end: number
}

const onlyRange = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * Parses a Range header for a file of `size` bytes; null: the whole file. Several ranges and other units are ignored, as
 * section 14.2 allows and requires; a range outside the file is `unsatisfiable` (sections 14.1.2 and 15.5.17).
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
