/** stderr that takes nothing: the command does its work, and its exit code says how that went. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openLink } from '@halfkey/sdk'
import { describe, expect, it } from 'vitest'
import type { Result } from './halfkey.ts'
import { bin, collect } from './halfkey.ts'
import { useHalfkey } from './running.ts'
import { linkIn } from './terminal.ts'

const { halfkey } = useHalfkey()

type Ended = Pick<Result, 'code' | 'text'>

/** Runs the command with its stderr redirected by a shell. */
async function redirected(redirection: string, args: string[]): Promise<Ended> {
  const words = ['-c', `exec "$@" ${redirection}`, 'sh', process.execPath, bin, ...args]
  const { code, text } = await collect(spawn('sh', words, { env: halfkey.env }))
  return { code, text }
}

/** Runs the command with its stderr on a pipe of which the other end is closed before it begins. */
async function withoutReader(args: string[]): Promise<Ended> {
  const words = ['-c', 'read go; exec "$@" </dev/null', 'sh', process.execPath, bin, ...args]
  const child = spawn('sh', words, { env: halfkey.env })
  child.stderr.destroy()
  const ended = collect(child)
  child.stdin.end('go\n')
  const { code, text } = await ended
  return { code, text }
}

describe.each<[string, (args: string[]) => Promise<Ended>]>([
  ['full', (args) => redirected('2>/dev/full', args)],
  ['closed', (args) => redirected('2>&-', args)],
  ['a pipe whose reader is gone', withoutReader],
])('a stderr that is %s', (kind, run) => {
  it('costs neither the link of a create nor the content and files of an open', async () => {
    const file = path.join(halfkey.home, 'a file')
    writeFileSync(file, 'in the file')
    const { code, text } = await run(['create', 'the text', '--file', file, '--message', 'a note'])
    const out = path.join(halfkey.home, kind)
    expect(code).toBe(0)
    expect(await run(['open', linkIn(text), '--out', out])).toEqual({ code: 0, text: 'the text' })
    expect(readFileSync(path.join(out, 'a file'), 'utf8')).toBe('in the file')
  })

  it('leaves a failure its own exit code', async () => {
    expect(await run(['open', 'no link'])).toEqual({ code: 3, text: '' })
  })
})

it('a password that was to be shown on a stderr that is full makes the command fail', async () => {
  expect((await redirected('2>/dev/full', ['create', 'x', '--generate-password'])).code).not.toBe(0)
})

it('a terminal that goes away in the middle of the progress costs the sender nothing', async () => {
  const file = path.join(halfkey.home, 'large')
  const out = path.join(halfkey.home, 'link')
  writeFileSync(file, Buffer.alloc(96 * 2 ** 20))
  // In a session of its own, so that the end of the terminal is no signal, but an error of each write.
  const command = `setsid '${process.execPath}' '${bin}' create x --file '${file}' >'${out}' & wait`
  const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...halfkey.env, SHELL: '/bin/sh', TERM: 'xterm' },
  })
  let shown = ''
  await new Promise<void>((resolve) =>
    terminal.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
      if (shown.includes('Sending [')) resolve()
    }),
  )
  terminal.kill('SIGKILL')
  await expect.poll(() => existsSync(out) && linkIn(readFileSync(out, 'utf8')), { timeout: 60_000 }).toBeTruthy()
  const { files } = await (await openLink(linkIn(readFileSync(out, 'utf8')))).reveal()
  expect(files[0]?.size).toBe(96 * 2 ** 20)
})
