/** What --help says is so: each example of each command runs as printed. */
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { Halfkey as Client, openAsk } from '@halfkey/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServerProcess } from '../../../apps/api/test/support/server.ts'
import { makeHome, startServer } from '../../../apps/api/test/support/server.ts'
import { addWorkspace } from '../../../apps/api/test/support/strangers.ts'
import type { Halfkey } from './halfkey.ts'
import { collect, makeHalfkey } from './halfkey.ts'
import { printed } from './named.ts'
import { jq, makePrograms, swallow } from './programs.ts'
import type { Answers } from './terminal.ts'
import { terminalOf } from './terminal.ts'
import { examplesIn, helpOf } from './tree.ts'

const shell = promisify(execFile)

/** The address that examples name, which is somebody else's here. */
const named = 'http://127.0.0.1:8787'

const commands = await (async () => {
  const asking = makeHalfkey()
  try {
    return await helpOf(asking)
  } finally {
    asking.remove()
  }
})()

const files: Record<string, string> = {
  'key.pem': '-----BEGIN KEY-----\n',
  'report.pdf': '%PDF-1.7\n',
  'password.txt': 'correct horse\n',
  'pass.txt': 'hunter2\n',
  '.env': 'DB_PASSWORD=hunter2\n',
  'secrets.csv': 'handler,value\nprod/password,hunter2\n',
  'vault.json': JSON.stringify({ data: { data: { password: 'hunter2' }, metadata: {} } }),
  'bridge.json': '{}',
  'manifest.json': readFileSync(path.join(import.meta.dirname, '../../../apps/web/dist/manifest.json'), 'utf8'),
  'server.js': 'process.exitCode = process.env.DB_PASSWORD ? 0 : 1\n',
}

/** What is asked for on a terminal, where an example gives nothing. */
const asked: Record<string, (url: string, token: string) => Answers> = {
  'halfkey create': () => [['Secret', 'x\r']],
  "halfkey answer 'https://HOST/ask/SLUG#KEY'": () => [['Secret', 'x\r']],
  'halfkey login': (url, token) => [
    ['Server', `${url}\r`],
    ['Token', `${token}\r`],
    ['Workspace key', '\r'],
  ],
  'halfkey logout': () => [['Remove it?', 'y\r']],
  'halfkey logout --profile work': () => [['Remove it?', 'y\r']],
}

const serverHome = makeHome()
let server: ServerProcess
beforeAll(async () => {
  server = await startServer(serverHome, { HALFKEY_LOG: 'off' })
})
afterAll(async () => {
  await server.stop()
  serverHome.remove()
})

/** Of one command's examples: a workspace with named secrets of two versions, and its owner's profiles and files. */
async function makeExamples(): Promise<{ halfkey: Halfkey; run: (example: string) => Promise<unknown> }> {
  const { url } = server
  const { text: token } = addWorkspace(serverHome.data, Date.now())
  const [workspaceKey, newKey] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
  const owner = new Client({ baseUrl: url, token, workspaceKey })
  for (const handler of ['prod/db', 'prod/api', 'prod/tls'])
    for (const value of ['one', 'two']) await owner.kms.put(handler, value)

  const halfkey = makeHalfkey()
  const programs = makePrograms(halfkey)
  programs.add('jq', jq)
  for (const name of ['lp', 'man']) programs.add(name, swallow)
  for (const [name, text] of Object.entries({ ...files, 'token.txt': `${token}\n`, 'key.txt': `${workspaceKey}\n` }))
    writeFileSync(path.join(halfkey.home, name), text)
  const profiles = { default: { url, token, workspaceKey }, work: { url, token, workspaceKey } }
  const profileFile = path.join(halfkey.home, '.config', 'halfkey', 'config.json')
  mkdirSync(path.dirname(profileFile), { recursive: true })
  writeFileSync(profileFile, JSON.stringify({ profiles }))

  const savedKey = (): string =>
    (JSON.parse(readFileSync(profileFile, 'utf8')) as { profiles: typeof profiles }).profiles.default.workspaceKey

  /** Another secret and token for each example, so that none is used up by the one before. */
  async function fill(example: string): Promise<string> {
    const sender = example.includes('HALFKEY_MANAGE_KEY')
      ? new Client({ baseUrl: url })
      : new Client({ baseUrl: url, token })
    const password = example.includes('pass.txt') ? 'hunter2' : undefined
    if (/^halfkey (request|answer|status)/.test(example)) return fillRequest(example, password)
    const { shareUrl, slug, manageKey } = await sender.createSecret('x', { password })
    const { id } = await owner.tokens.create('example', { scopes: ['kms:read'] })
    return example
      .replace('https://HOST/SLUG#KEY', shareUrl)
      .replace('https://HOST', url)
      .replace('127.0.0.1:8788', '127.0.0.1:0')
      .replace('SLUG', slug)
      .replace(/\bKEY\b/, manageKey)
      .replace(/\bID\b/, id)
      .replace('NEW,OLD', () => `${newKey},${savedKey()}`)
      .replace(named, url)
  }

  /** Another request for each example, with an answer if it is to be collected. */
  async function fillRequest(example: string, password: string | undefined): Promise<string> {
    const { askUrl, collectUrl, slug } = await owner.createRequest({ message: 'The key, please' })
    const isAnswered =
      /^halfkey (request (collect|unlock|destroy)|status)/.test(example) || example.includes('/collect/')
    const answer = isAnswered ? await (await openAsk(askUrl)).answer('x', { password }) : undefined
    return example
      .replace('https://HOST/ask/SLUG#KEY', askUrl)
      .replace('https://HOST/collect/SLUG#KEY', collectUrl)
      .replace('https://HOST/status/SLUG#KEY', answer?.statusUrl ?? '')
      .replace('ANSWER', answer?.slug ?? 'ANSWER')
      .replace(/\bSLUG\b/, slug)
  }

  /** Until it says that it listens. */
  async function serve(example: string, env: NodeJS.ProcessEnv): Promise<string> {
    const child = spawn('bash', ['-c', `exec ${await fill(example)}`], { env, cwd: halfkey.home })
    const running = { child, ended: collect(child) }
    const output = await printed(running, 'listens on')
    child.kill('SIGTERM')
    const { code } = await running.ended
    return code === 0 ? output : Promise.reject(new Error(`it ended with ${code}`))
  }

  return {
    halfkey,
    async run(example) {
      const answers = asked[example]
      if (!answers) {
        const server = example.includes(named) ? '' : url
        const env = { ...halfkey.env, PATH: programs.PATH, HALFKEY_URL: server, HALFKEY_BRIDGE_LISTEN: '127.0.0.1:0' }
        if (example.startsWith('halfkey bridge')) return serve(example, env)
        return shell('bash', ['-o', 'pipefail', '-c', await fill(example)], { env, cwd: halfkey.home })
      }
      const words = (await fill(example)).replaceAll("'", '').split(' ').slice(1)
      const { code, screen } = await terminalOf(halfkey)(words, answers(url, token))
      return code === 0 ? screen : Promise.reject(new Error(`it ended with ${code}: ${screen}`))
    },
  }
}

describe('each command', () => {
  it.each(commands)(
    'halfkey $words has examples, says what it is for, and each example runs as printed',
    async (help) => {
      const examples = examplesIn(help)
      expect(examples.length).toBeGreaterThan(0)
      const { halfkey, run } = await makeExamples()
      try {
        for (const example of examples) await expect(run(example), example).resolves.toBeDefined()
      } finally {
        halfkey.remove()
      }
    },
  )

  it('of the interfaces that users rely on is there', () => {
    const there = commands.map(({ words }) => words.join(' '))
    const promised = `create, open, get, list, delete, events, stats, generate, kms put, kms reveal, kms get, kms list,
      kms versions, kms events, kms delete, run, token create, token list, token revoke, workspace init,
      workspace rekey, login, logout, config, test, completion, answer, request create, request list, request get,
      request answers, request collect, request withdraw, request stats, request patch, request unlock,
      request destroy, status`
    for (const command of promised.split(/,\s+/)) expect(there).toContain(command)
  })

  it('that does something takes --verbose, --timeout and --no-color', () => {
    const plain = ['completion', 'man']
    const doing = commands.filter(({ text, words }) => !/^Commands:/m.test(text) && !plain.includes(words.join(' ')))
    for (const { words, text } of doing)
      for (const option of ['--verbose', '--timeout <seconds>', '--no-color'])
        expect(text, words.join(' ')).toContain(option)
  })
})

it('the exit codes are in the help of the program', () => {
  expect(commands[0]?.text).toContain('Exit codes:')
})
