/** `halfkey run --watch`: a new value restarts the program, and nothing else does. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Running } from './halfkey.ts'
import { node, printed, startOf, useNamedSecrets } from './named.ts'
import type { Proxy } from './proxy.ts'
import { startProxy } from './proxy.ts'

const { halfkey, owner, server } = useNamedSecrets()

let proxy: Proxy
beforeAll(async () => {
  proxy = await startProxy(server().url)
})
afterAll(() => {
  proxy.close()
})

let handler = ''
let count = 0
beforeEach(async () => {
  handler = `watched-${++count}`
  proxy.fates = {}
  await owner().kms.put(handler, 'one')
})

const start = (script: string, more: string[] = []): Running =>
  startOf(halfkey, ['--env', `V=${handler}`, '--watch', '--interval', '1', ...more, ...node(script)], {
    HALFKEY_URL: proxy.url,
  })

/** Says its value and each signal, and ends by the first. */
const service = `
  process.on('SIGTERM', () => { console.log('ending', process.env.V); process.exit(0) })
  setInterval(() => {}, 1000)
  console.log('has', process.env.V)`

async function stop(running: Running): Promise<string> {
  running.child.kill('SIGTERM')
  const { text } = await running.ended
  return text
}

describe('a new version', () => {
  it('ends the program by SIGTERM and starts it again with the new value, and says so', async () => {
    const running = start(service)
    await printed(running, 'has one')
    await owner().kms.put(handler, 'two')
    await printed(running, 'has two')
    expect(await stop(running)).toBe('has one\nending one\nhas two\nending two\n')
    expect((await running.ended).stderr).toBe('halfkey: A secret changed. Restarting the program.\n')
  })

  it('gives the file too its new content', async () => {
    const file = `${halfkey.home}/watched`
    const script = `console.log('file', require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8')); setInterval(() => {}, 1000)`
    const running = start(script, ['--file', `${file}=${handler}`])
    await printed(running, 'file one')
    await owner().kms.put(handler, 'two')
    await printed(running, 'file two')
    await stop(running)
  })

  it('that no variable can hold is said, and the program goes on with what it has', async () => {
    const running = start(service)
    await printed(running, 'has one')
    await owner().kms.put(handler, Buffer.from([0xff]))
    await printed(running, "isn't text")
    expect(await stop(running)).toBe('has one\nending one\n')
  })

  it('that may not be revealed is said, and the program goes on with what it has', async () => {
    const running = start(service)
    await printed(running, 'has one')
    await owner().kms.put(handler, 'two', { whitelist: ['192.0.2.1'] })
    await printed(running, `${handler}: `)
    expect(await stop(running)).toBe('has one\nending one\n')
  })
})

describe('a new version of the same value', () => {
  it('doesn’t restart the program; the next value that differs does', async () => {
    const running = start(service)
    await printed(running, 'has one')
    await owner().kms.put(handler, 'one')
    const reveals = async () =>
      (await owner().kms.events(handler)).events.filter(({ type }) => type === 'kms.revealed').length
    await expect.poll(reveals, { timeout: 60_000 }).toBeGreaterThan(1)
    await owner().kms.put(handler, 'two')
    await printed(running, 'has two')
    expect(await stop(running)).toBe('has one\nending one\nhas two\nending two\n')
    expect((await running.ended).stderr).toBe('halfkey: A secret changed. Restarting the program.\n')
  })
})

describe('a server that is away', () => {
  it('leaves the program alone, is said once, and the version made meanwhile is noticed when it is back', async () => {
    const running = start(service)
    await printed(running, 'has one')
    proxy.fates = { [handler]: 'lose' }
    await printed(running, 'The program keeps running with the old values.')
    await owner().kms.put(handler, 'two')
    proxy.fates = {}
    await printed(running, 'has two')
    expect(await stop(running)).toBe('has one\nending one\nhas two\nending two\n')
    expect((await running.ended).stderr.split('keeps running with the old values')).toHaveLength(2)
  })
})

describe('the program’s end', () => {
  it('is the command’s, with its exit code', async () => {
    const running = start(`console.log('has', process.env.V); setTimeout(() => process.exit(6), 1500)`)
    expect(await running.ended).toMatchObject({ code: 6, text: 'has one\n', stderr: '' })
  })

  it('doesn’t wait for a question to which no answer comes', async () => {
    const running = start(
      `setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(6)); console.log('ready')`,
    )
    await printed(running, 'ready')
    proxy.fates = { [handler]: 'hold' }
    await proxy.held()
    running.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 6 })
  })

  it('a signal while it is being ended for a new version: it isn’t started again', async () => {
    const running = start(`
      let asked = 0
      process.on('SIGTERM', () => { if (++asked === 2) process.exit(9); else console.log('lingers') })
      setInterval(() => {}, 1000)
      console.log('has', process.env.V)`)
    await printed(running, 'has one')
    await owner().kms.put(handler, 'two')
    await printed(running, 'lingers')
    running.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 9, text: 'has one\nlingers\n' })
  })
})

it('a token that may not read versions is refused before the program runs', async () => {
  const { token } = await owner().tokens.create('reveals', { scopes: ['kms:reveal'] })
  const args = ['run', '--env', `V=${handler}`, ...node(`console.log('ran')`)]
  expect(await halfkey.run(args, '', { HALFKEY_TOKEN: token })).toMatchObject({ code: 0 })
  const { code, text, stderr } = await halfkey.run(['run', '--watch', ...args.slice(1)], '', { HALFKEY_TOKEN: token })
  expect([code, text]).toEqual([6, ''])
  expect(stderr).toContain('kms:read')
})
