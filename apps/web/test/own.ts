/** A workspace with its key, and its owner's page. */
import { Halfkey } from '@halfkey/sdk'
import { randomBytes } from 'node:crypto'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { openStage, type Stage } from './stage.ts'

export interface OwnStage extends Stage {
  /** b64 of 32 bytes. */
  workspaceKey: string
  /** With token and workspace key. */
  keeper: Halfkey
  /** A page at /app on which nobody has signed in. */
  visit: (options?: BrowserContextOptions) => Promise<Page>
  /** Enters token and key on the page that is there. */
  enter: (page: Page, entry?: Entry) => Promise<void>
  /** A page on which the owner has signed in. */
  signIn: (entry?: Entry & { part?: string }) => Promise<Page>
}

interface Entry {
  token?: string
  key?: string
  keep?: boolean
}

/** `withKey`: the workspace knows its check value. */
export async function openOwnStage(settings: Record<string, string> = {}, withKey = true): Promise<OwnStage> {
  const stage = await openStage({ HALFKEY_WEBHOOKS_PRIVATE: 'allow', ...settings })
  const { url, token } = stage
  const workspaceKey = randomBytes(32).toString('base64url')
  const keeper = new Halfkey({ baseUrl: url, token, workspaceKey })
  if (withKey) await keeper.setWorkspaceCheck()

  const visit = async (options?: BrowserContextOptions): Promise<Page> => {
    const page = await stage.newPage(options)
    await page.goto(`${url}/app`)
    return page
  }
  const enter = async (page: Page, entry: Entry = {}): Promise<void> => {
    await page.locator('#token').fill(entry.token ?? token)
    await page.locator('#workspace-key').fill(entry.key ?? workspaceKey)
    if (entry.keep) await page.getByRole('checkbox').check()
    await page.locator('button.primary').click()
  }
  return {
    ...stage,
    workspaceKey,
    keeper,
    visit,
    enter,
    async signIn({ part = 'secrets', ...entry } = {}) {
      const page = await stage.newPage()
      await page.goto(`${url}/app#${part}`)
      await enter(page, entry)
      await page.getByRole('navigation').waitFor()
      return page
    },
  }
}
