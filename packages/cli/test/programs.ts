/** Programs for a test's PATH: the command itself by its name, and stand-ins for others that machines may lack. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { bin, type Halfkey } from './halfkey.ts'

export interface Programs {
  /** The PATH on which they come first. */
  PATH: string
  /** Adds a program of this name. */
  add(name: string, script: string): void
}

export function makePrograms({ home }: Halfkey): Programs {
  const folder = path.join(home, 'bin')
  mkdirSync(folder)
  const add: Programs['add'] = (name, script) => {
    writeFileSync(path.join(folder, name), script)
    chmodSync(path.join(folder, name), 0o755)
  }
  add('halfkey', `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
  return { PATH: `${folder}:${process.env['PATH'] ?? ''}`, add }
}

/** Prints the field that `.name` names of each line's object, as `jq -r` does. */
export const jq = `#!${process.execPath}
const lines = require('node:fs').readFileSync(0, 'utf8').split('\\n').filter(Boolean)
for (const line of lines) console.log(JSON.parse(line)[process.argv[3].slice(1)])
`

/** Reads all of its input, and does nothing with it. */
export const swallow = '#!/bin/sh\nexec cat > /dev/null\n'
