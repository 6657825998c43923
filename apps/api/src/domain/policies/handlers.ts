/**
 * Whether a pattern, in which `*` stands for any characters (none and `/` included), matches the whole of a handler.
 * Takes a pattern for the handler too: then it tells whether all that the second matches, the first does.
 */
export function matchesHandler(pattern: string, handler: string): boolean {
  const [start = '', ...parts] = pattern.split('*')
  const end = parts.pop()
  if (end === undefined) return handler === start
  if (!handler.startsWith(start)) return false
  let at = start.length
  for (const part of parts) {
    const found = handler.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at + end.length <= handler.length && handler.endsWith(end)
}

/** Whether all that the second patterns match, the first do; null: every handler. */
export const coversHandlers = (outer: readonly string[] | null, inner: readonly string[] | null): boolean =>
  outer === null || (inner !== null && inner.every((pattern) => allowsHandler(outer, pattern)))

/** null: every handler. */
export const allowsHandler = (patterns: readonly string[] | null, handler: string): boolean =>
  patterns === null || patterns.some((pattern) => matchesHandler(pattern, handler))
