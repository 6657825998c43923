/** Files go in and out of the command line as they are: cleaned names, nothing overwritten, nothing lost. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Halfkey as Client } from '@halfkey/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Proxy } from './proxy.ts'
import { startProxy } from './proxy.ts'
import { useHalfkey } from './running.ts'

const { halfkey, server } = useHalfkey()
const binary = randomBytes(300_000)

let proxy: Proxy
let folders = 0

beforeAll(async () => {
  proxy = await startProxy(server().url)
  writeFileSync(path.join(halfkey.home, 'key.bin'), binary)
  writeFileSync(path.join(halfkey.home, 'empty'), '')
})

afterAll(() => {
  proxy.close()
})

const pathOf = (name: string): string => path.join(halfkey.home, name)
const newFolder = (): string => pathOf(`out-${++folders}`)

async function share(...files: string[]) {
  const options = files.flatMap((file) => ['--file', pathOf(file)])
  const { code, text, stderr } = await halfkey.run(['create', '--json', ...options])
  expect(code, stderr).toBe(0)
  const created = JSON.parse(text) as Record<string, string>
  return {
    link: created['share_url'] ?? '',
    views: async (): Promise<unknown> => (await halfkey.details(created))['current_views'],
  }
}

describe('files', () => {
  it('come out byte for byte, for their user alone, and stdout holds the text and nothing else', async () => {
    const { text: line } = await halfkey.run(
      ['create', '-', '--file', pathOf('key.bin'), '--file', pathOf('empty')],
      'read this first',
    )
    const out = newFolder()
    const { code, text, stderr } = await halfkey.run(['open', line.trim(), '--out', out])
    expect([code, text]).toEqual([0, 'read this first'])
    expect(stderr).toContain(path.join(out, 'key.bin'))
    expect(readdirSync(out).sort()).toEqual(['empty', 'key.bin'])
    expect(readFileSync(path.join(out, 'key.bin')).equals(binary)).toBe(true)
    expect(readFileSync(path.join(out, 'empty'))).toHaveLength(0)
    expect(statSync(path.join(out, 'key.bin')).mode & 0o777).toBe(0o600)
  })

  it('alone need no text, and JSON says where they are', async () => {
    const { link } = await share('key.bin')
    const out = newFolder()
    const { text } = await halfkey.run(['open', link, '--out', out, '--json'])
    expect(JSON.parse(text)).toMatchObject({ text: '', files: [path.join(out, 'key.bin')] })
  })

  it('with nowhere to go are refused before a view is spent', async () => {
    const { link, views } = await share('key.bin')
    const { code, text, stderr } = await halfkey.run(['open', link])
    expect([code, text]).toEqual([2, ''])
    expect(stderr).toContain('--out DIR')
    expect(await views()).toBe(0)
  })

  it('into a place that is no folder are refused before a view is spent', async () => {
    const { link, views } = await share('key.bin')
    const { code, stderr } = await halfkey.run(['open', link, '--out', pathOf('key.bin')])
    expect(code).toBe(2)
    expect(stderr).toContain("This didn't use up an opening")
    expect(await views()).toBe(0)
  })

  it('leave files of the same name as they are, and take a number', async () => {
    const out = newFolder()
    mkdirSync(out)
    writeFileSync(path.join(out, 'key.bin'), 'mine')
    const { link } = await share('key.bin')
    expect((await halfkey.run(['open', link, '--out', out])).code).toBe(0)
    expect(readFileSync(path.join(out, 'key.bin'), 'utf8')).toBe('mine')
    expect(readFileSync(path.join(out, 'key (2).bin')).equals(binary)).toBe(true)
  })

  it.each(['../../evil', '/etc/evil', 'a\\b\\evil'])('named %s stay inside the folder', async (name) => {
    const content = new Blob(['x']).stream()
    const { shareUrl } = await new Client({ baseUrl: server().url }).createSecret('', {
      attachments: [{ name, size: 1, stream: content }],
    })
    const out = newFolder()
    expect((await halfkey.run(['open', shareUrl, '--out', out])).code).toBe(0)
    expect(readdirSync(out)).toEqual(['evil'])
  })

  it('that are not there are named, and nothing is sent', async () => {
    const { code, stderr } = await halfkey.run(['create', '--file', pathOf('none')])
    expect(code).toBe(2)
    expect(stderr).toContain('--file: none')
  })

  it('that are pipes are refused at once, and the sentence says where a pipe goes', async () => {
    const pipe = pathOf('pipe')
    execFileSync('mkfifo', [pipe])
    const { code, stderr } = await halfkey.run(['create', '--file', pipe])
    expect([code, stderr]).toEqual([2, expect.stringContaining('halfkey create -')])
  })

  it('cut off by Ctrl-C leave nothing half done, and come whole the next time for the same view', async () => {
    const { link, views } = await share('key.bin')
    const out = newFolder()
    const held = proxy.held()
    proxy.holdFiles = true
    const { child, ended } = halfkey.start(['open', link.replace(server().url, proxy.url), '--out', out])
    await held
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
    expect(readdirSync(out)).toEqual([])

    proxy.holdFiles = false
    expect(await halfkey.run(['open', link, '--out', out])).toMatchObject({ code: 0 })
    expect(readFileSync(path.join(out, 'key.bin')).equals(binary)).toBe(true)
    expect(await views()).toBe(1)
  })
})
