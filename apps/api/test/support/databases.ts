/** Database servers of their own, from the system's packages, on data that goes away with them. */
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface DatabaseServer {
  url: string
  /** As a crash does. */
  kill(): Promise<void>
  /** Again on the same data and port. */
  start(): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

const folders = (process.env['PATH'] ?? '').split(path.delimiter)
const debianPostgres = '/usr/lib/postgresql'
const versions = existsSync(debianPostgres) ? readdirSync(debianPostgres) : []
const postgresFolders = [...folders, ...versions.map((version) => path.join(debianPostgres, version, 'bin'))]

const find = (name: string, among: string[]): string | undefined =>
  among.map((folder) => path.join(folder, name)).find((file) => existsSync(file))

const initdb = find('initdb', postgresFolders)
const postgres = find('postgres', postgresFolders)
const redis = find('redis-server', folders)

/** PostgreSQL refuses to run as root. */
const nobody = 65_534
const unprivileged: SpawnOptions = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return address !== null && typeof address === 'object' ? address.port : 0
}

function makeDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'halfkey-database-'))
  if (unprivileged.uid !== undefined) chownSync(directory, nobody, nobody)
  return directory
}

interface Plan {
  url: string
  directory: string
  program: string
  args: string[]
  /** What it prints once it takes connections. */
  ready: string
}

async function serve({ url, directory, program, args, ready }: Plan): Promise<DatabaseServer> {
  let child: ChildProcess | undefined
  const kill = (): void => void child?.kill('SIGKILL')
  process.once('exit', kill)
  const server: DatabaseServer = {
    url,
    kill: () =>
      new Promise((resolve) => {
        child?.once('exit', () => resolve())
        kill()
      }),
    start: () =>
      new Promise((resolve, reject) => {
        let output = ''
        child = spawn(program, args, { ...unprivileged, stdio: ['ignore', 'pipe', 'pipe'] })
        const read = (chunk: Buffer): void => {
          output += chunk.toString()
          if (output.includes(ready)) resolve()
        }
        child.stdout?.on('data', read)
        child.stderr?.on('data', read)
        child.once('exit', (code) => reject(new Error(`${program} ended with ${code}:\n${output}`)))
      }),
    async remove() {
      process.removeListener('exit', kill)
      if (child?.exitCode === null && child.signalCode === null) await server.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

function installed(program: string | undefined, name: string): string {
  if (program === undefined)
    throw new Error(`${name} is not installed: \`npm test -- --only programs\` installs what tests need.`)
  return program
}

async function startPostgres(): Promise<DatabaseServer> {
  const [makeCluster, program] = [installed(initdb, 'PostgreSQL'), installed(postgres, 'PostgreSQL')]
  const directory = makeDirectory()
  const port = String(await freePort())
  const init = ['-D', directory, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  execFileSync(makeCluster, init, { ...unprivileged, stdio: 'pipe' })
  return serve({
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    directory,
    program,
    args: ['-D', directory, '-h', '127.0.0.1', '-p', port, '-k', '', '-F'],
    ready: 'ready to accept connections',
  })
}

async function startRedis(): Promise<DatabaseServer> {
  const program = installed(redis, 'Redis')
  const directory = makeDirectory()
  const port = String(await freePort())
  return serve({
    url: `redis://127.0.0.1:${port}`,
    directory,
    program,
    args: ['--dir', directory, '--bind', '127.0.0.1', '--port', port, '--appendonly', 'yes'],
    ready: 'Ready to accept connections',
  })
}

/** Each fails where the machine doesn't have the program. */
export const databases = { PostgreSQL: startPostgres, Redis: startRedis }
