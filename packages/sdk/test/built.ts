import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const packageRoot = path.join(import.meta.dirname, '..')
const tsup = path.join(createRequire(import.meta.url).resolve('tsup'), '../cli-default.js')

/** Builds the package as for publishing, but for the types, into a folder of its own. */
export function buildPackage(): { dist: string; remove: () => void } {
  const dist = mkdtempSync(path.join(packageRoot, 'node_modules', '.built-'))
  execFileSync(process.execPath, [tsup, '--no-dts', '--silent', '--out-dir', dist], { cwd: packageRoot })
  return { dist, remove: () => rmSync(dist, { recursive: true, force: true }) }
}
