/** Shared by `npm start` and `npm test`. Plain JavaScript with only Node's own modules, because nothing is installed yet. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

/** Puts the pinned Node first, so that everything runs on it whatever Node started this. */
export const environment = {
  ...process.env,
  PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
}

export function requireNode(minimum = 20) {
  if (Number(process.versions.node.split('.')[0]) >= minimum) return
  console.error(`Halfkey needs Node ${minimum} or newer; this is ${process.version}.`)
  process.exit(1)
}

/**
 * Runs a command in the root, and shows its output only if it fails. Returns whether it succeeded.
 *
 * @param {string} command
 * @param {string[]} args
 */
export function run(command, args, { quiet = true } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    env: environment,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status === 0) return true
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`)
  return false
}

/**
 * Like `run`, in the background.
 *
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<boolean>}
 */
export function runBeside(command, args, { cwd = root } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'halfkey-'))
  // A file collects the output even while this process is busy.
  const output = path.join(folder, 'output')
  const file = openSync(output, 'w')
  const child = spawn(command, args, { cwd, env: environment, stdio: ['ignore', file, file] })
  closeSync(file)
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message)
      resolve(false)
    })
    child.on('exit', (code) => {
      if (code !== 0) process.stderr.write(readFileSync(output))
      rmSync(folder, { recursive: true })
      resolve(code === 0)
    })
  })
}

/** @type {(args: string[], options?: { quiet?: boolean }) => boolean} */
export const pnpm = (args, options) => run('npx', ['--yes', packageManager, ...args], options)

/** @param {string} name */
const stamp = (name) => path.join(root, 'node_modules', '.halfkey', name)

/** @param {string} name @param {string} value */
function isStamped(name, value) {
  return existsSync(stamp(name)) && readFileSync(stamp(name), 'utf8') === value
}

/** @param {string} name @param {string} value */
function writeStamp(name, value) {
  mkdirSync(path.dirname(stamp(name)), { recursive: true })
  writeFileSync(stamp(name), value)
}

const skipped = new Set(['node_modules', 'dist', '.git', 'data', 'test'])

/** @param {string} directory @returns {Generator<string>} */
function* sources(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue
    const file = path.join(directory, entry.name)
    if (entry.isDirectory()) yield* sources(file)
    else yield file
  }
}

/**
 * Hashes names relative to the root, so that moving or copying the folder doesn't matter.
 *
 * @param {string[]} files
 */
const digest = (files) => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(path.relative(root, file)).update(readFileSync(file))
  return hash.digest('hex')
}

/** Leaves out bundlers and runtimes that only tests need (about 700 MB). */
const WITHOUT_TEST_TOOLS = ['--filter', '!@halfkey/examples', '--filter', '!./tools/*']

/** Installs the packages of the lockfile, unless they are installed already. */
export function install({ forTests = false } = {}) {
  const wanted = digest([path.join(root, 'pnpm-lock.yaml')])
  if (isStamped('installed-for-tests', wanted) || (!forTests && isStamped('installed', wanted))) return true
  console.error('Installing …')
  // Replaces what another folder or user has installed without asking, because nobody could answer here.
  const args = ['install', '--frozen-lockfile', '--config.confirm-modules-purge=false']
  if (!pnpm(forTests ? args : [...args, ...WITHOUT_TEST_TOOLS])) return false
  writeStamp(forTests ? 'installed-for-tests' : 'installed', wanted)
  return true
}

/** Builds every package, unless no source has changed since the last build. */
export function build() {
  const folders = ['packages', 'apps'].map((name) => path.join(root, name))
  const wanted = digest(folders.flatMap((folder) => [...sources(folder)]))
  if (isStamped('built', wanted) && statSync(path.join(root, 'apps/api/dist'), { throwIfNoEntry: false })) return true
  console.error('Building …')
  if (!pnpm(['run', 'build'])) return false
  writeStamp('built', wanted)
  return true
}

/**
 * Runs a program, passing signals on, and resolves to its exit code.
 *
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function follow(command, args) {
  const child = spawn(command, args, { cwd: root, env: environment, stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}
