import { UsageError } from '../failure.ts'

const variable = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Parses `LEFT=HANDLER` entries into a map from left to handler. Rejects duplicates. */
function parse(option: string, entries: string[], check: (left: string) => boolean, what: string): Map<string, string> {
  const parsed = new Map<string, string>()
  for (const entry of entries) {
    const at = entry.lastIndexOf('=')
    const [left, handler] = [entry.slice(0, at), entry.slice(at + 1)]
    if (at < 1 || handler === '' || !check(left)) throw new UsageError(`${option} must be ${what}, not ${entry}.`)
    if (parsed.has(left)) throw new UsageError(`${option}: ${left} is given twice.`)
    parsed.set(left, handler)
  }
  return parsed
}

export const parseEnv = (entries: string[]): Map<string, string> =>
  parse('--env', entries, (name) => variable.test(name), 'NAME=HANDLER')

export const parseFiles = (entries: string[]): Map<string, string> =>
  parse('--file', entries, (path) => !path.includes('\0'), 'PATH=HANDLER')
