/** Far deeper than any program's parameters. */
export const MAX_JSON_DEPTH = 100

/**
 * Parses JSON that strangers send. Bounds its depth, because whatever walks the value recursively afterwards, such as
 * `JSON.stringify` or a schema, would overflow the stack.
 *
 * @throws SyntaxError also for JSON that is nested more than 100 levels deep
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  let level = [value].filter(isContainer)
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) throw new SyntaxError(`JSON is nested more than ${MAX_JSON_DEPTH} levels deep.`)
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return value
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null
