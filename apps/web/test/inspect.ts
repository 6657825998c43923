/** Looks at a page as a reviewer does: every state, in light and dark, on a phone and a desktop. */
import axe, { type AxeResults } from 'axe-core'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

export const screenshots = process.env['HALFKEY_SCREENSHOTS'] ?? path.join(import.meta.dirname, '../screenshots')

const SIZES = { phone: { width: 320, height: 640 }, desktop: { width: 1280, height: 800 } }
const SCHEMES = ['light', 'dark'] as const
/** What axe-core looks at differs by size or by scheme, so that two looks see as much as four. */
const LOOKS = ['phone light', 'desktop dark']

/**
 * Writes the page's screenshots to `FOLDER/NAME-SIZE-SCHEME.png` and expects of each that axe-core finds no violation,
 * and that nothing is wider than the window: 320 px is also a window of 640 px at 200 % (WCAG 2.2, 1.4.10).
 *
 * @param name  of the state, with its page: `open/offer`
 */
export async function inspect(page: Page, name: string): Promise<void> {
  const before = page.viewportSize()
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const file = path.join(screenshots, `${name}-${size}-${colorScheme}.png`)
      mkdirSync(path.dirname(file), { recursive: true })
      await page.screenshot({ path: file, fullPage: true })
      expect({ name, size, overflow: await overflow(page) }).toEqual({ name, size, overflow: 0 })
      if (!LOOKS.includes(`${size} ${colorScheme}`)) continue
      expect({ name, size, colorScheme, violations: await violations(page) }).toMatchObject({ violations: [] })
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  if (before) await page.setViewportSize(before)
}

/** Pixels that must be scrolled sideways. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth))

async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const results = await page.evaluate<AxeResults>('axe.run()')
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  )
}
