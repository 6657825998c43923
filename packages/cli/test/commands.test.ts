import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { useHalfkey } from './running.ts'

const { halfkey, server } = useHalfkey()

let owner: Record<string, string>
beforeAll(() => {
  owner = { HALFKEY_TOKEN: server().token, HALFKEY_WORKSPACE_KEY: randomBytes(32).toString('base64url') }
})

describe('create and open', () => {
  it.each([
    ['a line', 'my first secret\n'],
    ['spaces and no line end', '  kept  '],
    ['Windows line ends', 'a\r\nb\r\n'],
    ['a byte order mark', '\uFEFFtext'],
    ['all planes', 'пароль 密码 🔑 \u{10FFFD}'],
    ['100 KB', 'x'.repeat(100_000)],
  ])('gives back exactly the bytes: %s', async (_, secret) => {
    const { text: link } = await halfkey.run(['create', '-'], secret)
    const { code, stdout, stderr } = await halfkey.run(['open', link])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.equals(Buffer.from(secret))).toBe(true)
  })

  it('prints the link alone on stdout, and how to destroy it on stderr', async () => {
    const { text, stderr } = await halfkey.run(['create', '-'], 'x')
    expect(text).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[1-9A-Za-z]{13}#1[1-9A-Za-z]{44}\n$/)
    expect(stderr).toContain('halfkey delete ')
  })

  it('takes bytes that aren’t text on stdin and gives back exactly these on stdout', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => 255 - (i % 256)))
    const { text: link } = await halfkey.run(['create', '-'], bytes)
    const { code, stdout, stderr } = await halfkey.run(['open', link])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.equals(bytes)).toBe(true)
  })

  it('shows bytes that aren’t text in --json as base64url', async () => {
    const { text: link } = await halfkey.run(['create', '-'], Buffer.from([0, 255, 6, 128]))
    const { text } = await halfkey.run(['open', link, '--json'])
    expect(JSON.parse(text)).toMatchObject({ text: null, bytes: 'AP8GgA' })
  })

  it('opens once by default, then says when it was opened', async () => {
    const { text: link } = await halfkey.run(['create', '-'], 'once')
    await halfkey.run(['open', link])
    const { code, text, stderr } = await halfkey.run(['open', link])
    expect([code, text]).toEqual([4, ''])
    expect(stderr).toMatch(/opened for the last time at 20/)
  })

  it('shows the sender’s message beside the secret, never in it', async () => {
    const { text: link } = await halfkey.run(['create', '-', '--message', 'for the deploy'], 's')
    const { text, stderr } = await halfkey.run(['open', link])
    expect(text).toBe('s')
    expect(stderr).toContain('for the deploy')
  })

  it('undoes %23 before any request', async () => {
    const { text: link } = await halfkey.run(['create', '-'], 'escaped')
    expect((await halfkey.run(['open', link.trim().replace('#', '%23')])).text).toBe('escaped')
  })

  it.each([
    ['cut short', (link: string) => link.slice(0, -5), 'cut short'],
    ['mistyped', (link: string) => link.slice(0, -1) + (link.endsWith('2') ? '3' : '2'), 'mistyped'],
    ['without its key', (link: string) => link.split('#')[0] ?? '', 'the part after # is missing'],
    ['of a newer version', (link: string) => link.replace('#1', '#2'), 'newer version'],
  ])('tells a link that is %s apart, and spends nothing', async (_, damage, words) => {
    const created = await halfkey.create([], 'x')
    const { code, text, stderr } = await halfkey.run(['open', damage(created['share_url'] ?? '')])
    expect([code, text]).toEqual([3, ''])
    expect(stderr).toContain(words)
    expect((await halfkey.details(created))['current_views']).toBe(0)
  })
})

describe('each option of create has its effect', () => {
  it('--hours and --views', async () => {
    const created = await halfkey.create(['--hours', '2', '--views', '3'], 'x')
    const hours = (Date.parse(created['expiration'] ?? '') - Date.parse(created['created_at'] ?? '')) / 3_600_000
    expect([hours, created['maximum_views']]).toEqual([2, 3])
  })

  it('--views unlimited', async () => {
    expect((await halfkey.create(['--views', 'unlimited'], 'x'))['maximum_views']).toBeNull()
  })

  it('--password-file: needed to open, one final line end dropped', async () => {
    const file = path.join(halfkey.home, 'password')
    writeFileSync(file, 'hunter2\n')
    const { share_url: link = '' } = await halfkey.create(['--password-file', file], 'x')
    expect((await halfkey.run(['open', link])).code).toBe(5)
    const wrong = await halfkey.run(['open', link, '--password', 'hunter3'])
    expect([wrong.code, wrong.text]).toEqual([5, ''])
    expect(wrong.stderr).toContain('Attempts left: 9')
    expect((await halfkey.run(['open', link, '--password', 'hunter2'])).text).toBe('x')
  })

  it('--password-file -: from a pipe', async () => {
    const { text } = await halfkey.run(['create', 'secret', '--json', '--password-file', '-'], 'from a pipe\r\n')
    const { share_url: link = '' } = JSON.parse(text) as Record<string, string>
    expect((await halfkey.run(['open', link, '--password-file', '-'], 'from a pipe')).text).toBe('secret')
  })

  it('--generate-password: a strong one, on stderr, that opens', async () => {
    const { text: link, stderr } = await halfkey.run(['create', '-', '--generate-password'], 'x')
    const password = /Password.*: (\S+)/.exec(stderr)?.[1] ?? ''
    expect(password).toMatch(/^[a-km-np-z2-9]{5}(-[a-km-np-z2-9]{5}){3}$/)
    expect((await halfkey.run(['open', link, '--password', password])).text).toBe('x')
  })

  it('--max-attempts and --on-lockout burn', async () => {
    const options = ['--password', 'right', '--max-attempts', '1', '--on-lockout', 'burn']
    const { share_url: link = '' } = await halfkey.create(options, 'x')
    await halfkey.run(['open', link, '--password', 'wrong'])
    const { code, stderr } = await halfkey.run(['open', link, '--password', 'right'])
    expect(code).toBe(4)
    expect(stderr).toContain('too many wrong passwords')
  })

  it('--description and --recoverable: in the owner’s list alone', async () => {
    const { text } = await halfkey.run(
      ['create', '-', '--json', '--description', 'prod db', '--recoverable'],
      'x',
      owner,
    )
    const created = JSON.parse(text) as Record<string, string>
    const { text: line } = await halfkey.run(['list', '--json', '--limit', '1'], '', owner)
    const listed = JSON.parse(line) as Record<string, string>
    expect([listed['description'], listed['share_url']]).toEqual(['prod db', created['share_url']])
  })

  it('--description without a workspace key is refused, not dropped, with the one command that helps', async () => {
    const { code, stderr } = await halfkey.run(['create', '-', '--description', 'x'], 'x')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--description needs .*Run: halfkey login\n$/)])
    const elsewhere = ['create', '-', '--recoverable', '--url', server().url]
    expect((await halfkey.run(elsewhere, 'x')).stderr).toContain(`Run: halfkey login --url ${server().url}\n`)
  })
})

describe('how to destroy it', () => {
  it('never puts the manage key where the process list shows it, and runs as printed', async () => {
    const { text: link, stderr } = await halfkey.run(['create', '-'], 'x')
    expect(stderr).not.toContain('--manage-key')
    const [, key = '', ...words] = /HALFKEY_MANAGE_KEY=(\S+) halfkey (delete) (\S+)/.exec(stderr) ?? []
    expect(await halfkey.run(words, '', { HALFKEY_MANAGE_KEY: key })).toMatchObject({ code: 0 })
    expect((await halfkey.run(['open', link])).code).toBe(4)
  })

  it('needs no key where a token owns it', async () => {
    const { stderr } = await halfkey.run(['create', '-'], 'x', owner)
    const [, slug = ''] = /To destroy it: halfkey delete (\S+)\n/.exec(stderr) ?? []
    expect(await halfkey.run(['delete', slug], '', owner)).toMatchObject({ code: 0 })
  })
})

describe('the owner’s commands', () => {
  it('delete burns at once, twice without an error, by slug or link', async () => {
    const { slug = '', share_url: link = '', manage_key: key = '' } = await halfkey.create([], 'x')
    expect((await halfkey.run(['delete', slug, '--manage-key', key])).code).toBe(0)
    expect((await halfkey.run(['delete', link, '--manage-key', key])).code).toBe(0)
    expect((await halfkey.run(['open', link])).stderr).toContain('its owner destroyed it')
  })

  it('delete --purge removes the record', async () => {
    const { slug = '', manage_key: key = '' } = await halfkey.create([], 'x')
    expect((await halfkey.run(['delete', slug, '--purge', '--manage-key', key])).code).toBe(0)
    expect((await halfkey.run(['get', slug, '--manage-key', key])).code).toBe(4)
  })

  it('get shows everything but the content', async () => {
    const { text } = await halfkey.run(['create', '-', '--json'], 'hidden', owner)
    const { slug = '' } = JSON.parse(text) as Record<string, string>
    const { code, text: shown } = await halfkey.run(['get', slug, '--details-only'], '', owner)
    expect(code).toBe(0)
    expect(shown).toContain('active')
    expect(shown).not.toContain('hidden')
  })

  it('list filters and pages', async () => {
    const { text } = await halfkey.run(['list', '--status', 'locked', '--json'], '', owner)
    expect(text).toBe('')
    const { text: page, stderr } = await halfkey.run(['list', '--limit', '1', '--page', '2', '--json'], '', owner)
    expect(page.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/^Page 2 of \d+, \d+ in total\.\n$/)
  })

  it('events shows every attempt in its order, refused ones with their reason, to whoever may manage it alone', async () => {
    const created = await halfkey.create(['--password', 'right'], 'x')
    const { slug = '', share_url: link = '', manage_key: key = '' } = created
    await halfkey.run(['open', link, '--password', 'wrong'])
    await halfkey.run(['open', link, '--password', 'right'])
    const { text } = await halfkey.run(['events', link, '--json', '--manage-key', key])
    const events = text.trim().split('\n')
    expect(events.map((line) => JSON.parse(line) as Record<string, unknown>)).toMatchObject([
      { type: 'created', reason: null },
      { type: 'denied', reason: 'PASSWORD_WRONG', ip: '127.0.0.1' },
      { type: 'opened', reason: null },
      { type: 'acked', reason: null },
    ])
    const { text: shown } = await halfkey.run(['events', slug], '', { HALFKEY_MANAGE_KEY: key })
    expect(shown).toContain('denied (PASSWORD_WRONG)')
    expect(await halfkey.run(['events', slug], '', owner)).toMatchObject({ code: 4, text: '' })
  })

  it('stats counts the secrets of the token’s workspace', async () => {
    const active = async () =>
      (JSON.parse((await halfkey.run(['stats', '--json'], '', owner)).text) as { active_secrets: number })
        .active_secrets
    const before = await active()
    await halfkey.create([], 'x', owner)
    await halfkey.create([], 'somebody else’s')
    expect(await active()).toBe(before + 1)
    expect((await halfkey.run(['stats'], '', owner)).text).toMatch(new RegExp(`^active secrets +${before + 1}$`, 'm'))
  })

  it('list without a token says what to set', async () => {
    const { code, stderr } = await halfkey.run(['list'])
    expect(code).toBe(6)
    expect(stderr).toContain('HALFKEY_TOKEN')
  })
})

describe('what people do wrong', () => {
  it.each([
    [['create', '--hours', 'soon'], '--hours must be a number'],
    [['create', '-', '--hours', '1001'], 'hours'],
    [['create', '-', '--views', '0'], 'views'],
    [['create', '-', '--frobnicate'], "unknown option '--frobnicate'"],
    [['create', ''], 'content: must not be empty'],
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['open'], "missing required argument 'link'"],
    [['create', '-', '--password', 'a', '--generate-password'], 'not both'],
    [['create', '-', '--password-file', '-'], 'Only one'],
    [['create', '-', '--timeout', 'never'], '--timeout'],
  ])('%j is refused by name, with exit code 2', async (args, words) => {
    const { code, text, stderr } = await halfkey.run(args, 'x')
    expect([code, text]).toEqual([2, ''])
    expect(stderr).toContain(words)
  })

  it('no server: says so and what to check', async () => {
    const { code, stderr } = await halfkey.run(['create', '-', '--url', 'http://127.0.0.1:1'], 'x')
    expect(code).toBe(8)
    expect(stderr).toContain('HALFKEY_URL')
  })

  it('a password that is needed and can’t be asked for: says how to give it', async () => {
    const { share_url: link = '' } = await halfkey.create(['--password', 'p'], 'x')
    expect((await halfkey.run(['open', link])).stderr).toContain('--password-file')
  })
})
