import type { BrowserContextOptions, Page } from 'playwright-core'
import type { Stage } from './stage.ts'

/** The parts of the send page, as its sender finds them. */
export const sendParts = (page: Page) => ({
  title: page.getByRole('heading', { level: 1 }),
  text: page.getByLabel('Text', { exact: true }),
  attach: page.getByRole('button', { name: 'Attach files' }),
  files: page.locator('.files'),
  filesError: page.locator('#files-error'),
  expiry: page.getByLabel('Expires in'),
  views: page.getByLabel('Opens'),
  password: page.getByLabel('Password', { exact: true }),
  generate: page.getByRole('button', { name: 'Generate a password' }),
  strength: page.locator('#strength'),
  more: page.getByText('More options'),
  share: page.getByRole('button', { name: 'Create the link' }),
  cancel: page.getByRole('button', { name: 'Cancel' }),
  progress: page.getByRole('progressbar'),
  refusal: page.locator('.alert.bad'),
  status: page.locator('#status'),
  link: page.locator('#link'),
  copy: page.getByRole('button', { name: 'Copy the link' }),
  another: page.getByRole('button', { name: 'Share another' }),
  destroy: page.getByRole('button', { name: 'Destroy it now' }),
})

export type SendParts = ReturnType<typeof sendParts>

/** A new window at the page. */
export async function visitSend(stage: Stage, options?: BrowserContextOptions): Promise<SendParts & { page: Page }> {
  const page = await stage.newPage(options)
  await page.goto(stage.url)
  await page.locator('textarea').waitFor()
  return { page, ...sendParts(page) }
}

/** Of what the page shared. */
export const slugOf = (link: string): string => new URL(link).pathname.slice(1)
