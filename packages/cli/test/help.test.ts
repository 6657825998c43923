import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { bin } from './halfkey.ts'
import { useHalfkey } from './running.ts'

const shell = promisify(execFile)

const { halfkey, server } = useHalfkey()

beforeAll(() => {
  writeFileSync(path.join(halfkey.home, 'key.pem'), '-----BEGIN KEY-----\n')
  writeFileSync(path.join(halfkey.home, 'pass.txt'), 'hunter2\n')
  writeFileSync(path.join(halfkey.home, 'report.pdf'), '%PDF-1.7\n')
  const programs = path.join(halfkey.home, 'bin')
  mkdirSync(programs)
  writeFileSync(path.join(programs, 'halfkey'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
  // Stands in for jq where a machine lacks it: prints the field that `.name` names.
  const jq = `#!${process.execPath}\nlet t='';process.stdin.on('data',(d)=>t+=d).on('end',()=>console.log(JSON.parse(t)[process.argv[3].slice(1)]))\n`
  writeFileSync(path.join(programs, 'jq'), jq)
  for (const name of ['halfkey', 'jq']) chmodSync(path.join(programs, name), 0o755)
})

/** The command lines under `Examples:`, without the remark that two spaces part from them. */
async function examplesOf(args: string[]): Promise<string[]> {
  const { text } = await halfkey.run([...args, '--help'])
  const [, examples = ''] = text.split('Examples:\n')
  return (examples.split('\n\n')[0] ?? '')
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/)[0] ?? '')
    .filter((line) => line !== '')
}

describe('each example of each --help runs as printed', () => {
  it.each([[[]], [['create']], [['open']], [['list']], [['get']], [['delete']]])('halfkey %j', async (args) => {
    const examples = await examplesOf(args)
    expect(examples.length).toBeGreaterThan(1)
    for (const example of examples) {
      if (example === 'halfkey create') continue // asks on a terminal
      const needsPassword = example.includes('pass.txt')
      const created = await halfkey.create(needsPassword ? ['--password', 'hunter2'] : [], 'x')
      const { text } = await halfkey.run(['create', '-', '--json'], 'x', { HALFKEY_TOKEN: server().token })
      const mine = JSON.parse(text) as Record<string, string>
      const anonymous = example.includes('--manage-key')
      const line = example
        .replace('https://HOST/SLUG#KEY', created['share_url'] ?? '')
        .replace('SLUG', (anonymous ? created : mine)['slug'] ?? '')
        .replace('KEY', created['manage_key'] ?? '')
      const env = {
        ...halfkey.env,
        PATH: `${path.join(halfkey.home, 'bin')}:${process.env['PATH'] ?? ''}`,
        ...(!anonymous && { HALFKEY_TOKEN: server().token }),
      }
      await expect(shell('sh', ['-c', line], { env, cwd: halfkey.home }), line).resolves.toBeDefined()
    }
  })

  it('says the exit codes', async () => {
    expect((await halfkey.run(['--help'])).text).toContain('Exit codes:')
  })
})
