/** The own page's statistics, access log, webhooks and tokens. */
import { Halfkey, type AuditEntry } from '@halfkey/sdk'
import { createServer, type Server } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { inspect } from './inspect.ts'
import { openOwnStage, type OwnStage } from './own.ts'
import { holds } from './stage.ts'

let stage: OwnStage
let receiver: Server
/** What it answers. */
let answer = 204
const received: string[] = []

beforeAll(async () => {
  stage = await openOwnStage()
  await stage.keeper.createSecret('one', { password: 'x', description: 'one' })
  const viewed = await stage.keeper.createSecret('two', { description: 'two' })
  await (await stage.client.openLink(viewed.shareUrl)).reveal()
  receiver = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => received.push(chunk.toString()))
    response.writeHead(answer).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  receiver.close()
  await stage.close()
})
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const alerts = (page: Page) => page.getByRole('alert').filter({ hasText: /./ })
const confirm = (page: Page, name: string) => page.getByRole('dialog').getByRole('button', { name }).click()

describe('statistics', () => {
  test('show the workspace’s figures, and each plot’s as a table too', async () => {
    const page = await stage.signIn({ part: 'stats' })
    const figure = (name: string) => page.locator('.figures > div', { hasText: name }).locator('dd')
    await holds(figure('secrets in all'), '2')
    await holds(figure('views in all'), '1')
    await holds(figure('with a password'), '1')
    const days = page.getByRole('table', { name: 'The last 14 days' })
    expect(await days.locator('tbody tr').count()).toBe(14)
    expect(await days.locator('tbody tr').last().locator('td').allInnerTexts()).toEqual(['2', '1'])
    const shares = page.getByRole('table', { name: 'How they stand' })
    expect(await shares.locator('td').allInnerTexts()).toEqual(['1', '50%', '1', '50%', '0', '0%'])
  })

  test('without a token for the log say what the plot takes, and show the rest', async () => {
    const { token } = await stage.keeper.tokens.create('reader', { scopes: ['secrets:read'] })
    const page = await stage.signIn({ part: 'stats', token })
    await page.getByText('takes a token that may read the access log').waitFor()
    await page.getByText('views in all').waitFor()
  })
})

describe('the access log', () => {
  test('shows who did what, of one kind if asked, since a day', async () => {
    const page = await stage.signIn({ part: 'log' })
    const rows = page.locator('.events > li')
    await holds(rows.first(), 'Made')
    await page.getByLabel('What').selectOption('Opened')
    await expect.poll(() => rows.count(), { timeout: 15_000 }).toBe(1)
    await holds(rows, 'Opened')
    await page.getByLabel('Since').fill('2999-01-01')
    await page.getByText('Nothing in the log.').waitFor()
  })

  test.each(['jsonl', 'csv'] as const)('is exported as chosen, as %s, into a file', async (format) => {
    const page = await visitWith(false)
    await page.getByLabel('What').selectOption('Opened')
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: format === 'csv' ? 'CSV' : 'JSON Lines' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe(`halfkey-audit.${format}`)
    const text = await readFile(await download.path(), 'utf8')
    const lines = text.trimEnd().split(/\r?\n/)
    if (format === 'csv') expect(lines.shift()).toMatch(/^id,/)
    expect(lines).toHaveLength(1)
    if (format === 'jsonl') expect(JSON.parse(lines[0] ?? '') as AuditEntry).toMatchObject({ type: 'opened' })
    await holds(page.getByRole('status'), 'Saved.')
  })

  test('is written where its reader says, where the browser can', async () => {
    const page = await visitWith(true)
    await page.getByRole('button', { name: 'JSON Lines' }).click()
    await holds(page.getByRole('status'), 'Saved.')
    const text = await page.evaluate(async () => {
      const handle = await (await navigator.storage.getDirectory()).getFileHandle('halfkey-audit.jsonl')
      return (await handle.getFile()).text()
    })
    expect(text.trimEnd().split('\n').length).toBeGreaterThan(2)
  })

  test('is checked, and found whole', async () => {
    const page = await stage.signIn({ part: 'log' })
    await page.getByRole('button', { name: 'Check the log' }).click()
    await holds(page.getByRole('status'), /The log is whole: \d+ entries\./)
  })

  /** On the log's page, in a browser that has the dialog for saving files or not. */
  async function visitWith(picker: boolean): Promise<Page> {
    const page = await stage.newPage()
    await page.addInitScript((given) => {
      const pick = async ({ suggestedName }: { suggestedName: string }) =>
        (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
      Object.assign(globalThis, { showSaveFilePicker: given ? pick : undefined })
    }, picker)
    await page.goto(`${stage.url}/app#log`)
    await stage.enter(page)
    await page.getByRole('heading', { level: 1, name: 'Access log' }).waitFor()
    return page
  }
})

describe('webhooks', () => {
  test('are added with a secret that is shown once, tested, redelivered, rotated and removed', async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
    const page = await stage.signIn({ part: 'webhooks' })
    await page.getByLabel('Address').fill(url)
    await page.getByRole('button', { name: 'Add' }).click()
    const first = await page.locator('#secret').innerText()
    expect(first).toMatch(/^whsec_/)
    await page.getByRole('button', { name: 'I have it' }).click()
    expect(await page.content()).not.toContain(first)

    await page.getByRole('button', { name: `Send a test: ${url}` }).click()
    await holds(page.locator('main > .said'), 'A test message is on its way')
    const deliveries = page.locator('section', { has: page.getByRole('heading', { name: 'Deliveries' }) })
    await expect
      .poll(
        async () => {
          await deliveries.getByRole('button', { name: 'Refresh' }).click()
          return deliveries.locator('.rows').first().innerText()
        },
        { timeout: 20_000 },
      )
      .toContain('Delivered')
    expect(received.join()).toContain('webhook.test')

    await page.getByRole('button', { name: `New secret: ${url}` }).click()
    await confirm(page, 'New secret')
    const second = await page.locator('#secret').innerText()
    expect(second).toMatch(/^whsec_/)
    expect(second).not.toBe(first)
    await page.getByText('the old secret signs too until').waitFor()

    await page.getByRole('button', { name: `Remove: ${url}` }).click()
    await confirm(page, 'Remove')
    await page.getByText('No webhooks.').waitFor()
    expect(await stage.keeper.webhooks.list()).toEqual([])
  })

  test('that the server doesn’t call are refused with a sentence', async () => {
    const page = await stage.signIn({ part: 'webhooks' })
    await page.getByLabel('Address').fill('ftp://example.test/')
    await page.getByRole('button', { name: 'Add' }).click()
    await holds(alerts(page), 'The server doesn’t call this address')
  })

  test('whose receiver fails are named among the deliveries, by their state', async () => {
    answer = 410
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/gone`
    const { id } = await stage.keeper.webhooks.create(url)
    await stage.keeper.webhooks.test(id)
    await expect
      .poll(async () => (await stage.keeper.webhooks.deliveries()).deliveries[0]?.attempts, { timeout: 20_000 })
      .toBe(1)
    const page = await stage.signIn({ part: 'webhooks' })
    const state = (await stage.keeper.webhooks.deliveries()).deliveries[0]?.status ?? ''
    await page.locator('#delivery-status').selectOption(state)
    await holds(page.locator('section .rows > li').first(), '410')
    answer = 204
    await stage.keeper.webhooks.delete(id)
  })
})

describe('tokens', () => {
  test('are made within limits, shown once, used, listed and revoked', async () => {
    const page = await stage.signIn({ part: 'tokens' })
    await page.getByLabel('Name', { exact: true }).fill('orders')
    await page.getByRole('checkbox', { name: 'kms:reveal' }).check()
    await page.getByLabel('Only for these named secrets').fill('prod/orders-*, prod/db')
    await page.getByLabel('Networks').fill('127.0.0.0/8')
    await page.getByLabel('Ends').selectOption('in 90 days')
    await page.getByRole('button', { name: 'Make the token' }).click()
    const token = await page.locator('#new-token').innerText()
    await new Halfkey({ baseUrl: stage.url, token }).listSecrets()
    const [made] = (await stage.keeper.tokens.list()).filter(({ name }) => name === 'orders')
    expect(made).toMatchObject({
      scopes: ['secrets:read', 'kms:reveal'],
      handlers: ['prod/orders-*', 'prod/db'],
      ips: ['127.0.0.0/8'],
    })
    expect((made?.expiresAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(89 * 86_400_000)

    await page.getByRole('button', { name: 'I have it' }).click()
    expect(await page.content()).not.toContain(token)
    await page.reload()
    const row = page.locator('.rows > li', { hasText: 'orders' })
    for (const part of ['kms:reveal', 'prod/orders-*', '127.0.0.0/8', 'last used']) await holds(row, part)

    await row.getByRole('button', { name: 'Revoke: orders' }).click()
    await confirm(page, 'Revoke')
    await holds(row, 'Revoked')
    await expect(new Halfkey({ baseUrl: stage.url, token }).listSecrets()).rejects.toMatchObject({
      code: 'AUTHENTICATION_ERROR',
    })
  })

  test.each([
    ['no scope', { scope: false }, 'Choose what it may do.'],
    ['a wrong network', { ips: 'everywhere' }, 'Networks are addresses or CIDR blocks'],
    ['a wrong pattern', { handlers: 'Prod' }, 'A named secret’s name has small letters'],
  ])('with %s are refused with a sentence', async (_, { scope = true, ips = '', handlers = '' }: Wrong, sentence) => {
    const page = await stage.signIn({ part: 'tokens' })
    await page.getByLabel('Name', { exact: true }).fill('wrong')
    if (!scope) await page.getByRole('checkbox', { name: 'secrets:read' }).uncheck()
    await page.getByLabel('Only for these named secrets').fill(handlers)
    await page.getByLabel('Networks').fill(ips)
    await page.getByRole('button', { name: 'Make the token' }).click()
    await holds(alerts(page), sentence)
  })

  test('that a revoked one made are revoked with it if asked, and else counted, and can be revoked then', async () => {
    const clientOf = ({ token }: { token: string }) => new Halfkey({ baseUrl: stage.url, token })
    const thief = await stage.keeper.tokens.create('thief', { scopes: ['secrets:read', 'tokens:admin'] })
    const admin = await clientOf(thief).tokens.create('middle', { scopes: ['secrets:read', 'tokens:admin'] })
    const last = await clientOf(admin).tokens.create('last', { scopes: ['secrets:read'] })
    const works = (token: { token: string }) =>
      clientOf(token)
        .listSecrets()
        .then(
          () => true,
          () => false,
        )
    const page = await stage.signIn({ part: 'tokens' })
    const row = (name: string) =>
      page.locator('.rows > li', { has: page.locator('.name', { hasText: new RegExp(`^${name}$`) }) })
    await holds(row('last'), `by the token middle ${admin.id}`)
    const revoke = (name: string) =>
      row(name)
        .getByRole('button', { name: `Revoke: ${name}` })
        .click()

    await revoke('last')
    await holds(page.getByRole('dialog'), 'Revoke this token?')
    expect(await page.getByRole('dialog').getByRole('checkbox').count()).toBe(0)
    await page.keyboard.press('Escape')

    await revoke('thief')
    await inspect(page, 'own/revoke-token')
    await confirm(page, 'Revoke')
    await holds(page.locator('main > .said'), 'The token is revoked. 2 tokens that it made still work.')
    expect(await Promise.all([thief, admin, last].map(works))).toEqual([false, true, true])
    await inspect(page, 'own/made-still-work')
    await row('thief').getByRole('button', { name: 'Revoke the tokens it made: thief' }).click()
    await confirm(page, 'Revoke the tokens it made')
    await holds(page.locator('main > .said'), 'The token is revoked, and so are 2 tokens that it made.')
    expect(await Promise.all([admin, last].map(works))).toEqual([false, false])
    await expect.poll(() => row('thief').getByRole('button').count()).toBe(0)

    const other = await stage.keeper.tokens.create('other', { scopes: ['secrets:read', 'tokens:admin'] })
    const made = await clientOf(other).tokens.create('made', { scopes: ['secrets:read'] })
    await page.reload()
    await revoke('other')
    await page.getByRole('dialog').getByRole('checkbox', { name: 'Also revoke the tokens that it made' }).check()
    await confirm(page, 'Revoke')
    await holds(page.locator('main > .said'), 'The token is revoked, and so is one token that it made.')
    expect(await works(made)).toBe(false)
  })

  test('say before they take along the one in use here', async () => {
    const scopes = ['secrets:read', 'tokens:admin'] as const
    const maker = await stage.keeper.tokens.create('maker', { scopes: [...scopes] })
    const { token } = await new Halfkey({ baseUrl: stage.url, token: maker.token }).tokens.create('mine too', {
      scopes: [...scopes],
    })
    const page = await stage.signIn({ part: 'tokens', token })
    await page.getByRole('button', { name: 'Revoke: maker' }).click()
    expect(await page.getByRole('dialog').innerText()).not.toContain('signed out')
    await page.getByRole('dialog').getByRole('checkbox').check()
    await holds(page.getByRole('dialog'), 'The token that you use here is one of them')
    await confirm(page, 'Revoke')
    await holds(alerts(page), 'it was revoked or has expired')
  })

  test('that are one’s own sign out when they are revoked, after a warning', async () => {
    const { token } = await stage.keeper.tokens.create('mine', { scopes: ['secrets:read', 'tokens:admin'] })
    const page = await stage.signIn({ part: 'tokens', token })
    await page.locator('.rows > li', { hasText: 'in use here' }).getByRole('button', { name: 'Revoke: mine' }).click()
    await holds(page.getByRole('dialog'), 'You are using it yourself')
    await confirm(page, 'Revoke')
    await holds(alerts(page), 'it was revoked or has expired')
  })
})

interface Wrong {
  scope?: boolean
  ips?: string
  handlers?: string
}
