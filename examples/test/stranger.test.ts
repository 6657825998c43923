/** The examples as a stranger runs them: on the packed and installed packages, against the real server. */
import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeHome, startServer, type ServerProcess } from '../../apps/api/test/support/server.ts'
import { fromRoot, read, run, runtimes, settle, type Folder } from './stranger.ts'

const home = makeHome()
let server: ServerProcess
let folder: Folder

beforeAll(async () => {
  server = await startServer(home, { HALFKEY_LOG: 'off' })
  folder = await settle(['sdk', 'cli', 'bridge'])
})

afterAll(async () => {
  await server.stop()
  folder.remove()
  home.remove()
})

const installed = (name: string): string => path.join(folder.path, 'node_modules', name)

test('the README’s first example is share.mjs, word for word', () => {
  const [, block] = /^```js\n(.*?)^```$/ms.exec(read('README.md')) ?? []
  expect(block).toBe(read('examples/share.mjs'))
})

test('the packages hold what they need and none of their sources, tests or settings', () => {
  const sdk = installed('@halfkey/sdk')
  for (const name of ['LICENSE', 'package.json', 'dist/index.js', 'dist/index.cjs', 'dist/halfkey.min.js']) {
    expect(existsSync(path.join(sdk, name)), name).toBe(true)
  }
  for (const name of ['@halfkey/sdk', 'halfkey', '@halfkey/bridge']) {
    for (const inside of ['src', 'test', 'tsup.config.ts', 'node_modules/@halfkey']) {
      expect(existsSync(path.join(installed(name), inside)), `${name}/${inside}`).toBe(false)
    }
    expect(readFileSync(path.join(installed(name), 'package.json'), 'utf8')).not.toContain('workspace:')
  }
})

test('every package that is published is installed here', () => {
  const manifests = readdirSync(fromRoot('packages')).map((name) => JSON.parse(read(`packages/${name}/package.json`)))
  const published = (manifests as { name: string; private?: boolean }[]).filter((manifest) => !manifest.private)
  for (const { name } of published) expect(existsSync(installed(name)), name).toBe(true)
})

test('the bridge starts from its package', async () => {
  const script = "import('@halfkey/bridge').then((bridge) => console.log(Object.keys(bridge).length > 0))"
  expect(await run(runtimes[24], ['--eval', script], { cwd: folder.path })).toBe('true\n')
})

test.each(['bridge', 'cli'])('npm, which would leave workspace:* in it, is told to let pnpm pack %s', async (name) => {
  const packed = run('npm', ['pack', '--dry-run'], { cwd: fromRoot(`packages/${name}`) })
  await expect(packed).rejects.toThrow(/Use pnpm: npx pnpm@\S+ pack/)
})

describe.each(Object.entries(runtimes))('Node %s', (_, node) => {
  const inFolder = (args: string[], input?: string): Promise<string> =>
    run(node, args, {
      cwd: folder.path,
      env: { HALFKEY_URL: server.url, HOME: folder.path, XDG_CONFIG_HOME: folder.path },
      ...(input !== undefined && { input }),
    })

  test('share.mjs shares a secret and opens it', async () => {
    copyFileSync(fromRoot('examples/share.mjs'), path.join(folder.path, 'share.mjs'))
    const [link, text, ...rest] = (await inFolder(['share.mjs'])).split('\n')
    expect(link).toMatch(new RegExp(`^Send this link: ${server.url}/\\w{13}#1\\w{44}$`))
    expect(text).toBe('It says: my first secret')
    expect(rest).toEqual([''])
  })

  test('the SDK can be required as well as imported', async () => {
    const script = "const { Halfkey } = require('@halfkey/sdk'); console.log(typeof Halfkey)"
    expect(await inFolder(['--eval', script])).toBe('function\n')
  })

  test('the CLI shares from a pipe, and opens to a pipe exactly what was shared', async () => {
    const cli = path.join(folder.path, 'node_modules', '.bin', 'halfkey')
    const link = /https?:\S+#1\w{44}/.exec(await inFolder([cli, 'create', '-'], ' two\nlines'))?.[0] ?? ''
    expect(await inFolder([cli, 'open', link])).toBe(' two\nlines')
  })
})
