import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Every file below `directory` by its relative path. */
export function readFiles(directory: string): Map<string, Buffer> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    names.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name)
      return [path.relative(directory, file), readFileSync(file)]
    }),
  )
}
