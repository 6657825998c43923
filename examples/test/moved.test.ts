/** What `npm start` installs, in a folder of its own with the repository's scripts. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const repository = path.resolve(import.meta.dirname, '../..')
const { packageManager } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8')) as {
  packageManager: string
}
let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'halfkey-moved-'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

const cache = spawnSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).stdout.trim()

/** Without a terminal and without CI, which would answer pnpm's questions. */
function run(folder: string, home: string, command: string[]) {
  const { CI: _, ...environment } = process.env
  const env = { ...environment, HOME: path.join(root, home), npm_config_cache: cache }
  mkdirSync(env.HOME, { recursive: true })
  const [program = '', ...args] = command
  const { status, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8', timeout: 120_000 })
  return { status, stderr }
}

const install = (folder: string, home: string) =>
  run(folder, home, [
    process.execPath,
    '--input-type=module',
    '-e',
    `const { install } = await import('./scripts/lib.mjs'); process.exitCode = install() ? 0 : 1`,
  ])

function makeProject(): string {
  const folder = path.join(root, 'app')
  for (const name of ['scripts', 'dep']) mkdirSync(path.join(folder, name), { recursive: true })
  copyFileSync(path.join(repository, 'scripts/lib.mjs'), path.join(folder, 'scripts/lib.mjs'))
  const project = { name: 'app', private: true, packageManager, dependencies: { dep: 'file:dep' } }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(project))
  writeFileSync(path.join(folder, 'pnpm-workspace.yaml'), 'packages: [tools/*]\n')
  writeFileSync(path.join(folder, 'dep/package.json'), '{"name":"dep","version":"1.0.0"}')
  const locked = run(folder, 'first', ['npx', '--yes', packageManager, 'install', '--lockfile-only'])
  expect(locked.status, locked.stderr).toBe(0)
  return folder
}

test('a folder that was moved or copied needs no new install, and one that another user changed is installed without a question', () => {
  const app = makeProject()
  expect(install(app, 'first')).toMatchObject({ status: 0, stderr: 'Installing …\n' })
  const moved = path.join(root, 'moved')
  renameSync(app, moved)
  expect(install(moved, 'second')).toEqual({ status: 0, stderr: '' })
  const copied = path.join(root, 'copied')
  cpSync(moved, copied, { recursive: true, verbatimSymlinks: true })
  expect(install(copied, 'second')).toEqual({ status: 0, stderr: '' })
  rmSync(path.join(copied, 'node_modules/.halfkey'), { recursive: true })
  expect(install(copied, 'second')).toEqual({ status: 0, stderr: 'Installing …\n' })
}, 300_000)
