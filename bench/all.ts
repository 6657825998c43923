/** Every bench, one after the other; its arguments are theirs. Fails if one of them does. */
import { spawnSync } from 'node:child_process'

const here = new URL('.', import.meta.url).pathname

for (const name of [
  'api',
  'policies',
  'timing',
  'kms',
  'asks',
  'scale',
  'sdk',
  'bridge',
  'cli',
  'files',
  'files-cli',
  'files-page',
  'page',
]) {
  const { status } = spawnSync(process.execPath, [`${here}${name}.ts`, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
