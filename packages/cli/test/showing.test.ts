/** --qr and --copy: the link, to a camera and to the clipboard, beside what else is printed. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { makePrograms } from './programs.ts'
import { decodeQr, qrLines } from './qr-reader.ts'
import { useHalfkey } from './running.ts'
import { linkIn, terminalOf } from './terminal.ts'

const { halfkey } = useHalfkey()
const programs = makePrograms(halfkey)
const onTerminal = terminalOf(halfkey)

describe.each([
  ['create', ['create', 'text']],
  ['generate', ['generate']],
])('%s --qr', (_, command) => {
  it('shows a code that reads as the link, on stderr, with the link alone on stdout', async () => {
    const { code, text, stderr } = await halfkey.run([...command, '--qr'])
    expect([code, decodeQr(stderr)]).toEqual([0, text.trim()])
    expect(qrLines(text)).toEqual([])
  })

  it('with --json shows it too', async () => {
    const { text, stderr } = await halfkey.run([...command, '--qr', '--json'])
    expect(decodeQr(stderr)).toBe((JSON.parse(text) as Record<string, string>)['share_url'])
  })
})

describe('on a terminal --qr', () => {
  it('is black on white, whatever the terminal’s colours are', async () => {
    const { screen } = await onTerminal(['create', 'text', '--qr'])
    expect(decodeQr(screen)).toBe(linkIn(screen))
    const rows = screen.split('\n').filter((line) => /[▀▄█]/.test(line))
    expect(rows.every((line) => line.startsWith('\x1b[30;107m') && line.endsWith('\x1b[0m'))).toBe(true)
  })

  it('without colours is for light letters on a dark ground', async () => {
    const { screen } = await onTerminal(['create', 'text', '--qr'], [], { NO_COLOR: '1' })
    expect(screen).not.toContain('\x1b[')
    expect(decodeQr(screen, { inked: false })).toBe(linkIn(screen))
  })

  it('of 40 columns fits into them', async () => {
    const { screen } = await onTerminal(['create', 'text', '--qr'], [], {}, 40)
    expect(decodeQr(screen)).toBe(linkIn(screen))
    expect(Math.max(...qrLines(screen).map((line) => line.length))).toBeLessThanOrEqual(40)
  })

  it('that is too narrow for it says so, and has the link', async () => {
    const { code, screen } = await onTerminal(['create', 'text', '--qr'], [], {}, 30)
    expect([code, qrLines(screen)]).toEqual([0, []])
    expect(screen).toContain('too narrow for a QR code')
    expect(linkIn(screen)).not.toBe('')
  })
})

describe('--copy', () => {
  const clipboard = path.join(halfkey.home, 'clipboard')
  const record = `#!/bin/sh\nprintf '%s ' "$0" "$@" > '${clipboard}.arguments'\nexec cat > '${clipboard}'\n`
  const env = { PATH: path.dirname(programs.PATH.split(':')[0] ?? '') }

  it('without a program for it says so; the secret is shared and its link printed', async () => {
    const { code, text, stderr } = await halfkey.run(['create', 'text', '--copy'], '', env)
    expect([code, stderr]).toEqual([2, expect.stringContaining('no clipboard program works here')])
    expect((await halfkey.run(['open', text])).text).toBe('text')
  })

  it.each(['xclip', 'wl-copy', 'pbcopy'])('gives the link, and nothing else, to %s over a pipe', async (name) => {
    programs.add(name, record)
    const { code, text, stderr } = await halfkey.run(['create', 'text', '--copy'], '', { PATH: programs.PATH })
    expect([code, stderr]).toEqual([0, expect.stringContaining('The link is on the clipboard.')])
    expect(readFileSync(clipboard, 'utf8')).toBe(text.trim())
    const called = readFileSync(`${clipboard}.arguments`, 'utf8')
    expect(called).toContain(`/${name} `)
    expect(called).not.toContain('http')
  })

  it('passes over a program that fails, as one without a display does', async () => {
    programs.add('pbcopy', '#!/bin/sh\nexit 1\n')
    const { code } = await halfkey.run(['generate', '--copy', '--json'], '', { PATH: programs.PATH })
    expect([code, existsSync(clipboard)]).toEqual([0, true])
  })
})
