/** A named secret's properties, as lines that can be edited: `name=value`. */

type Properties = Record<string, unknown>

/** Text as it is, anything else as JSON. */
export const nameOfProperty = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

export const linesOf = (properties: Properties): string =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${nameOfProperty(value).replaceAll('\n', ' ')}`)
    .join('\n')

/**
 * What wasn't changed stays what it was, text or not; what was is text.
 *
 * @returns undefined if a line has no name
 */
export function propertiesOf(lines: string, before: Properties): Properties | undefined {
  const unchanged = new Map(
    linesOf(before)
      .split('\n')
      .map((line, index) => [line, Object.entries(before)[index]]),
  )
  const entries: [string, unknown][] = []
  for (const line of lines.split('\n').filter((text) => text.trim() !== '')) {
    const known = unchanged.get(line)
    const at = line.indexOf('=')
    if (!known && at < 1) return undefined
    entries.push(known ?? [line.slice(0, at).trim(), line.slice(at + 1).trim()])
  }
  return Object.fromEntries(entries)
}
