/** Prompts of named secrets, and terminals of 40 columns. */
import { describe, expect, it } from 'vitest'
import { useOwner } from './owner.ts'
import { terminalOf } from './terminal.ts'

const owner = useOwner()
const { print } = owner
const onTerminal = terminalOf(owner.halfkey)

describe('on a terminal', () => {
  it('kms put asks for the value and never shows it', async () => {
    const answers: [string, string][] = [['Value', ' correct horse \r']]
    const { code, screen } = await onTerminal(['kms', 'put', 'prod/db'], answers, owner.env())
    expect([code, screen]).toEqual([0, expect.not.stringContaining('horse')])
    expect(await print(['kms', 'reveal', 'prod/db'])).toBe(' correct horse ')
  })

  it('kms put stores nothing of several pasted lines, and nothing after Ctrl-C', async () => {
    for (const [typed, exitCode] of [
      ['-----BEGIN KEY-----\rMIIE\r', 2],
      ['half\x03', 130],
      ['\r', 2],
    ] as const) {
      const { code } = await onTerminal(['kms', 'put', 'prod/none'], [['Value', typed]], owner.env())
      expect(code).toBe(exitCode)
    }
    expect((await owner.run(['kms', 'get', 'prod/none'])).code).toBe(4)
  })

  it('kms reveal ends the value with a line end, and shows control characters instead of obeying them', async () => {
    await print(['kms', 'put', 'prod/odd'], 'a\x1b[2Jb')
    expect((await onTerminal(['kms', 'reveal', 'prod/odd'], [], owner.env())).screen).toBe('a\\x1b[2Jb\n')
  })

  it('kms reveal refuses to show what isn’t text, which a pipe gets', async () => {
    const bytes = Buffer.from([0xff, 0xfe])
    await print(['kms', 'put', 'prod/bytes'], bytes)
    const { code, screen } = await onTerminal(['kms', 'reveal', 'prod/bytes'], [], owner.env())
    expect([code, screen]).toEqual([2, expect.stringContaining('not UTF-8')])
    expect((await owner.run(['kms', 'reveal', 'prod/bytes'])).stdout.equals(bytes)).toBe(true)
  })
})

describe('on a terminal of 40 columns', () => {
  it('progress stays on one line, and is gone at the end', async () => {
    const kms = owner.client().kms
    await Promise.all(Array.from({ length: 30 }, (_, n) => kms.put(`many/${n}`, 'x')))
    const { code, screen } = await onTerminal(['workspace', 'rekey', '--verify'], [], owner.env(), 40)
    const shown = screen.split('\r\x1b[K')
    expect(code).toBe(0)
    expect(shown.length).toBeGreaterThan(2)
    for (const line of shown.slice(1, -1)) expect(line.length).toBeLessThan(40)
  })
})
