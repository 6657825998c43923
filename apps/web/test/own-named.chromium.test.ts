/** The own page's named secrets: put, revealed, rolled back, configured and destroyed. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openOwnStage, type OwnStage } from './own.ts'
import { holds } from './stage.ts'

let stage: OwnStage

beforeAll(async () => {
  stage = await openOwnStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const parts = (page: Page) => ({
  facts: page.locator('.known'),
  dialog: page.getByRole('dialog'),
  said: page.locator('main > .said[role=status]'),
  revealed: page.locator('#revealed'),
  versions: page.locator('section', { has: page.getByRole('heading', { name: 'Versions' }) }).locator('.rows > li'),
  events: page.locator('.events'),
  alert: page.getByRole('alert').filter({ hasText: /./ }),
})

async function open(handler: string): Promise<Page> {
  const page = await stage.signIn({ part: `named/${encodeURIComponent(handler)}` })
  await parts(page).versions.first().waitFor()
  return page
}

describe('the list', () => {
  test('shows handler, name, version and what is due, and finds by the beginning of the handler', async () => {
    await stage.keeper.kms.put('list/db', 'v', { name: 'Orders', rotateAfter: 90 * 86_400 })
    await stage.keeper.kms.put('other/api', 'v')
    const page = await stage.signIn({ part: 'named' })
    const rows = page.locator('.rows > li')
    await holds(rows.filter({ hasText: 'list/db' }), /Orders.*Version 1.*due in 89 days/s)
    await page.getByLabel('Begins with').fill('other/')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: 'list/db' }).waitFor({ state: 'detached' })
    await expect.poll(() => rows.count(), { timeout: 15_000 }).toBe(1)
  })

  test('takes a new one, sealed here, and shows it', async () => {
    const page = await stage.signIn({ part: 'named' })
    await page.getByLabel('Name for programs').fill('new/one')
    await page.getByLabel('Name for people').fill('The new one')
    await page.getByLabel('Value').fill('a new value\nof two lines ')
    await page.getByRole('button', { name: 'Seal and store' }).click()
    await page.getByRole('heading', { level: 1, name: 'new/one' }).waitFor()
    await holds(parts(page).facts, 'The new one')
    expect((await stage.keeper.kms.reveal('new/one')).text).toBe('a new value\nof two lines ')
  })

  test.each([
    ['of a name that can’t be', 'New/One', 'That can’t be a name'],
    ['of a name that is taken', 'list/db', 'There is, or was, a named secret of this name'],
  ])('refuses a new one %s, with a sentence', async (_, handler, sentence) => {
    const page = await stage.signIn({ part: 'named' })
    await page.getByLabel('Name for programs').fill(handler)
    await page.getByLabel('Value').fill('value')
    await page.getByRole('button', { name: 'Seal and store' }).click()
    await holds(parts(page).alert, sentence)
  })
})

describe('a value', () => {
  test('is revealed on a click, hidden on another, and in the log', async () => {
    await stage.keeper.kms.put('reveal/db', 'correct horse')
    const page = await open('reveal/db')
    expect(await page.content()).not.toContain('correct horse')
    const { revealed, events } = parts(page)
    await page.getByRole('button', { name: 'Reveal: Version 1' }).click()
    await holds(revealed, 'correct horse')
    await page.getByRole('button', { name: 'Hide' }).click()
    await revealed.waitFor({ state: 'detached' })
    expect(await page.content()).not.toContain('correct horse')
    await page.getByRole('button', { name: 'Refresh' }).click()
    await holds(events, 'Version revealed')
  })

  test('isn’t shown by what goes back to the page', async () => {
    await stage.keeper.kms.put('back/db', 'correct horse')
    const page = await open('back/db')
    await page.getByRole('button', { name: 'Reveal: Version 1' }).click()
    await parts(page).revealed.waitFor()
    await page.getByRole('link', { name: 'All named secrets' }).click()
    await page.getByRole('link', { name: 'back/db' }).waitFor()
    await page.goBack()
    await parts(page).versions.first().waitFor()
    expect(await page.content()).not.toContain('correct horse')
  })

  test('that the server refuses is refused with a sentence, and the log says why', async () => {
    await stage.keeper.kms.put('refused/db', 'v', { whitelist: ['10.0.0.0/8'] })
    const page = await open('refused/db')
    const { alert, events } = parts(page)
    await page.getByRole('button', { name: 'Reveal: Version 1' }).click()
    await holds(alert, 'The server refused')
    await page.getByRole('button', { name: 'Refresh' }).click()
    await holds(events, 'From a network that isn’t allowed.')
  })

  test('that is no text says so', async () => {
    await stage.keeper.kms.put('binary/db', new Uint8Array([0xff, 0xfe, 0]))
    const page = await open('binary/db')
    await page.getByRole('button', { name: 'Reveal: Version 1' }).click()
    await page.getByText('It isn’t text (3 bytes)').waitFor()
  })
})

describe('versions', () => {
  test('are put, rolled back to and destroyed, each after it is confirmed', async () => {
    await stage.keeper.kms.put('many/db', 'first')
    const page = await open('many/db')
    const { versions, said, dialog } = parts(page)
    await page.getByText('Put a new version').click()
    await page.getByLabel('Value').fill('second')
    await page.getByRole('button', { name: 'Seal and store' }).click()
    await holds(said, 'Stored as version 2.')
    await holds(versions.first(), /Version 2\s*newest/)
    expect((await stage.keeper.kms.reveal('many/db')).text).toBe('second')

    await page.getByRole('button', { name: 'Roll back to it: Version 1' }).click()
    await dialog.getByRole('button', { name: 'Roll back to it' }).click()
    await holds(versions.first(), /Version 3\s*newest/)
    expect((await stage.keeper.kms.reveal('many/db')).text).toBe('first')

    await page.getByRole('button', { name: 'Destroy: Version 2' }).click()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await stage.keeper.kms.reveal('many/db', { version: 2 })).text).toBe('second')
    await page.getByRole('button', { name: 'Destroy: Version 2' }).click()
    await dialog.getByRole('button', { name: 'Destroy' }).click()
    await holds(said, 'The version is destroyed.')
    await holds(versions.nth(1), 'destroyed')
    await expect(stage.keeper.kms.reveal('many/db', { version: 2 })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
  })

  test('are all gone once it is deleted', async () => {
    await stage.keeper.kms.put('deleted/db', 'v')
    const page = await open('deleted/db')
    await page.getByRole('button', { name: 'Delete it' }).click()
    await parts(page).dialog.getByRole('button', { name: 'Delete it' }).click()
    await page.getByRole('heading', { level: 1, name: 'Named secrets' }).waitFor()
    await expect(stage.keeper.kms.get('deleted/db')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('the configuration', () => {
  test('is changed, and what isn’t changed stays, properties that are no text included', async () => {
    await stage.keeper.kms.put('config/db', 'v', { name: 'Before', properties: { owner: 'ada', ports: [5432] } })
    const page = await open('config/db')
    await page.getByText('Change its configuration').click()
    await page.getByLabel('Name', { exact: true }).fill('After')
    await page.getByLabel('Properties').fill('owner=grace\nports=[5432]')
    await page.getByLabel('Networks').fill('127.0.0.0/8, 2001:db8::/32')
    await page.getByLabel('Rotation due').selectOption('every 90 days')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await holds(parts(page).said, 'The changes are saved.')
    expect(await stage.keeper.kms.get('config/db')).toMatchObject({
      name: 'After',
      properties: { owner: 'grace', ports: [5432] },
      whitelist: ['127.0.0.0/8', '2001:db8::/32'],
      rotateAfter: 90 * 86_400,
      expiresAt: null,
    })
    await holds(parts(page).facts, /owner\s*grace/)
  })

  test('is refused with a sentence where it can’t be', async () => {
    await stage.keeper.kms.put('refusing/db', 'v')
    const page = await open('refusing/db')
    await page.getByText('Change its configuration').click()
    await page.getByLabel('Properties').fill('no equals sign')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await holds(parts(page).alert, 'Each line takes a name')
    await page.getByLabel('Properties').fill('')
    await page.getByLabel('Networks').fill('nowhere')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await holds(parts(page).alert, 'Networks are addresses or CIDR blocks')
  })
})

test('without the workspace key a named secret can be looked at and destroyed, not revealed', async () => {
  await stage.keeper.kms.put('sealed/db', 'v', { name: 'Sealed name' })
  const page = await stage.signIn({ part: 'named/sealed%2Fdb', key: '' })
  await parts(page).versions.first().waitFor()
  expect(await page.getByRole('button', { name: /^Reveal/ }).count()).toBe(0)
  expect(await page.content()).not.toContain('Sealed name')
  await page.getByRole('button', { name: 'Destroy: Version 1' }).waitFor()
})
