/** `halfkey run`: a program gets its secrets in its environment, and is otherwise as if it were run alone. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { filesWith, newKey, node, print, printed, startOf, useNamedSecrets } from './named.ts'
import { startProxy } from './proxy.ts'
import { terminalOf } from './terminal.ts'

const { halfkey, owner, workspaceKey, server } = useNamedSecrets()
const onTerminal = terminalOf(halfkey)

const password = 'пароль = "horse" $HOME \\ 🐎\r\n\n'
beforeAll(async () => {
  await owner().kms.put('prod/db', password)
  await owner().kms.put('prod/api', 'key')
})

const run = (args: string[], input?: string | Uint8Array, env?: Record<string, string>) =>
  halfkey.run(['run', ...args], input, env)
const withPassword = ['--env', 'DB_PASSWORD=prod/db']

describe('the environment', () => {
  it('holds each value as it was put, final line ends included', async () => {
    const args = [...withPassword, '--env', 'API=prod/api', '--env', 'AGAIN=prod/api']
    const { code, text } = await run([...args, ...node('console.log(JSON.stringify(process.env))')])
    expect([code, JSON.parse(text)]).toMatchObject([0, { DB_PASSWORD: password, API: 'key', AGAIN: 'key' }])
  })

  it('is otherwise the caller’s, without what opens and lists secrets', async () => {
    const env = { HALFKEY_MANAGE_KEY: 'm', HALFKEY_SMTP_URL: 'smtp://u:p@127.0.0.1', OTHER: 'stays', API: 'replaced' }
    const { text } = await run(['--env', 'API=prod/api', ...node('console.log(JSON.stringify(process.env))')], '', env)
    const { HALFKEY_TOKEN: _token, HALFKEY_WORKSPACE_KEY: _key, ...inherited } = halfkey.env
    expect(JSON.parse(text)).toEqual({ ...inherited, OTHER: 'stays', API: 'key' })
  })

  it('is a variable’s PATH too: the program is found by the one that it gets', async () => {
    await owner().kms.put('prod/path', path.dirname(process.execPath))
    expect(await run(['--env', 'PATH=prod/path', '--', 'node', '-e', 'process.exit(4)'])).toMatchObject({ code: 4 })
  })

  it.each([
    ['bytes that aren’t UTF-8', Buffer.from([0x68, 0xff, 0x69])],
    ['a NUL', 'be\0fore'],
  ])('a value with %s is refused for a variable, and the program isn’t run', async (what, value) => {
    const handler = `odd/${what.length}`
    await owner().kms.put(handler, value)
    const { code, text, stderr } = await run(['--env', `A=${handler}`, '--', 'echo', 'ran'])
    expect([code, text]).toEqual([2, ''])
    expect(stderr).toBe(
      `halfkey: The value of ${handler} can't be in a variable, because it isn't text. Use --file PATH=${handler}.\n`,
    )
  })
})

describe('what passes through', () => {
  it('stdin and stdout, to the byte', async () => {
    const input = randomBytes(300_000)
    const { code, stdout } = await run([...withPassword, '--', 'cat'], input)
    expect([code, stdout.equals(input)]).toEqual([0, true])
  })

  it('stderr, with nothing of halfkey’s own in it', async () => {
    const { text, stderr } = await run([...withPassword, '--', 'sh', '-c', 'cat >&2'], 'to\nstderr')
    expect([text, stderr]).toEqual(['', 'to\nstderr'])
  })

  it.each([0, 1, 7, 255])('the exit code %i', async (code) => {
    expect(await run([...withPassword, '--', 'sh', '-c', `exit ${code}`])).toMatchObject({ code, stderr: '' })
  })

  it('the program’s own options, with and without --', async () => {
    const script = 'console.log(process.argv.slice(1).join())'
    const args = ['-e', script, '--', '--env', '-h', '--verbose', 'a b', '']
    for (const separator of [['--'], []])
      expect((await run([...withPassword, ...separator, process.execPath, ...args])).text).toBe(
        '--env,-h,--verbose,a b,\n',
      )
  })

  it('a terminal: the program reads from it, and Ctrl-C reaches it once', async () => {
    const script = `
      const seen = []
      process.stdin.once('data', (line) => console.log('typed', line.toString().trim(), String(process.stdin.isTTY)))
      process.on('SIGINT', () => {
        seen.push('SIGINT')
        setTimeout(() => { console.log('seen', seen.join()); process.exit(5) }, 500)
      })
      console.log('ready')`
    const answers: [string, string][] = [
      ['ready', 'line\r'],
      ['typed line true', '\x03'],
    ]
    const file = path.join(halfkey.home, 'terminal.cjs')
    writeFileSync(file, script)
    const { code, screen } = await onTerminal(['run', ...withPassword, '--', process.execPath, file], answers)
    expect(screen).toContain('seen SIGINT\n')
    expect(code).toBe(5)
  })
})

describe('signals', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const)(
    '%s reaches the program, which says what it means',
    async (name) => {
      const script = `process.on('${name}', () => process.exit(9)); setInterval(() => {}, 1000); console.log('ready')`
      const running = startOf(halfkey, [...withPassword, ...node(script)])
      await printed(running, 'ready')
      running.child.kill(name)
      expect(await running.ended).toMatchObject({ code: 9, stderr: '' })
    },
  )

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGUSR1', 138],
    ['SIGUSR2', 140],
    ['SIGKILL', 137],
  ])('a program that %s ends: exit code %i', async (name, code) => {
    const running = startOf(halfkey, [...withPassword, '--', 'sh', '-c', 'echo ready $$; exec sleep 1000'])
    const [, pid] = /ready (\d+)/.exec(await printed(running, '\n')) ?? []
    process.kill(Number(pid), name)
    expect(await running.ended).toMatchObject({ code, stderr: '' })
  })

  it('before the program runs, one ends the command and the program is never started', async () => {
    const held = await startProxy(server().url)
    held.fates = { reveal: 'hold' }
    const running = startOf(halfkey, [...withPassword, '--', 'echo', 'ran'], { HALFKEY_URL: held.url })
    await held.held()
    running.child.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: 130, text: '' })
    held.close()
  })

  it('SIGTERM before the program runs ends the command as a shell counts it: 143', async () => {
    const held = await startProxy(server().url)
    held.fates = { reveal: 'hold' }
    const running = startOf(halfkey, [...withPassword, '--', 'echo', 'ran'], { HALFKEY_URL: held.url })
    await held.held()
    running.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 143, text: '' })
    held.close()
  })
})

describe('programs that can’t be run', () => {
  it('one that doesn’t exist: 127, as in a shell', async () => {
    const { code, stderr } = await run([...withPassword, '--', 'no-such-program'])
    expect([code, stderr]).toEqual([127, "halfkey: Can't run no-such-program: program not found.\n"])
  })

  it('one that may not be executed: 126, as in a shell', async () => {
    const file = path.join(halfkey.home, 'plain')
    writeFileSync(file, 'text')
    const { code, stderr } = await run([...withPassword, '--', file])
    expect([code, stderr]).toEqual([126, `halfkey: Can't run ${file}: permission denied. Is it executable?\n`])
  })

  it('values larger than an environment may be: 126, with what to do', async () => {
    await owner().kms.put('prod/large', 'x'.repeat(300_000))
    const { code, stderr } = await run(['--env', 'LARGE=prod/large', '--', 'true'])
    expect([code, stderr]).toEqual([126, expect.stringContaining('Use --file instead.')])
  })
})

describe('refusals: the program isn’t run', () => {
  it.each([
    [['--', 'echo'], 'Specify at least one secret'],
    [['--env', 'prod/db', '--', 'echo'], 'NAME=HANDLER'],
    [['--env', '1A=prod/db', '--', 'echo'], 'NAME=HANDLER'],
    [['--env', 'A-B=prod/db', '--', 'echo'], 'NAME=HANDLER'],
    [['--env', 'A=', '--', 'echo'], 'NAME=HANDLER'],
    [['--env', 'A=prod/db', '--env', 'A=prod/api', '--', 'echo'], 'given twice'],
    [['--file', '=prod/db', '--', 'echo'], 'PATH=HANDLER'],
    [['--env', 'A=Prod/DB', '--', 'echo'], 'handler'],
    [[...withPassword, '--watch', '--interval', '0', '--', 'echo'], '--interval'],
    [[...withPassword, '--watch', '--interval', 'soon', '--', 'echo'], '--interval'],
    [[...withPassword], 'command'],
  ])('wrong usage %j', async (args, says) => {
    const { code, text, stderr } = await run(args)
    expect([code, text]).toEqual([2, ''])
    expect(stderr).toContain(says)
  })

  it('a named secret that there isn’t: 4, and which one', async () => {
    const args = [...withPassword, '--env', 'B=prod/none', '--', 'echo']
    const { code, text, stderr } = await run(args)
    expect([code, text]).toEqual([4, ''])
    expect(stderr).toContain('prod/none: ')
  })

  it('another workspace key: 7', async () => {
    const args = [...withPassword, '--', 'echo']
    expect(await run(args, '', { HALFKEY_WORKSPACE_KEY: newKey() })).toMatchObject({ code: 7, text: '' })
  })

  it('no server: 8', async () => {
    const { code, text } = await run([...withPassword, '--', 'echo'], '', { HALFKEY_URL: 'http://127.0.0.1:1' })
    expect([code, text]).toEqual([8, ''])
  })
})

it('NEW,OLD workspace keys, as in a rekey: what either opens is read', async () => {
  const keys = { HALFKEY_WORKSPACE_KEY: `${newKey()},${workspaceKey}` }
  expect(await run([...withPassword, ...print('DB_PASSWORD')], '', keys)).toMatchObject({ code: 0, text: password })
})

it('neither value nor token nor key is in arguments or, while the program runs and after, on disk', async () => {
  const [value, token] = [randomBytes(24), server().token]
  const text = value.toString('base64url')
  await owner().kms.put('prod/witness', text)
  const needles = [text, token, workspaceKey].map((each) => Buffer.from(each))
  const file = path.join(halfkey.home, 'witness')
  const args = ['--env', 'W=prod/witness', '--file', `${file}=prod/witness`, '--offline-cache', '--watch']
  const running = startOf(halfkey, [...args, ...node(`console.log('ready'); setInterval(() => {}, 1000)`)])
  await printed(running, 'ready')
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`)
      } catch {
        return Buffer.alloc(0)
      }
    })
  expect(lines.filter((line) => needles.some((needle) => line.includes(needle)))).toEqual([])
  expect(readFileSync(file, 'utf8')).toBe(text)
  expect(filesWith(halfkey.home, needles)).toEqual([])
  running.child.kill('SIGTERM')
  await running.ended
  expect(filesWith(halfkey.home, needles)).toEqual([])
})
