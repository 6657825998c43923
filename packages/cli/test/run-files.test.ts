/** `halfkey run --file`: files in memory, as long as the program runs. */
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Running } from './halfkey.ts'
import { node, printed, startOf, useNamedSecrets } from './named.ts'

const { halfkey, owner } = useNamedSecrets()

const key = randomBytes(100_000)
beforeAll(async () => {
  await owner().kms.put('prod/tls', key)
  await owner().kms.put('prod/config', '{"pool": 5}')
})

const fileIn = (name: string): string => path.join(halfkey.home, name)
const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined
const waiting = node(`console.log('ready'); setInterval(() => {}, 1000)`)

/** statfs(2). */
const tmpfs = 0x01021994
const leftBy = ({ child }: Running): string[] =>
  readdirSync('/dev/shm').filter((name) => name.startsWith('halfkey-') && name.includes(`-${child.pid}-`))

describe('while the program runs', () => {
  it('the file has the value’s bytes, is its user’s alone, and lies in memory', async () => {
    const file = fileIn('tls.key')
    const running = startOf(halfkey, ['--file', `${file}=prod/tls`, ...waiting])
    await printed(running, 'ready')
    expect(readFileSync(file).equals(key)).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(realpathSync(file))).mode & 0o077).toBe(0)
    expect(statfsSync(realpathSync(file)).type).toBe(tmpfs)
    running.child.kill('SIGTERM')
    await running.ended
  })

  it('its name is as it was given, so that programs which go by it read it', async () => {
    const file = fileIn('a=b.json')
    const args = ['--file', `${file}=prod/config`, '--file', `${fileIn('tls2.key')}=prod/tls`]
    const script = `console.log(require(${JSON.stringify(file)}).pool)`
    expect(await halfkey.run(['run', ...args, ...node(script)])).toMatchObject({ code: 0, text: '5\n' })
  })

  it('the same secret can be a variable and a file', async () => {
    const args = ['--env', 'CONFIG=prod/config', '--file', `${fileIn('both')}=prod/config`]
    const { text } = await halfkey.run(['run', ...args, '--', 'sh', '-c', `printf %s "$CONFIG"; cat ${fileIn('both')}`])
    expect(text).toBe('{"pool": 5}{"pool": 5}')
  })
})

describe('nothing is left', () => {
  it('after the program has ended', async () => {
    const file = fileIn('ended')
    const running = startOf(halfkey, ['--file', `${file}=prod/tls`, '--', 'sh', '-c', 'ls /dev/shm'])
    const { text } = await running.ended
    expect(text).toContain(`-${running.child.pid}-`)
    expect([isThere(file), leftBy(running)]).toEqual([false, []])
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('after %s', async (name) => {
    const file = fileIn(name)
    const running = startOf(halfkey, ['--file', `${file}=prod/tls`, ...waiting])
    await printed(running, 'ready')
    const content = realpathSync(file)
    running.child.kill(name)
    await running.ended
    expect([isThere(file), existsSync(content)]).toEqual([false, false])
  })

  it('after the program was killed', async () => {
    const file = fileIn('killed')
    const running = startOf(halfkey, ['--file', `${file}=prod/tls`, '--', 'sh', '-c', 'echo ready; kill -KILL $$'])
    expect(await running.ended).toMatchObject({ code: 137 })
    expect(isThere(file)).toBe(false)
  })

  it('after the program could not be started, or a second file not be placed', async () => {
    const file = fileIn('unplaced')
    const place = ['--file', `${file}=prod/tls`]
    for (const [args, code] of [
      [['--', 'no-such-program'], 127],
      [['--file', `${fileIn('no/folder')}=prod/tls`, '--', 'true'], 2],
    ] as const) {
      const running = startOf(halfkey, [...place, ...args])
      expect(await running.ended).toMatchObject({ code })
      expect([isThere(file), leftBy(running)]).toEqual([false, []])
    }
  })

  it('of a command that was killed itself: in memory nothing is, once another runs', async () => {
    const running = startOf(halfkey, [
      '--file',
      `${fileIn('orphan')}=prod/tls`,
      ...node(`console.log(process.pid, 'ready'); setInterval(() => {}, 1000)`),
    ])
    const pid = parseInt(await printed(running, 'ready'))
    const content = realpathSync(fileIn('orphan'))
    running.child.kill('SIGKILL')
    process.kill(pid)
    await running.ended
    expect(existsSync(content)).toBe(true)
    await halfkey.run(['run', '--file', `${fileIn('next')}=prod/tls`, '--', 'true'])
    expect(existsSync(content)).toBe(false)
  })
})

describe('what is there stays', () => {
  it('an existing file is not overwritten, and the program isn’t run', async () => {
    const file = fileIn('taken')
    writeFileSync(file, 'mine')
    const { code, text, stderr } = await halfkey.run(['run', '--file', `${file}=prod/tls`, '--', 'echo', 'ran'])
    expect([code, text, stderr]).toEqual([
      2,
      '',
      `halfkey: --file: ${file} already exists and was not changed. Choose another path.\n`,
    ])
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  it('a link to nowhere is not followed', async () => {
    const [link, target] = [fileIn('link'), fileIn('target')]
    symlinkSync(target, link)
    const { code } = await halfkey.run(['run', '--file', `${link}=prod/tls`, '--', 'echo', 'ran'])
    expect([code, isThere(link), existsSync(target)]).toEqual([2, true, false])
  })

  it('what the program put in the file’s place is not removed', async () => {
    const file = fileIn('replaced')
    const script = `echo its own > ${file}.new; mv ${file}.new ${file}`
    expect(await halfkey.run(['run', '--file', `${file}=prod/tls`, '--', 'sh', '-c', script])).toMatchObject({
      code: 0,
    })
    expect(readFileSync(file, 'utf8')).toBe('its own\n')
  })

  it('a running command’s files survive the start of another', async () => {
    const file = fileIn('first')
    const running = startOf(halfkey, ['--file', `${file}=prod/tls`, ...waiting])
    await printed(running, 'ready')
    mkdirSync(fileIn('second-folder'))
    await halfkey.run(['run', '--file', `${fileIn('second-folder/f')}=prod/tls`, '--', 'true'])
    expect(readFileSync(file).equals(key)).toBe(true)
    running.child.kill('SIGTERM')
    await running.ended
  })
})
