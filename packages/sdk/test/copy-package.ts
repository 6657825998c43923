import { cpSync, symlinkSync } from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '../../..')

/** Copies parts of a package into a folder, as its sources lie in the repository, ready to be built; says where. */
export function copyPackage(name: 'packages/sdk' | 'apps/web', parts: string[], folder: string): string {
  const copy = path.join(folder, name)
  for (const part of parts) cpSync(path.join(root, name, part), path.join(copy, part), { recursive: true })
  cpSync(path.join(root, 'tsconfig.base.json'), path.join(folder, 'tsconfig.base.json'))
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  symlinkSync(path.join(root, name, 'node_modules'), path.join(copy, 'node_modules'))
  return copy
}
