/** The packed SDK in the runtimes that its README names: as installed, or built into one file. */
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import { JSDOM } from 'jsdom'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { makeHome, startServer, type ServerProcess } from '../../apps/api/test/support/server.ts'
import { fromRoot, run, runtimes, settle, type Folder } from './stranger.ts'

const home = makeHome()
let halfkey: ServerProcess
let folder: Folder

const inFolder = (...names: string[]): string => path.join(folder.path, ...names)
const bin = (name: string): string => fromRoot(`examples/node_modules/.bin/${name}`)

beforeAll(async () => {
  folder = await settle(['sdk'])
  cpSync(fromRoot('examples/bundled'), folder.path, { recursive: true })
  writeFileSync(inFolder('package.json'), '{ "type": "module", "private": true }')
  writeFileSync(inFolder('note.txt'), 'what a file on disk holds')
  halfkey = await startServer(home)
})

afterAll(async () => {
  await halfkey.stop()
  folder.remove()
  home.remove()
})

/** Runs `program.js`, or what was built of it. */
async function runProgram(command: string, ...args: string[]): Promise<string> {
  const saved = mkdtempSync(inFolder('saved-'))
  // Bun and Deno keep what they know of a user in the home.
  const options = { cwd: folder.path, env: { HOME: inFolder('home'), DENO_NO_UPDATE_CHECK: '1' } }
  return run(command, [...args, halfkey.url, 'note.txt', saved], options)
}

const read = 'what it says, what its file holds\nwhat a file on disk holds\n'

test('Bun shares and opens, files on disk included', async () => {
  expect(await runProgram(bin('bun'), 'program.js')).toBe(read)
})

test('Deno shares and opens, files on disk included', async () => {
  const args = ['run', '--quiet', '--cached-only', '--node-modules-dir=manual', '--allow-all', 'program.js']
  expect(await runProgram(bin('deno'), ...args)).toBe(read)
})

const bundle = (outfile: string, options: BuildOptions) =>
  build({ bundle: true, outfile: inFolder(outfile), absWorkingDir: folder.path, logLevel: 'silent', ...options })

test('esbuild builds a program for Node that shares and opens, files on disk included', async () => {
  const { warnings } = await bundle('built.mjs', { entryPoints: ['program.js'], platform: 'node', format: 'esm' })
  expect(warnings).toEqual([])
  expect(await runProgram(runtimes[20], 'built.mjs')).toBe(read)
})

test('workerd, which runs Cloudflare’s Workers, shares and opens', async () => {
  const conditions = ['workerd', 'worker', 'browser']
  await bundle('built.workerd.js', { entryPoints: ['workerd.js'], format: 'esm', conditions })
  const config = `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        (name = "main", worker = (
          modules = [(name = "main", esModule = embed "built.workerd.js")], compatibilityDate = "2026-01-01")),
        (name = "internet", network = (allow = ["local"]))],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);`
  writeFileSync(inFolder('config.capnp'), config)
  const workerd = spawn(bin('workerd'), ['serve', 'config.capnp', '--control-fd=1'], {
    cwd: folder.path,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void process.kill(-(workerd.pid ?? 0)))
  const reply = await fetch(`http://127.0.0.1:${await portOf(workerd)}/?url=${encodeURIComponent(halfkey.url)}`)
  expect(await reply.text()).toBe('what it says, what its file holds')
})

/** What it tells of its socket: `{"event":"listen","socket":"http","port":8080}`. */
async function portOf(workerd: ChildProcess): Promise<string> {
  let told = ''
  for await (const chunk of workerd.stdout as AsyncIterable<Buffer>) {
    told += chunk.toString()
    const port = /"port":\s*(\d+)/.exec(told)?.[1]
    if (port !== undefined) return port
  }
  throw new Error(`workerd ended: ${told}`)
}

test('jsdom, which has no TextEncoder for Jest’s tests of pages, imports the SDK', async () => {
  const { outputFiles } = await bundle('none.js', { entryPoints: ['page.js'], format: 'iife', write: false })
  const { window } = new JSDOM('', { runScripts: 'outside-only', url: 'https://page.example' })
  onTestFinished(() => window.close())
  expect(window.eval('typeof TextEncoder')).toBe('undefined')
  window.eval(outputFiles?.[0]?.text ?? '')
  expect(window.eval('typeof roundTrip')).toBe('function')
})

test('the access log names the SDK and its version for calls from Node', async () => {
  const { VERSION } = await import('../../packages/sdk/src/version.ts')
  const script = `
    import { Halfkey } from '@halfkey/sdk'
    const client = new Halfkey({ baseUrl: '${halfkey.url}', token: '${halfkey.token}' })
    const { slug } = await client.createSecret('x')
    console.log((await client.getEvents(slug))[0].userAgent)`
  writeFileSync(inFolder('agent.js'), script)
  expect(await run(runtimes[20], ['agent.js'], { cwd: folder.path })).toBe(`halfkey-sdk-js/${VERSION}\n`)
})
