import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { copyPackage } from './copy-package.ts'

const packageRoot = path.join(import.meta.dirname, '..')
const tsup = path.join(createRequire(import.meta.url).resolve('tsup'), '../cli-default.js')

interface Built {
  dist: string
  remove: () => void
}

/** Builds the package as for publishing, but for the types, into a folder of its own. */
export function buildPackage(): Built {
  const dist = mkdtempSync(path.join(packageRoot, 'node_modules', '.built-'))
  build(packageRoot, dist)
  return { dist, remove: () => rmSync(dist, { recursive: true, force: true }) }
}

/** The same from a copy of the sources, in a folder whose name begins as asked for. */
export function buildCopy(name: string): Built {
  const folder = mkdtempSync(path.join(tmpdir(), name))
  const copy = copyPackage('packages/sdk', ['src', 'package.json', 'tsconfig.json', 'tsup.config.ts'], folder)
  build(copy, path.join(copy, 'dist'))
  return { dist: path.join(copy, 'dist'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function build(cwd: string, dist: string): void {
  execFileSync(process.execPath, [tsup, '--no-dts', '--silent', '--out-dir', dist], { cwd })
}
