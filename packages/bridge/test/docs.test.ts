import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parseSettings, settingNames } from '../src/settings.ts'
import { useServedBridge } from './support/served.ts'

const { address } = useServedBridge()

const docs = readFileSync(new URL('../../../docs/bridge.md', import.meta.url), 'utf8')
const blocks = (language: string): string[] =>
  [...docs.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, block = '']) => block)

const onetime = blocks('sh').find((block) => block.includes('/private/recent')) ?? ''

test('the example for Onetime Secret runs as printed', async () => {
  const script = onetime.replaceAll('http://127.0.0.1:8788', address())
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script])
  expect(stdout.trim().split('\n')).toEqual(['new', 'correct horse', 'received', 'burned', 'nominal', '0'])
})

test('the settings file is one', () => {
  expect(() =>
    parseSettings(JSON.parse(blocks('json').find((block) => block.includes('workspaceKey')) ?? '')),
  ).not.toThrow()
})

test('every setting is told of, and no other', () => {
  const rows = [...docs.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name)
  expect(rows.sort()).toEqual([...settingNames].sort())
})
