/** What TypeScript makes of the packed SDK: with the least version that its README names, and where the DOM is unknown. */
import { spawnSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromRoot, read, settle, type Folder } from './stranger.ts'

let folder: Folder

beforeAll(async () => {
  folder = await settle(['sdk'])
  symlinkSync(fromRoot('node_modules/@types'), path.join(folder.path, 'node_modules/@types'))
})

afterAll(() => folder.remove())

const least = '5.7'

/** What a consumer may write, and what must be refused. */
const consumer = `
  import { Halfkey, HalfkeyError, type CreateOptions, type Opened } from '@halfkey/sdk'
  import { openLink } from '@halfkey/sdk/open'
  import { HANDLER } from '@halfkey/sdk/parts'

  const options: CreateOptions = { hours: 24, views: 1, attachments: ['a/path'] }
  export const client = new Halfkey({ baseUrl: 'https://share.example', timeout: 1000 })
  export async function use(): Promise<Opened> {
    const secret = await client.createSecret('text', options)
    const opened: Opened = await (await openLink(secret.shareUrl)).reveal({ password: 'p' })
    const bytes: Uint8Array | undefined = await opened.files[0]?.bytes()
    const reader = opened.files[0]?.stream().getReader()
    const first: Uint8Array | undefined = (await reader?.read())?.value
    if (!bytes && !first && HANDLER[0]('x')) throw new HalfkeyError('NETWORK', '')
    return opened
  }
  async function* bytes() { yield new Uint8Array(1) }
  void client.createSecret('', { attachments: [{ name: 'n', size: 1, stream: bytes }] })
  // @ts-expect-error A number is no key, whatever is known of the platform.
  new Halfkey({ baseUrl: 'https://share.example', workspaceKey: 5 })
  // @ts-expect-error Nor is one a signal.
  void client.createSecret('text', { signal: 5 })
`

const withDom = `
  import { Halfkey } from '@halfkey/sdk'
  declare const key: CryptoKey
  declare const blob: Blob
  export const client = new Halfkey({ baseUrl: 'https://share.example', workspaceKey: key, fetch })
  void client.createSecret('', { signal: new AbortController().signal, attachments: [blob, new URL('file:///x')] })
  void client.createSecret('', { attachments: [{ name: 'n', size: 1, stream: () => blob.stream() }] })
  export const save = async (link: Awaited<ReturnType<Halfkey['openLink']>>) => {
    const file = (await link.reveal()).files[0]
    const stream: ReadableStream<Uint8Array> | undefined = file?.stream()
    return new Response(stream)
  }
`

/** @returns the compiler's complaints */
function compile(compiler: string, source: string, options: object): string {
  writeFileSync(path.join(folder.path, 'consumer.mts'), source)
  const shared = { module: 'nodenext', target: 'es2022', strict: true, skipLibCheck: false, noEmit: true }
  const config = { compilerOptions: { ...shared, ...options }, files: ['consumer.mts'] }
  writeFileSync(path.join(folder.path, 'tsconfig.json'), JSON.stringify(config))
  const tsc = createRequire(fromRoot('examples/package.json')).resolve(`${compiler}/bin/tsc`)
  return spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: folder.path, encoding: 'utf8' }).stdout
}

const platforms: [name: string, source: string, options: object][] = [
  ['neither the DOM library nor Node’s types', consumer, { lib: ['es2022'], types: [] }],
  ['Node’s types alone', consumer, { lib: ['es2022'], types: ['node'], skipLibCheck: true }],
  [
    'the DOM library',
    consumer + withDom.replace("  import { Halfkey } from '@halfkey/sdk'\n", '').replaceAll('client', 'page'),
    { types: [] },
  ],
  ['a worker’s library', consumer, { lib: ['es2022', 'webworker'], types: [] }],
]

test.each(platforms)(`TypeScript ${least} compiles a consumer with %s`, (_, source, options) => {
  expect(compile('typescript57', source, options)).toBe('')
})

test.each(platforms.slice(0, 1))('this repository’s TypeScript compiles a consumer with %s', (_, source, options) => {
  expect(compile('typescript', source, options)).toBe('')
})

test('the README names the least TypeScript that this tries', () => {
  expect(read('packages/sdk/README.md')).toContain(`TypeScript ${least} and later`)
  const { version } = createRequire(fromRoot('examples/package.json'))('typescript57/package.json') as {
    version: string
  }
  expect(version.startsWith(`${least}.`)).toBe(true)
})
