/** Looks at a page as a reviewer does: every state, in light and dark, on a phone and a desktop. */
import axe, { type AxeResults } from 'axe-core'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** The folder for screenshots, which are taken only if it is given. */
export const screenshots = process.env['HALFKEY_SCREENSHOTS']

const SIZES = { phone: { width: 320, height: 640 }, desktop: { width: 1280, height: 800 } }

interface Look {
  size: keyof typeof SIZES
  scheme: 'light' | 'dark'
}

/** What axe-core finds depends on size or on scheme, so that the first two see as much as all four. */
const LOOKS: Look[] = [
  { size: 'phone', scheme: 'light' },
  { size: 'desktop', scheme: 'dark' },
  { size: 'phone', scheme: 'dark' },
  { size: 'desktop', scheme: 'light' },
]

/**
 * Expects that nothing is wider than the window, on a phone and on a desktop, and that axe-core finds no violation: 320 px
 * is also a window of 640 px at 200 % (WCAG 2.2, 1.4.10). Writes a screenshot of each look to
 * `FOLDER/NAME-SIZE-SCHEME.png` if HALFKEY_SCREENSHOTS names the folder.
 *
 * @param name  of the state, with its page: `open/offer`
 */
export const inspect = (page: Page, name: string): Promise<void> => look(page, name, screenshots ? 4 : 2, 2)

/** `inspect` with axe-core at one look, for what has been inspected in another language: colours are the same. */
export const glance = (page: Page, name: string): Promise<void> => look(page, name, 2, 1)

async function look(page: Page, name: string, looks: number, withAxe: number): Promise<void> {
  const before = page.viewportSize()
  for (const [index, { size, scheme }] of LOOKS.slice(0, looks).entries()) {
    await page.setViewportSize(SIZES[size])
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    if (screenshots) {
      const file = path.join(screenshots, `${name}-${size}-${scheme}.png`)
      mkdirSync(path.dirname(file), { recursive: true })
      await page.screenshot({ path: file, fullPage: true })
    }
    expect({ name, size, overflow: await overflow(page) }).toEqual({ name, size, overflow: 0 })
    expect({ name, exposed: await exposed(page) }).toEqual({ name, exposed: [] })
    expect({ name, unstyled: await unstyled(page) }).toEqual({ name, unstyled: [] })
    if (index < withAxe)
      expect({ name, size, scheme, violations: await violations(page) }).toMatchObject({ violations: [] })
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  if (before) await page.setViewportSize(before)
}

/** Pixels that must be scrolled sideways. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth))

/**
 * What a translator or a checker of what is typed would send elsewhere, or change: fields that don't refuse both, and
 * texts of people and machines (which have a direction of their own) that may be translated.
 */
const exposed = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const fields = 'textarea, input:not([type=checkbox], [type=radio], [type=number], [type=date], [type=file])'
    const refused = { spellcheck: 'false', autocorrect: 'off', 'data-gramm': 'false' }
    const isOpen = (field: Element): boolean =>
      Object.entries(refused).some(([name, value]) => field.getAttribute(name) !== value) ||
      !['none', 'characters'].includes(field.getAttribute('autocapitalize') ?? '')
    const texts = 'pre, code, bdi, main [dir]:not(input, textarea)'
    return [
      ...[...document.querySelectorAll(fields)].filter(isOpen),
      ...[...document.querySelectorAll<HTMLElement>(texts)].filter((text) => text.translate),
    ].map(({ outerHTML }) => outerHTML.slice(0, 200))
  })

/** Variants that look as their component does, and what only tests look for. */
const UNSTYLED = ['broken', 'compose', 'done', 'fresh', 'lock', 'note', 'open', 'plain', 'text']

/** Other classes that no rule of the page's style sheets knows, as of a component whose styles the page doesn't load. */
const unstyled = (page: Page): Promise<string[]> =>
  page.evaluate((known) => {
    const rules = [...document.styleSheets].flatMap(({ cssRules }) => [...cssRules].map(({ cssText }) => cssText))
    const used = [...document.querySelectorAll('[class]')].flatMap(({ classList }) => [...classList])
    const isKnown = (name: string): boolean => new RegExp(`\\.${CSS.escape(name)}(?![\\w-])`).test(rules.join('\n'))
    return [...new Set(used)].filter((name) => !known.includes(name) && !isKnown(name))
  }, UNSTYLED)

async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const results = await page.evaluate<AxeResults>('axe.run()')
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  )
}
