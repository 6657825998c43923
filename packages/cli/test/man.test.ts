/** The manual page: made of what --help says, and sound roff. */
import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeHalfkey } from './halfkey.ts'
import type { CommandHelp } from './tree.ts'
import { examplesIn, helpOf } from './tree.ts'

const halfkey = makeHalfkey()
afterAll(() => halfkey.remove())

let page: Buffer
let shown: string
let commands: CommandHelp[]
beforeAll(async () => {
  page = (await halfkey.run(['man'])).stdout
  shown = execFileSync('groff', ['-k', '-man', '-Tutf8', '-P-c', '-P-b', '-P-u', '-rLL=200n'], {
    input: page,
  }).toString()
  commands = await helpOf(halfkey)
})

it('is formatted without a warning, on a terminal of 40 columns too', () => {
  for (const more of [[], ['-rLL=40n']]) {
    const { status, stderr } = spawnSync('groff', ['-k', '-man', '-Tutf8', '-ww', '-z', ...more], { input: page })
    expect([status, stderr.toString()]).toEqual([0, ''])
  }
})

it('has every command with its options and its examples, to copy as they are', () => {
  const withoutHyphens = shown.replaceAll(/[‐−]/g, '-')
  for (const help of commands.filter(({ text }) => !/^Commands:/m.test(text))) {
    expect(shown).toContain(`\n   ${help.words.join(' ')} `)
    for (const [, option = ''] of help.text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)) expect(shown).toContain(option)
    for (const example of examplesIn(help)) expect(withoutHyphens).toContain(example)
  }
})

it('has environment and exit codes, and lines that begin with a dot or a quote are text', () => {
  for (const words of ['HALFKEY_WORKSPACE_KEY', 'Exit codes:', '130  interrupted']) expect(shown).toContain(words)
  const requests = page
    .toString()
    .split('\n')
    .filter((line) => /^[.']/.test(line))
  expect(requests.every((line) => /^\.(TH|SH|SS|TP|PP|B|I|nf|fi)\b/.test(line))).toBe(true)
})
