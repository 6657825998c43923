/** The check `python` of `npm test`: clients/python, in virtual environments of its own. Needs a built API and SDK. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { root, runBeside } from './lib.mjs'

const folder = path.join(root, 'clients', 'python')
const cache = path.join(folder, '.cache')

/** Tests that need neither a server nor what only the checks need. */
const PORTABLE = ['vectors', 'http', 'errors', 'property', 'surface'].map((name) => `tests/test_${name}.py`)
const VERSIONS = ['3.10', '3.11', '3.12', '3.13', '3.14']

/** @param {string} program */
function versionOf(program) {
  const code = 'import sys; print("%d.%d" % sys.version_info[:2])'
  const { status, stdout } = spawnSync(program, ['-c', code], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** The interpreters that there are, by version: the one that `python3` is, those in the PATH, and pyenv's. */
function interpreters() {
  const pyenv = path.join(process.env['PYENV_ROOT'] ?? path.join(homedir(), '.pyenv'), 'versions')
  const installed = existsSync(pyenv) ? readdirSync(pyenv).map((name) => path.join(pyenv, name, 'bin', 'python')) : []
  /** @type {Map<string, string>} */
  const found = new Map()
  for (const program of ['python3', ...VERSIONS.map((version) => `python${version}`), ...installed]) {
    const version = versionOf(program)
    if (version !== undefined && VERSIONS.includes(version) && !found.has(version)) found.set(version, program)
  }
  return found
}

/**
 * Creates a virtual environment, unless it is there with the same requirements. Returns its interpreter.
 *
 * @param {string} program
 * @param {string} name
 * @param {string} requirements
 */
async function environment(program, name, requirements) {
  const venv = path.join(cache, name)
  const python = path.join(venv, 'bin', 'python')
  const stamp = path.join(venv, 'requirements.sha256')
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(folder, requirements)))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python
  mkdirSync(cache, { recursive: true })
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
  const done =
    (await runBeside(program, ['-m', 'venv', '--clear', venv])) &&
    (await runBeside(python, [
      ...pip,
      '--require-hashes',
      '--only-binary',
      ':all:',
      '-r',
      path.join(folder, requirements),
    ]))
  if (!done) return undefined
  writeFileSync(stamp, wanted)
  return python
}

/** Runs every check on one version, and what doesn't need a server on the others. */
export async function python() {
  const found = interpreters()
  const [[main, program] = [undefined, undefined], ...others] = found
  if (main === undefined || program === undefined) {
    console.error('Missing: Python 3.10 or newer.')
    return false
  }
  const all = await environment(program, 'venv', 'requirements-dev.txt')
  if (all === undefined) return false
  /** @param {string} interpreter @param {string[]} args */
  const run = (interpreter, args) => runBeside(interpreter, args, { cwd: folder })
  for (const args of [['ruff', 'check'], ['ruff', 'format', '--check'], ['mypy'], ['pyright'], ['pytest', '-q']]) {
    if (!(await run(all, ['-m', ...args]))) return false
  }
  for (const [version, other] of others) {
    const tests = await environment(other, `venv-${version}`, 'requirements-test.txt')
    if (tests === undefined || !(await run(tests, ['-m', 'pytest', '-q', ...PORTABLE]))) return false
  }
  const missing = VERSIONS.filter((version) => !found.has(version))
  console.log(
    `     Python ${main}: everything; ${others.map(([version]) => version).join(', ')}: without a server; not here: ${missing.join(', ')}`,
  )
  return true
}
