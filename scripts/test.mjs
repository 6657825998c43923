/**
 * `npm test`: installs what is missing, then runs every check and every test, and stops at the first failure.
 * `npm test -- --only NAME` runs one of them; `--long` repeats random walks and crashes as often as before a release.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { python } from './python.mjs'
import { build, install, pnpm, requireNode, run, runBeside } from './lib.mjs'

/** @param {string} program */
const has = (program) => spawnSync('which', [program]).status === 0

/** Debian keeps PostgreSQL's server programs outside the PATH, in one folder per version. */
function hasPostgres() {
  const versions = '/usr/lib/postgresql'
  const programs = existsSync(versions)
    ? readdirSync(versions).map((version) => path.join(versions, version, 'bin', 'initdb'))
    : []
  return has('initdb') || programs.some((program) => existsSync(program))
}

/** Debian installs it in a folder that is only in root's PATH. */
const hasNginx = () => has('nginx') || existsSync('/usr/sbin/nginx')

/** Programs that tests need besides Node, by Debian package. */
const programs = {
  age: () => has('age'),
  // The same engine as Chromium's, at half of the processor's time.
  'chromium-headless-shell': () =>
    ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].some(has),
  curl: () => has('curl'),
  dbus: () => has('dbus-run-session'),
  fish: () => has('fish'),
  'gnome-keyring': () => has('gnome-keyring-daemon'),
  'groff-base': () => has('groff'),
  'libsecret-tools': () => has('secret-tool'),
  'nginx-light': hasNginx,
  openssl: () => has('openssl'),
  postgresql: hasPostgres,
  'python3-venv': () => spawnSync('python3', ['-c', 'import ensurepip, venv']).status === 0,
  'redis-server': () => has('redis-server'),
  strace: () => has('strace'),
  zsh: () => has('zsh'),
}

/** @param {string[]} args */
const apt = (...args) => run('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args])

function installPrograms() {
  const missing = Object.entries(programs).flatMap(([name, isThere]) => (isThere() ? [] : [name]))
  // Without it, the tests that need a real S3 server report that they didn't run.
  if (process.getuid?.() === 0 && has('apt-get') && spawnSync('/usr/bin/python3', ['-c', 'import swift']).status !== 0)
    missing.push('python3-swift')
  if (missing.length === 0) return true
  if (!has('apt-get') || process.getuid?.() !== 0) {
    console.error(`Missing: ${missing.join(', ')}. Install them, or run this as root on Debian.`)
    return false
  }
  console.error(`Installing ${missing.join(', ')} …`)
  return withoutServices(() => apt('update') && apt('install', '-y', '--no-install-recommends', ...missing))
}

/**
 * The tests start their own servers, so the installed ones must not start as services of this machine: a
 * policy tells Debian's packages (invoke-rc.d(8)). An existing policy is kept.
 *
 * @param {() => boolean} work
 */
function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return work()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return work()
  } finally {
    rmSync(policy)
  }
}

if (process.argv.includes('--long')) process.env['HALFKEY_LONG'] = '1'
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined

/** The slowest check besides the tests, so it runs in the background. */
const lint = () => runBeside('npx', ['eslint', '.'])

/** @type {[name: string, check: () => boolean | Promise<boolean>][]} */
const checks = [
  ['programs', installPrograms],
  ['format', () => pnpm(['exec', 'prettier', '--check', '.'])],
  ['build', build],
  ['lint', lint],
  // Beside the following ones, because it has tests of its own.
  ['python', python],
  ['types', () => pnpm(['run', 'types'])],
  ['unused', () => pnpm(['exec', 'knip'])],
  ['packages', () => pnpm(['run', 'packages'])],
  ['sizes', () => pnpm(['exec', 'size-limit'])],
  ['docs', () => pnpm(['run', 'docs', '--check'])],
  ['bench', () => pnpm(['run', 'bench', '--quick'])],
  ['tests', () => pnpm(['exec', 'vitest', 'run'], { quiet: false })],
]

requireNode()
if (!install({ forTests: true })) process.exit(1)
const chosen = only === undefined ? checks : checks.filter(([name]) => name === only)
if (chosen.length === 0) {
  console.error(`Unknown check ${only}. Use one of: ${checks.map(([name]) => name).join(', ')}.`)
  process.exit(2)
}
/** @param {string} name @param {boolean} passed @param {number} start */
function report(name, passed, start) {
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`)
  if (!passed) process.exit(1)
}

/** @type {Promise<void>[]} */
const beside = []
for (const [name, check] of chosen) {
  // The tests should have the machine to themselves.
  if (name === 'tests') await Promise.all(beside)
  const start = Date.now()
  const passed = check()
  if (typeof passed === 'boolean') report(name, passed, start)
  else beside.push(passed.then((did) => report(name, did, start)))
}
await Promise.all(beside)
