import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openAsk, openCollect, parseLink } from '@halfkey/sdk'
import type { Page } from 'playwright-core'
import { findLeaks } from '../../../packages/sdk/test/leaks.ts'
import { record } from './recorder.ts'
import { holds, openStage, parts, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(() => stage.clear())

/** What a robot does that runs scripts. */
const clickByScript = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const element of document.querySelectorAll('*')) {
      if (element instanceof HTMLElement) element.click()
      for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']) {
        element.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }))
      }
      element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
      if (element instanceof HTMLFormElement) {
        element.requestSubmit()
        element.submit()
      }
    }
  })

describe('whoever is no person spends nothing', () => {
  test('GET and HEAD, as link previews send them, with the fragment or without', async () => {
    const secret = await stage.create()
    const links = [secret.shareUrl, secret.shareUrl.replace('#', '%23')]
    for (const link of links) {
      for (const method of ['GET', 'HEAD']) expect((await fetch(link, { method })).status).toBe(200)
    }
    expect(await stage.ask(secret)).toEqual({ views: 0, status: 'active', events: ['created'] })
  })

  test('a robot that runs scripts, clicks and submits by them', async () => {
    const secret = await stage.create()
    const page = await (await stage.browser.newContext()).newPage()
    const reveals: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/reveal')) reveals.push(request.url())
    })
    await page.goto(secret.shareUrl)
    await parts(page).show.waitFor()
    await clickByScript(page)
    await page.waitForLoadState('networkidle')
    expect(reveals).toEqual([])
    expect(await stage.ask(secret)).toEqual({ views: 0, status: 'active', events: ['created'] })
  })
})

test('a robot on the page that collects opens no answer, and doesn’t withdraw the request', async () => {
  const { askUrl, collectUrl, slug } = await stage.owner.createRequest({ answers: 2 })
  await (await openAsk(askUrl)).answer('an answer')
  const page = await (await stage.browser.newContext()).newPage()
  const calls: string[] = []
  await page.goto(collectUrl)
  await page.getByRole('button', { name: 'Open answer 1' }).waitFor()
  page.on('request', (request) => calls.push(request.method()))
  await clickByScript(page)
  await page.waitForLoadState('networkidle')
  expect(calls.filter((method) => method !== 'GET')).toEqual([])
  const [answer] = await (await openCollect(collectUrl)).answers()
  expect([answer?.collectedAt, (await stage.owner.getRequest(slug)).status]).toEqual([null, 'open'])
})

describe('whoever fills in forms by script', () => {
  test('can’t submit them, with a password or without', async () => {
    const secret = await stage.create({ password: 'known to the robot' })
    const page = await stage.newPage()
    const posts: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(new URL(request.url()).pathname.split('/').at(-1) ?? '')
    })
    await page.goto(secret.shareUrl)
    await parts(page).password.waitFor()
    await page.evaluate(() => {
      for (const input of document.querySelectorAll('input')) {
        input.value = 'known to the robot'
        input.dispatchEvent(new Event('input', { bubbles: true }))
      }
      for (const form of document.forms) {
        form.requestSubmit()
        form.submit()
        form.method = 'POST'
        form.submit()
      }
    })
    await page.waitForLoadState('networkidle')
    expect(posts).toEqual(['status'])
    expect(await stage.ask(secret)).toEqual({ views: 0, status: 'active', events: ['created'] })
    // Chromium says that the policy forbade the form's own submission.
    for (const problem of stage.problems.splice(0)) expect(problem).toContain('form-action')
  })
})

describe('what the page sends', () => {
  test('never holds the fragment, the password, the note or the text, and goes to the link’s own server alone', async () => {
    const needles = { text: 'the content of it', note: 'the message before', password: 'sesame, open' }
    const secret = await stage.create({ message: needles.note, password: needles.password }, needles.text)
    const { keyB } = await parseLink(secret.shareUrl)
    const fragment = secret.shareUrl.split('#')[1] ?? ''
    const recorder = await record(new URL(stage.url))
    const page = await stage.newPage()
    const origins = new Set<string>()
    page.on('request', (request) => origins.add(new URL(request.url()).origin))

    await page.goto(secret.shareUrl.replace(stage.url, recorder.url))
    const { password, show, text, finish, title } = parts(page)
    await password.fill(needles.password)
    await show.click()
    await text.waitFor()
    await page.reload()
    await show.click()
    await password.fill(needles.password)
    await show.click()
    await holds(text, needles.text)
    await finish.click()
    await holds(title, 'Read by you, destroyed')
    await recorder.close()

    const sent = recorder.sent()
    expect(sent).toContain('/ack')
    expect(findLeaks(sent, { ...needles, keyB, fragment, digits: fragment.slice(1) })).toEqual([])
    expect([...origins]).toEqual([recorder.url])
    expect(stage.problems.splice(0)).toEqual([])
  })
})

describe('the page itself', () => {
  test.each(['', 'ask/', 'collect/', 'status/'])(
    'is the same bytes and headers for every slug: /%s',
    async (folder) => {
      const secret = await stage.create()
      const variants = [secret.slug, '1111111111111', 'nothing', `${secret.slug}%2311111`].map((slug) => folder + slug)
      const replies = await Promise.all(
        variants.map(async (path) => {
          const response = await fetch(`${stage.url}/${path}`)
          const { date, ...headers } = Object.fromEntries(response.headers)
          expect(date).toBeDefined()
          return { headers, body: await response.text() }
        }),
      )
      for (const reply of replies) expect(reply).toEqual(replies[0])
    },
  )

  test('may load and run nothing but its own files, no inline script or style, and tells no referrer', async () => {
    for (const path of ['/', '/request', '/slug', '/ask/slug', '/collect/slug', '/status/slug']) {
      const response = await fetch(stage.url + path)
      const policy = response.headers.get('Content-Security-Policy')
      expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/)
      expect(policy).toMatch(/connect-src 'self'.*require-trusted-types-for 'script'/)
      expect(response.headers.get('Referrer-Policy')).toBe('no-referrer')
      expect(await response.text()).not.toMatch(
        /<script(?! type="module" async crossorigin src=)|<style|\sstyle=|\son\w+=|https:/,
      )
    }
  })
})
