/** Every state of the own page: shot for a reviewer, and without a violation for axe-core. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { inspect } from './inspect.ts'
import { holds } from './stage.ts'
import { openOwnStage, type OwnStage } from './own.ts'

let stage: OwnStage

beforeAll(async () => {
  stage = await openOwnStage({ HALFKEY_FILES: 'on' })
  await fill(stage)
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

/** What a workspace comes to hold. */
async function fill({ keeper, create, client }: OwnStage): Promise<void> {
  for (let i = 1; i <= 25; i++) await keeper.createSecret(`text ${i}`, { description: `Credentials of service ${i}` })
  const viewed = await keeper.createSecret('read', { description: 'For Ann, read', views: 3 })
  await (await client.openLink(viewed.shareUrl)).reveal()
  const burned = await keeper.createSecret('gone', { description: 'Withdrawn' })
  await keeper.deleteSecret(burned.slug)
  await create({}, 'anonymous')
  const db = 'prod/orders/db'
  await keeper.kms.put(db, 'correct horse', {
    name: 'Orders',
    properties: { owner: 'ada', ports: [5432] },
    rotateAfter: 86_400 * 30,
    whitelist: ['127.0.0.0/8', '10.0.0.0/8'],
  })
  await keeper.kms.put(db, 'battery staple')
  await keeper.kms.put('staging/api', 'v', { expiresIn: 86_400 })
  await keeper.webhooks.create(`${stage.url}/hook`)
}

describe('the door', () => {
  test('as it is found, and with a wrong token, a wrong key and no network', async () => {
    const page = await stage.visit()
    await page.locator('#token').waitFor()
    await inspect(page, 'own/sign-in')
    await stage.enter(page, { token: 'nothing' })
    await inspect(page, 'own/token-malformed')
    await stage.enter(page, { token: 'hkt_abc_AAAA' })
    await holds(page.getByRole('alert'), 'The server doesn’t take this token')
    await inspect(page, 'own/token-wrong')
    await stage.enter(page, { key: 'A'.repeat(43) })
    await holds(page.getByRole('alert'), 'another workspace’s key')
    await inspect(page, 'own/key-wrong')
  })
})

test('no JavaScript', async () => {
  const page = await stage.newPage({ javaScriptEnabled: false })
  await page.goto(`${stage.url}/app`)
  expect(await page.locator('main:visible').innerText()).toContain('This page needs JavaScript')
})

describe('each part', () => {
  test.each(['secrets', 'requests', 'named', 'stats', 'log', 'webhooks', 'tokens'])('%s', async (part) => {
    const page = await stage.signIn({ part })
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
    await inspect(page, `own/${part}`)
  })

  test('a secret', async () => {
    const page = await stage.signIn()
    await page.getByRole('link', { name: 'For Ann, read' }).click()
    await page.locator('.events').waitFor()
    await inspect(page, 'own/secret')
    await page.getByRole('button', { name: 'Burn' }).click()
    await inspect(page, 'own/burn')
  })

  test('a named secret', async () => {
    const page = await stage.signIn({ part: 'named' })
    await page.getByRole('link', { name: 'prod/orders/db' }).click()
    await page.locator('.events').waitFor()
    await page.getByRole('button', { name: 'Reveal: Version 2' }).click()
    await page.locator('#revealed').waitFor()
    await page.getByText('Change its configuration').click()
    await inspect(page, 'own/named-secret')
  })
})
