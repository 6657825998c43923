/** Asking for a secret, answering and collecting: what goes in comes out, once, and only for whoever asked. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openAsk } from '@halfkey/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { printed } from './named.ts'
import { useOwner } from './owner.ts'
import type { Proxy } from './proxy.ts'
import { startProxy } from './proxy.ts'
import { decodeQr } from './qr-reader.ts'

const owner = useOwner({ HALFKEY_REQUESTS: 'anyone' })
/** `halfkey.run` has neither token nor workspace key. */
const { halfkey, server, run, print, json } = owner

let proxy: Proxy
beforeAll(async () => {
  proxy = await startProxy(server().url)
})
afterEach(() => {
  proxy.fates = {}
})
afterAll(() => {
  proxy.close()
})

const pathOf = (name: string): string => path.join(halfkey.home, name)
const proxied = (link: string): string => link.replace(server().url, proxy.url)

interface Request {
  slug: string
  ask: string
  collect: string
}

async function ask(...options: string[]): Promise<Request> {
  const { code, text, stderr } = await halfkey.run(['request', 'create', '--json', ...options])
  expect(code, stderr).toBe(0)
  const { slug = '', ask_url = '', collect_url = '' } = JSON.parse(text) as Record<string, string>
  return { slug, ask: ask_url, collect: collect_url }
}

async function answered(content: string | Uint8Array, options: string[] = []): Promise<Request> {
  const request = await ask()
  const { code, stderr } = await halfkey.run(['answer', request.ask, '-', ...options], content)
  expect(code, stderr).toBe(0)
  return request
}

const collect = (link: string, ...options: string[]) => halfkey.run(['request', 'collect', link, ...options])

describe('request create', () => {
  it('prints the ask link alone on stdout, and on stderr the collect link with a warning not to send it', async () => {
    const { code, text, stderr } = await halfkey.run(['request', 'create', '--message', 'The password'])
    expect([code, text]).toEqual([0, expect.stringMatching(/^http:\S+\/ask\/[1-9A-Za-z]{13}#1[1-9A-Za-z]{44}\n$/)])
    expect(stderr).toMatch(/Send this link to whoever is to answer/)
    expect(stderr).toMatch(/http:\S+\/collect\/[1-9A-Za-z]{13}#1[1-9A-Za-z]{44}\n/)
    expect(stderr).toContain('never send it to whoever answers')
  })

  it('--qr shows the ask link', async () => {
    const { text, stderr } = await halfkey.run(['request', 'create', '--qr'])
    expect(decodeQr(stderr)).toBe(text.trim())
  })

  it('its limits reach the server', async () => {
    const limits = ['--answer-hours', '2', '--answer-views', '3', '--max-files', '4', '--max-bytes', '5000']
    const { collect: link } = await ask('--hours', '48', '--answers', '6', '--message', 'both', ...limits)
    const { text } = await halfkey.run(['request', 'get', link, '--json'])
    const found = JSON.parse(text) as Record<string, string>
    expect(found).toMatchObject({ answer_hours: 2, answer_views: 3, answer_files: 4, answer_bytes: 5000 })
    expect(found).toMatchObject({ maximum_answers: 6, answers_left: 6, message: 'both', creator: 'anonymous' })
    expect((Date.parse(found['expiration'] ?? '') - Date.parse(found['created_at'] ?? '')) / 3_600_000).toBe(48)
  })

  it.each([
    [['--answers', '0'], '--answers: must be a whole number from 1 to 100'],
    [['--answer-views', '11'], '--answer-views'],
    [['--description', 'x'], 'needs your workspace key'],
    [['--send-to', 'a@b.example'], 'HALFKEY_SMTP_URL'],
  ])('refuses %j by name', async (options, words) => {
    const { code, text, stderr } = await halfkey.run(['request', 'create', ...options])
    expect([code, text, stderr]).toEqual([2, '', expect.stringContaining(words)])
  })
})

describe('from ask to collect', () => {
  it.each<[string, string | Buffer]>([
    ['a text', 'пароль 🔑\r\n'],
    ['bytes that aren’t text', Buffer.from(Array.from({ length: 100_000 }, (_, i) => 255 - (i % 256)))],
  ])('%s comes out byte for byte, once', async (_, content) => {
    const { collect: link } = await answered(content)
    const { code, stdout } = await collect(link)
    expect([code, stdout.equals(Buffer.from(content))]).toEqual([0, true])
    expect(await collect(link)).toMatchObject({ code: 4, text: '' })
  })

  it('a file comes out byte for byte', async () => {
    writeFileSync(pathOf('key.bin'), randomBytes(300_000))
    const request = await ask()
    expect((await halfkey.run(['answer', request.ask, '--file', pathOf('key.bin')])).code).toBe(0)
    expect((await collect(request.collect)).stderr).toContain('--out DIR')
    expect((await collect(request.collect, '--out', pathOf('received'))).code).toBe(0)
    execFileSync('cmp', [pathOf('key.bin'), pathOf('received/key.bin')])
  })

  it('the answerer is shown who asks and what for, and the asker the answerer’s message', async () => {
    const request = await ask('--message', 'The \u001b[31mpassword')
    const sent = await halfkey.run(['answer', request.ask, '-', '--message', 'as agreed'], 'x')
    expect(sent.stderr).toContain('Somebody without an account asks for a secret, says the server')
    expect(sent.stderr).toContain('What is asked for: The \\x1b[31mpassword')
    const { text, stderr } = await collect(request.collect)
    expect([text, stderr]).toEqual(['x', expect.stringContaining('as agreed')])
  })

  it('the answer’s link is a receipt that shows no content and opens nothing', async () => {
    const request = await ask()
    const { text, stderr } = await halfkey.run(['answer', request.ask, '-'], 'the hidden content')
    expect(text).toMatch(/^http:\S+\/status\/[1-9A-Za-z]{13}#1[1-9A-Za-z]{44}\n$/)
    expect(`${text}${stderr}`).not.toContain('hidden')
    expect((await halfkey.run(['open', text.trim()])).code).toBe(3)
  })

  it('an answer with a password needs it', async () => {
    const { collect: link } = await answered('x', ['--password', 'right'])
    expect(await collect(link)).toMatchObject({ code: 5, text: '' })
    const wrong = await collect(link, '--password', 'wrong')
    expect([wrong.code, wrong.stderr]).toEqual([5, expect.stringContaining('Attempts left: 9')])
    expect(await collect(link, '--password', 'right')).toMatchObject({ code: 0, text: 'x' })
  })

  it('several answers are collected one a run, oldest first, or the one that is named', async () => {
    const request = await ask('--answers', '3')
    for (const text of ['one', 'two', 'three']) await halfkey.run(['answer', request.ask, '-'], text)
    const { text: lines } = await halfkey.run(['request', 'answers', request.collect, '--json'])
    const slugs = lines
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { slug: string }).slug)
    expect((await collect(request.collect, '--answer', slugs[1] ?? '')).text).toBe('two')
    expect((await collect(request.collect)).text).toBe('one')
    expect((await collect(request.collect)).text).toBe('three')
    expect(await collect(request.collect, '--answer', slugs[1] ?? '')).toMatchObject({ code: 4, text: '' })
    expect(await collect(request.collect, '--answer', '1'.repeat(13))).toMatchObject({ code: 4, text: '' })
  })
})

describe('collect --wait', () => {
  it('waits until an answer is there, then prints it', async () => {
    const request = await ask()
    const waiting = halfkey.start(['request', 'collect', request.collect, '--wait'])
    await printed(waiting, 'Waiting for an answer')
    await halfkey.run(['answer', request.ask, '-'], 'at last')
    expect(await waiting.ended).toMatchObject({ code: 0, text: 'at last' })
  })

  it('ends without an answer once the request is withdrawn', async () => {
    const request = await ask()
    const waiting = halfkey.start(['request', 'collect', request.collect, '--wait'])
    await printed(waiting, 'Waiting for an answer')
    await halfkey.run(['request', 'withdraw', request.collect])
    expect(await waiting.ended).toMatchObject({ code: 4, text: '', stderr: expect.stringContaining('is withdrawn') })
  })

  it('Ctrl-C ends it', async () => {
    const { collect: link } = await ask()
    const waiting = halfkey.start(['request', 'collect', link, '--wait'])
    await printed(waiting, 'Waiting for an answer')
    waiting.child.kill('SIGINT')
    expect((await waiting.ended).code).toBe(130)
  })

  it('is what to do where there is no answer yet', async () => {
    const { collect: link } = await ask()
    const { code, stderr } = await collect(link)
    expect([code, stderr]).toEqual([4, expect.stringContaining('add --wait')])
  })
})

describe('with a token and the workspace key', () => {
  const made = async (...options: string[]) => {
    const [request] = await json(['request', 'create', ...options])
    return request as Record<string, string>
  }

  it('the slug is enough to list, collect and withdraw', async () => {
    const { slug = '', ask_url: link = '' } = await made('--description', 'for me', '--answers', '2')
    await halfkey.run(['answer', link, '-'], 'x')
    expect(await print(['request', 'list'])).toMatch(new RegExp(`${slug} +open +1/2 .* for me`))
    expect(await print(['request', 'answers', slug])).toContain('active')
    expect(await print(['request', 'collect', slug])).toBe('x')
    await print(['request', 'withdraw', slug])
    expect(await json(['request', 'get', slug])).toMatchObject([{ status: 'withdrawn', has_seed: true }])
    expect(await print(['request', 'stats'])).toMatch(/withdrawn requests +1/)
  })

  it('a request made with --no-keep is collected with its link alone', async () => {
    const { slug = '', ask_url: link = '', collect_url: own = '' } = await made('--no-keep')
    await halfkey.run(['answer', link, '-'], 'x')
    expect(await run(['request', 'collect', slug])).toMatchObject({ code: 2, text: '' })
    expect(await print(['request', 'collect', own])).toBe('x')
  })

  it.each<[string, string | Buffer]>([
    ['a text', 'hunter2\n'],
    ['bytes', Buffer.from([0, 255, 10])],
  ])(
    '--into stores %s as a version of a named secret, prints none of it and destroys the answer',
    async (_, content) => {
      const { collect: link } = await answered(content)
      const { code, text, stderr } = await run(['request', 'collect', link, '--into', 'orders/db'])
      expect([code, text, stderr]).toEqual([0, '', expect.stringContaining('of orders/db')])
      expect(stderr).not.toContain('hunter2')
      expect((await run(['kms', 'reveal', 'orders/db'])).stdout.equals(Buffer.from(content))).toBe(true)
      const { text: left } = await halfkey.run(['request', 'answers', link, '--json'])
      expect(JSON.parse(left)).toMatchObject({ status: 'viewed' })
      expect((await collect(link)).code).toBe(4)
    },
  )

  it('--into destroys an answer that could be opened again', async () => {
    const request = await ask('--answer-views', '3')
    await (await openAsk(request.ask)).answer('three views')
    expect(await run(['request', 'collect', request.collect, '--into', 'orders/views'])).toMatchObject({ code: 0 })
    const { text } = await halfkey.run(['request', 'answers', request.collect, '--json'])
    const left = JSON.parse(text) as { slug: string }
    expect(left).toMatchObject({ status: 'burned' })
    const again = await collect(request.collect, '--answer', left.slug)
    expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('its owner destroyed it at 20')])
    expect(await print(['kms', 'reveal', 'orders/views'])).toBe('three views')
  })

  it('--into says so when the answer can’t be destroyed, and succeeds: the value is stored', async () => {
    const request = await ask('--answer-views', '3')
    const { slug } = await (await openAsk(request.ask)).answer('kept for now')
    proxy.fates = { [slug]: 'lose' }
    const stored = await run(['request', 'collect', proxied(request.collect), '--into', 'orders/undestroyed'])
    expect([stored.code, stored.stderr]).toEqual([0, expect.stringContaining(`request destroy REQUEST ${slug}`)])
    proxy.fates = {}
    expect((await halfkey.run(['request', 'destroy', request.collect, slug])).code).toBe(0)
    const { text } = await halfkey.run(['request', 'answers', request.collect, '--json'])
    expect(JSON.parse(text)).toMatchObject({ status: 'burned' })
  })

  it('patch shortens a request, lowers its answers and describes it, and loosens nothing', async () => {
    const { slug = '' } = await made('--answers', '3', '--description', 'before')
    await print(['request', 'patch', slug, '--hours', '2', '--answers', '2', '--description', 'after'])
    const [found] = await json(['request', 'get', slug])
    expect(found).toMatchObject({ maximum_answers: 2, description: 'after', has_seed: true })
    const { expiration = '' } = found as Record<string, string>
    expect(Date.parse(expiration)).toBeLessThan(Date.now() + 2 * 3_600_000)
    const refusals: [string[], string][] = [
      [['--hours', '48'], '--hours: Can only be shortened.'],
      [['--answers', '3'], '--answers: Can only be lowered'],
      [[], 'Nothing to change'],
    ]
    for (const [options, words] of refusals) {
      const { code, stderr } = await run(['request', 'patch', slug, ...options])
      expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
    }
  })

  it('an answer that can’t be stored is kept: the next run gets it', async () => {
    const { collect: link } = await answered('kept')
    const reader = await owner.token('--scope', 'kms:read')
    const refused = await run(['request', 'collect', link, '--into', 'orders/other'], '', reader)
    expect([refused.code, refused.text]).toEqual([6, ''])
    expect(refused.stderr).toContain('still there')
    expect(await run(['request', 'collect', link, '--into', 'orders/other'])).toMatchObject({ code: 0 })
    expect(await print(['kms', 'reveal', 'orders/other'])).toBe('kept')
  })

  it('--into refuses an answer with files and a missing workspace key before anything is opened', async () => {
    writeFileSync(pathOf('small'), 'in the file')
    const { collect: link } = await answered('x', ['--file', pathOf('small')])
    expect((await halfkey.run(['request', 'collect', link, '--into', 'a/b'])).code).toBe(2)
    const { code, stderr } = await run(['request', 'collect', link, '--into', 'a/b'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--out DIR instead of --into')])
    expect(await collect(link, '--out', pathOf('not-into'))).toMatchObject({ code: 0, text: 'x' })
  })
})

describe('status', () => {
  it('shows what became of an answer, and withdraws it until it is collected', async () => {
    const request = await ask('--answers', '2')
    const [kept = '', taken = ''] = await Promise.all(
      ['kept', 'taken back'].map(async (text) => (await halfkey.run(['answer', request.ask, '-'], text)).text.trim()),
    )
    expect((await halfkey.run(['status', kept])).text).toMatch(/state +waiting/)
    const withdrawn = await halfkey.run(['status', taken, '--withdraw'])
    expect([withdrawn.code, withdrawn.text]).toEqual([0, expect.stringMatching(/state +burned/)])
    expect((await collect(request.collect)).text).toBe('kept')
    const { text } = await halfkey.run(['status', kept, '--json'])
    expect(JSON.parse(text)).toMatchObject({ state: 'collected', collected_at: expect.stringMatching(/^20/) })
    const late = await halfkey.run(['status', kept, '--withdraw'])
    expect([late.code, late.text, late.stderr]).toEqual([2, '', expect.stringContaining('already been opened')])
  })
})

describe('an answer that wrong passwords locked', () => {
  it('is unlocked by whoever asked', async () => {
    const request = await ask()
    const { slug } = await (await openAsk(request.ask)).answer('x', { password: 'right' })
    const db = new DatabaseSync(path.join(owner.data(), 'halfkey.sqlite'), { timeout: 10_000 })
    db.prepare("UPDATE secrets SET state = 'locked', failed_attempts = 10 WHERE slug = ?").run(slug)
    db.close()
    expect((await collect(request.collect, '--password', 'right')).code).toBe(5)
    expect((await halfkey.run(['request', 'unlock', request.collect, slug])).code).toBe(0)
    expect((await collect(request.collect, '--password', 'right')).text).toBe('x')
    for (const command of ['unlock', 'destroy'])
      expect((await halfkey.run(['request', command, request.collect, '1'.repeat(13)])).code).toBe(4)
  })
})

describe('a request that has ended', () => {
  it('withdrawn: is told to whoever would answer; what was answered can be collected', async () => {
    const request = await ask('--answers', '2')
    await halfkey.run(['answer', request.ask, '-'], 'in time')
    await halfkey.run(['request', 'withdraw', request.collect])
    const late = await halfkey.run(['answer', request.ask, '-'], 'x')
    expect([late.code, late.text]).toEqual([4, ''])
    expect(late.stderr).toMatch(/whoever asked withdrew it at 20/)
    expect(await collect(request.collect)).toMatchObject({ code: 0, text: 'in time' })
  })

  it('answered: says so', async () => {
    const request = await answered('x')
    const late = await halfkey.run(['answer', request.ask, '-'], 'y')
    expect([late.code, late.stderr]).toEqual([4, expect.stringContaining('it has all its answers')])
  })

  it('expired: says so', async () => {
    const request = await ask()
    const db = new DatabaseSync(path.join(owner.data(), 'halfkey.sqlite'), { timeout: 10_000 })
    db.prepare('UPDATE requests SET expires_at = created_at WHERE slug = ?').run(request.slug)
    db.close()
    const late = await halfkey.run(['answer', request.ask, '-'], 'x')
    expect([late.code, late.stderr]).toEqual([4, expect.stringContaining('it expired at 20')])
    expect(await collect(request.collect)).toMatchObject({ code: 4, stderr: expect.stringContaining('is expired') })
  })
})

describe('a link of the wrong kind', () => {
  it.each<[string, (request: Request) => string[], string]>([
    ['ask, opened', ({ ask }) => ['open', ask], "halfkey answer 'LINK'"],
    ['collect, opened', ({ collect }) => ['open', collect], "halfkey request collect 'LINK'"],
    ['collect, answered', ({ collect }) => ['answer', collect, 'x'], "halfkey request collect 'LINK'"],
    ['ask, collected', ({ ask }) => ['request', 'collect', ask], "halfkey answer 'LINK'"],
    ['ask, withdrawn', ({ ask }) => ['request', 'withdraw', ask], "halfkey answer 'LINK'"],
    ['ask, asked for its status', ({ ask }) => ['status', ask], "halfkey answer 'LINK'"],
    ['collect, asked for its status', ({ collect }) => ['status', collect], "halfkey request collect 'LINK'"],
  ])('%s: is named, with the command to use', async (_, args, command) => {
    const { code, text, stderr } = await halfkey.run(args(await ask()))
    expect([code, text, stderr]).toEqual([3, '', expect.stringContaining(command)])
  })

  it('share, answered and collected: is named, with the command to use', async () => {
    const { share_url: link = '' } = await halfkey.create([], 'x')
    for (const args of [
      ['answer', link, 'x'],
      ['request', 'collect', link],
      ['status', link],
    ]) {
      const { code, stderr } = await halfkey.run(args)
      expect([code, stderr]).toEqual([3, expect.stringContaining("halfkey open 'LINK'")])
    }
    expect((await halfkey.run(['open', link])).text).toBe('x')
  })

  it('status, opened, answered and collected: is named, with the command to use, and read by a page of the server', async () => {
    const request = await ask()
    const answered = await halfkey.run(['answer', request.ask, '-'], 'x')
    expect(answered.stderr).toContain("with halfkey status 'LINK', it shows whether the answer was collected")
    const link = answered.text.trim()
    for (const args of [
      ['open', link],
      ['answer', link, 'x'],
      ['request', 'collect', link],
    ]) {
      const { code, stderr } = await halfkey.run(args)
      expect([code, stderr]).toEqual([3, expect.stringContaining("halfkey status 'LINK', or open it in a browser")])
    }
    expect(await (await fetch(link)).text()).toContain('What became of your answer')
  })
})

describe('nothing is lost or given twice', () => {
  it('two collectors at once: one gets the answer, the other is told', async () => {
    const { collect: link } = await answered('once')
    const both = await Promise.all([collect(link), collect(link)])
    expect(both.map(({ text }) => text).sort()).toEqual(['', 'once'])
    expect(both.map(({ code }) => code).sort()).toEqual([0, 4])
  })

  it('every reply to the reveal lost: the next collect gets the answer', async () => {
    const { collect: link } = await answered('late')
    proxy.fates = { reveal: 'lose' }
    expect(await collect(proxied(link))).toMatchObject({ code: 8, text: '' })
    proxy.fates = {}
    expect(await collect(proxied(link))).toMatchObject({ code: 0, text: 'late' })
  })

  it('Ctrl-C before the acknowledgment: the next collect gets the same answer', async () => {
    const { collect: link } = await answered('twice')
    proxy.fates = { ack: 'hold' }
    const held = proxy.held()
    const { child, ended } = halfkey.start(['request', 'collect', proxied(link)])
    await held
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('run the same command again') })
    proxy.fates = {}
    expect(await collect(proxied(link))).toMatchObject({ code: 0, text: 'twice' })
  })

  it('the reply to an answer lost: it is sent again, and counts once', async () => {
    const request = await ask('--answers', '2')
    proxy.fates = { answers: 'lose' }
    const sending = halfkey.run(['answer', proxied(request.ask), '-'], 'x')
    await expect
      .poll(async () => (await halfkey.run(['request', 'answers', request.collect, '--json'])).text, {
        timeout: 60_000,
      })
      .not.toBe('')
    proxy.fates = {}
    expect((await sending).code).toBe(0)
    const { text } = await halfkey.run(['request', 'get', request.collect, '--json'])
    expect(JSON.parse(text)).toMatchObject({ answers_count: 1 })
  })

  it('an answer that can be opened twice is collected once, and again by its name', async () => {
    const request = await ask('--answer-views', '2')
    await (await openAsk(request.ask)).answer('two views')
    expect((await collect(request.collect)).text).toBe('two views')
    expect((await collect(request.collect)).code).toBe(4)
    const { text } = await halfkey.run(['request', 'answers', request.collect, '--json'])
    const { slug } = JSON.parse(text) as { slug: string }
    expect((await collect(request.collect, '--answer', slug)).text).toBe('two views')
  })
})
