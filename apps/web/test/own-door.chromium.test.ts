/** The own page's door: what it takes, what it keeps and what it forgets. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openOwnStage, type OwnStage } from './own.ts'
import { record } from './recorder.ts'
import { holds } from './stage.ts'

let stage: OwnStage

beforeAll(async () => {
  stage = await openOwnStage()
  await stage.keeper.createSecret('the text', { description: 'for the accountant' })
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const door = (page: Page) => ({
  tokenError: page.locator('#token-error'),
  keyError: page.locator('#workspace-key-error'),
  refusal: page.getByRole('alert').filter({ hasText: /./ }),
  status: page.getByRole('status'),
  enter: page.getByRole('button', { name: 'Enter' }),
  forget: page.getByRole('button', { name: 'Forget both' }),
  list: page.getByRole('link', { name: 'for the accountant' }),
})

/** What `readStorage` finds where nothing is kept: a database that is empty. */
const NOTHING = '[[],[],"",[]]'

/** Everything that scripts of the page's origin can read of what is kept. */
const readStorage = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const databases = await indexedDB.databases()
    const found: unknown[] = [Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]
    for (const { name = '' } of databases) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => resolve(opening.result)
      })
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store).getAll()
        await new Promise((resolve) => (all.onsuccess = resolve))
        found.push(all.result)
      }
      database.close()
    }
    const show = (_: string, value: unknown): unknown => {
      if (value instanceof CryptoKey) return { extractable: value.extractable, algorithm: value.algorithm }
      return value instanceof Uint8Array ? String.fromCharCode(...value) : value
    }
    return JSON.stringify(found, show)
  })

describe('a wrong entry is named, and nothing is kept', () => {
  test.each([
    ['a token of another form', { token: 'secret' }, 'tokenError', 'That isn’t a token'],
    ['a token cut short', { token: 'hkt_abc' }, 'tokenError', 'That isn’t a token'],
    ['an unknown token', { token: `hkt_abc_${'A'.repeat(43)}` }, 'tokenError', 'doesn’t take this token'],
    ['a key cut short', { key: 'A'.repeat(42) }, 'keyError', 'That isn’t a workspace key'],
    ['another workspace’s key', { key: 'A'.repeat(43) }, 'keyError', 'another workspace’s key'],
  ] as const)('%s', async (_, entry, field, sentence) => {
    const page = await stage.visit()
    await stage.enter(page, { keep: true, ...entry })
    await holds(door(page)[field], sentence)
    expect(await readStorage(page)).toBe(NOTHING)
    await page.reload()
    await door(page).enter.waitFor()
  })

  test('white space around both is forgiven', async () => {
    const page = await stage.visit()
    await stage.enter(page, { token: ` ${stage.token}\t`, key: ` ${stage.workspaceKey} ` })
    await door(page).list.waitFor()
  })
})

describe('without a network', () => {
  test('the door says so, and the next click opens it', async () => {
    const page = await stage.visit()
    await page.context().setOffline(true)
    await stage.enter(page)
    await holds(door(page).refusal, 'You are offline.')
    await page.context().setOffline(false)
    await door(page).enter.click()
    await door(page).list.waitFor()
  })

  test('what was kept stays, and is tried again once there is one', async () => {
    const page = await stage.signIn({ keep: true })
    await page.route('**/api/v1/workspace', (route) => route.abort())
    await page.reload()
    await holds(door(page).refusal, 'No reply from the server.')
    await page.unroute('**/api/v1/workspace')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await door(page).list.waitFor()
  })

  test('what was kept stays when the server fails at once, and is tried again', async () => {
    const page = await stage.signIn({ keep: true })
    const serverError = { success: false, error: { code: 'SERVER_ERROR', message: 'broken' } }
    await page.route('**/api/v1/workspace', (route) => route.fulfill({ status: 500, json: serverError }))
    await page.reload()
    await holds(door(page).refusal, 'The server failed.')
    await page.unroute('**/api/v1/workspace')
    await page.getByRole('button', { name: 'Try again' }).click()
    await door(page).list.waitFor()
  })

  test('a list says so, and comes by itself once there is one', async () => {
    const page = await stage.signIn()
    await door(page).list.waitFor()
    await page.context().setOffline(true)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await holds(door(page).refusal, 'You are offline.')
    await page.context().setOffline(false)
    await door(page).refusal.waitFor({ state: 'detached' })
    await door(page).list.waitFor()
  })
})

describe('kept for the tab', () => {
  test('both outlive a reload, and no other tab has them', async () => {
    const page = await stage.signIn({ part: 'tokens' })
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Tokens' }).waitFor()
    const other = await page.context().newPage()
    await other.goto(`${stage.url}/app`)
    await door(other).enter.waitFor()
  })

  test('neither can be read out of any storage', async () => {
    const page = await stage.signIn()
    await door(page).list.waitFor()
    const kept = await readStorage(page)
    expect(kept).toContain('halfkey:own')
    expect(kept).not.toContain('"extractable":true')
    for (const secret of secretsOf(stage)) expect(kept).not.toContain(secret)
  })

  test('«forget» removes both', async () => {
    const page = await stage.signIn()
    await door(page).forget.click()
    await holds(door(page).status, 'Forgotten')
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
    await page.reload()
    await door(page).enter.waitFor()
  })
})

describe('kept in the browser', () => {
  test('both are there in another tab, and descriptions open', async () => {
    const page = await stage.signIn({ keep: true })
    await door(page).list.waitFor()
    const other = await page.context().newPage()
    await other.goto(`${stage.url}/app`)
    await door(other).list.waitFor()
  })

  test('neither can be read out of any storage: both keys are non-extractable', async () => {
    const page = await stage.signIn({ keep: true })
    await door(page).list.waitFor()
    const kept = await readStorage(page)
    expect(kept.match(/"extractable":false/g)).toHaveLength(2)
    expect(kept).toContain('"name":"HKDF"')
    expect(kept).not.toContain('"extractable":true')
    for (const secret of secretsOf(stage)) expect(kept).not.toContain(secret)
  })

  test('«forget» removes both, and signs out the other tabs', async () => {
    const page = await stage.signIn({ keep: true })
    const other = await page.context().newPage()
    await other.goto(`${stage.url}/app`)
    await door(other).list.waitFor()
    await door(page).forget.click()
    await holds(door(page).status, 'Forgotten')
    await holds(door(other).status, 'Forgotten')
    expect(await readStorage(page)).toBe(NOTHING)
    await other.reload()
    await door(other).enter.waitFor()
  })
})

describe('a token that is revoked', () => {
  const makeToken = async (): Promise<{ id: string; token: string }> =>
    stage.keeper.tokens.create('short-lived', { scopes: ['secrets:read'] })

  test('signs out with a sentence at the next click, and forgets both', async () => {
    const { id, token } = await makeToken()
    const page = await stage.signIn({ token, keep: true })
    await door(page).list.waitFor()
    await stage.keeper.tokens.revoke(id)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await holds(door(page).refusal, 'it was revoked or has expired')
    expect(await readStorage(page)).toBe(NOTHING)
  })

  test('isn’t taken up again by a reload', async () => {
    const { id, token } = await makeToken()
    const page = await stage.signIn({ token })
    await door(page).list.waitFor()
    await stage.keeper.tokens.revoke(id)
    await page.reload()
    await holds(door(page).refusal, 'it was revoked or has expired')
  })
})

describe('a token of few scopes', () => {
  test('names the scope that a part lacks, and opens the others', async () => {
    const { token } = await stage.keeper.tokens.create('reader', { scopes: ['secrets:read'] })
    const page = await stage.signIn({ token, part: 'tokens' })
    await holds(door(page).refusal, 'lacks the scope tokens:admin')
    await page.getByRole('link', { name: 'Statistics' }).click()
    await page.getByText('secrets in all').waitFor()
    await page.getByRole('link', { name: 'Secrets', exact: true }).click()
    await door(page).list.waitFor()
  })

  test('that may not read the workspace enters, and the page says that the key can’t be checked', async () => {
    const { token } = await stage.keeper.tokens.create('auditor', { scopes: ['audit:read'] })
    const page = await stage.signIn({ token, part: 'log' })
    await page.getByText('whether the key is the right one can’t be told').waitFor()
    await page.locator('.chip', { hasText: 'Made' }).first().waitFor()
  })
})

test('without the workspace key the list shows slugs, and says why', async () => {
  const page = await stage.signIn({ key: '' })
  await page.getByText('descriptions and named secrets stay sealed').waitFor()
  const [secret] = (await stage.keeper.listSecrets()).secrets
  await page.getByRole('link', { name: secret?.slug ?? '' }).waitFor()
  expect(await page.content()).not.toContain('for the accountant')
})

test('a workspace without a key takes the owner’s, once', async () => {
  const fresh = await openOwnStage({}, false)
  const page = await fresh.signIn()
  await page.getByRole('button', { name: 'Make mine its key' }).click()
  await page.getByText('It is the workspace’s key now.').waitFor()
  expect((await fresh.keeper.getWorkspace()).workspaceCheck).toBe(await fresh.keeper.workspaceCheck())
  await fresh.close()
})

test('neither token nor key stands in an address, the history, the console or what is sent elsewhere', async () => {
  const proxy = await record(new URL(stage.url))
  const page = await stage.newPage()
  const heard: string[] = []
  page.on('console', (message) => heard.push(message.text()))
  page.on('request', (request) => heard.push(request.url(), request.headers()['referer'] ?? ''))
  page.on('framenavigated', (frame) => heard.push(frame.url()))
  await page.goto(`${proxy.url}/app`)
  await stage.enter(page, { keep: true })
  await door(page).list.click()
  await page.getByText('What happened').waitFor()
  for (const part of ['Named secrets', 'Statistics', 'Access log', 'Webhooks', 'Tokens']) {
    await page.getByRole('link', { name: part, exact: true }).click()
    await page.getByRole('heading', { level: 1, name: part }).waitFor()
  }
  heard.push(await page.evaluate(() => `${location.href} ${JSON.stringify(history.state)} ${document.title}`))
  const all = heard.join('\n')
  for (const secret of secretsOf(stage)) expect(all).not.toContain(secret)
  expect(heard.filter((text) => text.startsWith('http')).every((url) => url.startsWith(proxy.url))).toBe(true)

  const sent = proxy.sent()
  expect(sent).not.toContain(stage.workspaceKey)
  expect(sent).not.toContain('for the accountant')
  const lines = sent.split('\r\n').filter((line) => line.includes(stage.token))
  expect(new Set(lines)).toEqual(new Set([`Authorization: Bearer ${stage.token}`]))
  await proxy.close()
})

/** The token, its secret part, and the workspace key in the shapes that a careless page would keep it in. */
function secretsOf({ token, workspaceKey }: OwnStage): string[] {
  const bytes = Buffer.from(workspaceKey, 'base64url')
  return [token, token.split('_').at(-1) ?? '', workspaceKey, bytes.toString('base64'), bytes.toString('hex')]
}
