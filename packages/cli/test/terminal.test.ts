/** What people see and type on a terminal: the built program on a pseudo-terminal. */
import { describe, expect, it } from 'vitest'
import { linkIn, terminalOf } from './terminal.ts'
import { useHalfkey } from './running.ts'

const { halfkey } = useHalfkey()
const onTerminal = terminalOf(halfkey)

describe('asking', () => {
  it('create asks for the secret and never shows it', async () => {
    const { code, screen } = await onTerminal(['create'], [['Secret', ' correct horse \r']])
    expect([code, screen]).toEqual([0, expect.not.stringContaining('horse')])
    expect((await halfkey.run(['open', linkIn(screen)])).text).toBe(' correct horse ')
  })

  it('create --password asks twice, shows neither, and the password is needed to open', async () => {
    const { screen } = await onTerminal(
      ['create', 'text', '--password'],
      [
        ['Password', 'пароль\r'],
        ['Repeat the password', 'пароль\r'],
      ],
    )
    expect(screen).not.toContain('пароль')
    expect((await halfkey.run(['open', linkIn(screen)])).code).toBe(5)
    expect((await halfkey.run(['open', linkIn(screen), '--password', 'пароль'])).text).toBe('text')
  })

  it('two passwords that differ share nothing', async () => {
    const { code, screen } = await onTerminal(
      ['create', 'text', '--password'],
      [
        ['Password', 'one\r'],
        ['Repeat the password', 'two\r'],
      ],
    )
    expect([code, linkIn(screen)]).toEqual([2, ''])
    expect(screen).toContain("passwords don't match")
  })

  it('open asks for a password that is needed, and again after a wrong one', async () => {
    const { share_url: link = '' } = await halfkey.create(['--password', 'right'], 'text')
    const { code, screen } = await onTerminal(
      ['open', link],
      [
        ['Password', 'wrong\r'],
        ['Attempts left: 9.', ''],
        ['Password', 'right\r'],
      ],
    )
    expect([code, screen]).toEqual([0, expect.stringMatching(/\ntext\n$/)])
  })

  it('more than one line, as a pasted key has, is refused rather than cut to its first', async () => {
    const { code, screen } = await onTerminal(['create'], [['Secret', '-----BEGIN KEY-----\rMIIE\r']])
    expect([code, linkIn(screen)]).toEqual([2, ''])
    expect(screen).toContain('halfkey create - < FILE')
  })

  it('Ctrl-C at the question shares nothing and ends with 130', async () => {
    const { code, screen } = await onTerminal(['create'], [['Secret', '\x03']])
    expect([code, linkIn(screen)]).toEqual([130, ''])
  })

  it('Ctrl-C while the secret is typed on stdin ends with 130', async () => {
    const { code, screen } = await onTerminal(['create', '-'], [['Ctrl-D', 'half\x03']])
    expect([code, linkIn(screen)]).toEqual([130, ''])
  })
})

describe('showing', () => {
  it('a text without a line end gets one, so that the prompt stands on its own line', async () => {
    const { share_url: link = '' } = await halfkey.create([], 'text')
    expect((await onTerminal(['open', link])).screen).toBe('text\n')
  })

  it('control characters of a sender are shown, not obeyed', async () => {
    const { share_url: link = '' } = await halfkey.create(['--message', 'a\x1b[2Jb'], 'c\x1b]52;c;eA==\x07d\r\ne\tf\n')
    const { screen } = await onTerminal(['open', link])
    expect(screen).toBe('Message from the sender: a\\x1b[2Jb\nc\\x1b]52;c;eA==\\x07d\ne\tf\n')
  })

  it.each([
    ['red on a terminal', [], {}, true],
    ['plain with NO_COLOR', [], { NO_COLOR: '1' }, false],
    ['plain with --no-color', ['--no-color'], {}, false],
    ['plain on a terminal that has no colours', [], { TERM: 'dumb' }, false],
  ])('errors begin %s', async (_, options, env, red) => {
    const { code, screen } = await onTerminal(['open', 'nonsense', ...options], [], env)
    expect([code, screen.startsWith('\x1b[31mhalfkey:')]).toEqual([3, red])
  })
})
