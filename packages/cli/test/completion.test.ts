/** Completion in the shells themselves: every command and option that --help shows, and nothing else. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collect, makeHalfkey } from './halfkey.ts'
import { helpOf } from './tree.ts'

const halfkey = makeHalfkey()
const scriptOf = (shell: string): string => path.join(halfkey.home, `_halfkey.${shell}`)
const execute = promisify(execFile)
const env = { ...halfkey.env, TERM: 'dumb' }

/** What may follow each command: those under it, its options, and the choices of its argument. */
let following: Map<string, string[]>
beforeAll(async () => {
  const commands = await helpOf(halfkey)
  following = new Map(
    commands.map(({ words, text }) => {
      const below = commands.filter((other) => other.words.length === words.length + 1)
      const names = below.filter((other) => words.every((word, n) => word === other.words[n]))
      const options = [...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = '']) => option)
      const [untilOptions = ''] = text.split(/^Options:/m)
      const choices = [...untilOptions.matchAll(/\(choices: (.*?)\)/gs)].flatMap(
        ([, list = '']) => list.match(/\w+/g) ?? [],
      )
      return [words.join(' '), [...names.map((other) => other.words.at(-1) ?? ''), ...choices, ...options].sort()]
    }),
  )
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(scriptOf(shell), (await halfkey.run(['completion', shell])).stdout)
})
afterAll(() => halfkey.remove())

const wordsIn = (text: string): string[] => text.split('\n').filter((line) => line !== '')

describe('bash', () => {
  it('offers what each command has', async () => {
    const ask = [...following.keys()].map((command) => {
      const words = command === '' ? [] : command.split(' ')
      const line = `COMP_WORDS=(halfkey ${words.join(' ')} ''); COMP_CWORD=${words.length + 1}`
      return `${line}; COMPREPLY=(); _halfkey; echo "== ${command}"; printf '%s\\n' "\${COMPREPLY[@]}"`
    })
    const script = `source '${scriptOf('bash')}'; complete -p halfkey >&2; ${ask.join('\n')}`
    const { stdout, stderr } = await execute('bash', ['--norc', '-c', script], { env })
    expect(stderr).toContain('-F _halfkey halfkey')
    const offered = stdout
      .split('== ')
      .slice(1)
      .map((block) => {
        const [command = '', ...words] = block.split('\n')
        return [command, words.filter((word) => word !== '').sort()] as const
      })
    expect(new Map(offered)).toEqual(following)
  })
})

describe('fish', () => {
  it('offers what each command has', async () => {
    const ask = [...following.keys()].map((command) => {
      const line = `halfkey ${command}`.trim()
      return `echo "== ${command}"; complete -C "${line} "; complete -C "${line} --"`
    })
    const script = `source '${scriptOf('fish')}'; cd (mktemp -d); ${ask.join('\n')}`
    const { stdout, stderr } = await execute('fish', ['--no-config', '-c', script], { env })
    expect(stderr).toBe('')
    const offered = stdout
      .split('== ')
      .slice(1)
      .map((block) => {
        const [command = '', ...lines] = block.split('\n')
        const words = lines.filter((line) => line !== '').map((line) => line.split('\t')[0] ?? '')
        return [command, [...new Set(words)].sort()] as const
      })
    expect(new Map(offered)).toEqual(following)
  })
})

/** Runs a shell on a terminal, in which the command prints its arguments, and types the lines; what it printed. */
async function typeInto(command: string, lines: string[]): Promise<string[]> {
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env: { ...env, SHELL: '/bin/sh' } })
  let shown = ''
  const read = (chunk: Buffer): void => {
    shown += chunk.toString()
    // Each line is typed once the shell has done the one before.
    const done = [...shown.matchAll(/^ready\r?$/gm)].length
    while (typed < done && typed <= lines.length) {
      const line = lines[typed++]
      child.stdin.write(line === undefined ? 'exit\r' : `${line}\recho ready\r`)
    }
  }
  let typed = 0
  child.stdout.on('data', read)
  child.stdin.write('echo ready\r')
  const { text } = await collect(child)
  return wordsIn(text.replaceAll(/(?<!\r)\r+\n/g, '\n')).filter((line) => line.startsWith('got:'))
}

describe('typed on a terminal', () => {
  const typed = [
    'halfkey kms rev\t prod/db',
    'halfkey token create x --sc\t kms:read',
    'halfkey workspace rek\t',
    'halfkey comple\t fi\t',
  ]
  const meant = ['kms reveal prod/db', 'token create x --scope kms:read', 'workspace rekey', 'completion fish']

  it.each([
    ['bash', (file: string) => ['bash --norc --noprofile -i', `source '${file}'`]],
    ['zsh', (file: string) => ['zsh -f -i', `autoload -U compinit; compinit -D -u; source '${file}'`]],
    [
      'zsh, as a file of $fpath,',
      (file: string) => [
        'zsh -f -i',
        `cp '${file}' ~/_halfkey; fpath=(~ $fpath); autoload -U compinit; compinit -D -u`,
      ],
    ],
  ])('%s completes what is begun', async (name, start) => {
    const [command = '', setUp = ''] = start(scriptOf(name.split(',')[0] ?? ''))
    const lines = [`${setUp}; halfkey() { echo "got:$*"; }`, ...typed]
    const printed = await typeInto(command, lines)
    expect(printed.map((line) => line.slice('got:'.length).trim())).toEqual(meant)
  })
})

it('needs neither a server, which may hang, nor the command while a shell completes', async () => {
  let asked = 0
  const silent = createServer(() => asked++).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const account = { HALFKEY_URL: `http://127.0.0.1:${port}`, HALFKEY_TOKEN: 'hk_x' }
  const { code, stdout } = await halfkey.run(['completion', 'bash'], '', account)
  expect([code, stdout.toString()]).toEqual([0, readFileSync(scriptOf('bash'), 'utf8')])
  const line = `halfkey() { echo run; sleep 3600; }; source '${scriptOf('bash')}'; COMP_WORDS=(halfkey kms rev); COMP_CWORD=2`
  const completed = await execute('bash', ['--norc', '-c', `${line}; _halfkey; echo "\${COMPREPLY[@]}"`], {
    env: { ...env, ...account },
  })
  expect([completed.stdout, asked]).toEqual(['reveal\n', 0])
  silent.close()
})

it('of a shell that there is none for is refused with those there are', async () => {
  const { code, text, stderr } = await halfkey.run(['completion', 'tcsh'])
  expect([code, text, stderr]).toEqual([2, '', expect.stringContaining('bash, zsh, fish')])
})
