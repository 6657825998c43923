/**
 * `npm test`: installs what is missing, then every check and every test, stopping at the first that fails.
 * `npm test -- --only NAME` runs one of them.
 */
import { spawnSync } from 'node:child_process'
import { build, install, pnpm, requireNode, run } from './lib.mjs'

/** @param {string} program */
const has = (program) => spawnSync('which', [program]).status === 0

/** What tests need beyond Node, from Debian's packages where that is possible. */
function installPrograms() {
  const missing = []
  if (!['chromium', 'chromium-browser', 'google-chrome'].some(has)) missing.push('chromium')
  if (!has('strace')) missing.push('strace')
  if (missing.length === 0) return true
  if (!has('apt-get') || process.getuid?.() !== 0) {
    console.error(`Missing: ${missing.join(', ')}. Install them, or run this as root on Debian.`)
    return false
  }
  console.error(`Installing ${missing.join(', ')} …`)
  return (
    run('apt-get', ['update', '-qq']) && run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing])
  )
}

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined

/** @type {[name: string, check: () => boolean][]} */
const checks = [
  ['programs', installPrograms],
  ['format', () => pnpm(['exec', 'prettier', '--check', '.'])],
  ['build', build],
  ['types', () => pnpm(['run', 'types'])],
  ['lint', () => pnpm(['exec', 'eslint', '.'])],
  ['unused', () => pnpm(['exec', 'knip'])],
  ['packages', () => pnpm(['run', 'packages'])],
  ['sizes', () => pnpm(['exec', 'size-limit'])],
  ['docs', () => pnpm(['run', 'docs', '--check'])],
  ['bench', () => pnpm(['run', 'bench', '--quick'])],
  ['tests', () => pnpm(['exec', 'vitest', 'run'], { quiet: false })],
]

requireNode()
if (!install()) process.exit(1)
const chosen = only === undefined ? checks : checks.filter(([name]) => name === only)
if (chosen.length === 0) {
  console.error(`There is no check ${only}; there are ${checks.map(([name]) => name).join(', ')}.`)
  process.exit(2)
}
for (const [name, check] of chosen) {
  const start = Date.now()
  const passed = check()
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`)
  if (!passed) process.exit(1)
}
