/** A bridge that listens, before a real API in this process, for clients that need an address. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type { TestApp } from '../../../../apps/api/test/support/app.ts'
import { openApp } from '../../../../apps/api/test/support/app.ts'
import { serveBridge, type RunningBridge } from '../../src/serve.ts'
import type { BridgeSettings } from '../../src/settings.ts'
import { apiToken, user } from './bridge.ts'

export interface Served {
  app: () => TestApp
  /** Of the bridge, without a trailing slash. */
  address: () => string
  warnings: string[]
  problems: string[]
}

export function useServedBridge(change: () => Partial<BridgeSettings> = () => ({})): Served {
  let app: TestApp
  let bridge: RunningBridge
  const warnings: string[] = []
  const problems: string[] = []
  beforeAll(async () => {
    app = await openApp()
    const settings: BridgeSettings = {
      server: 'https://halfkey.test',
      workspaceKey: randomBytes(32).toString('base64url'),
      accounts: [{ user, apiToken, token: app.token }],
      listen: '127.0.0.1:0',
      ...change(),
    }
    bridge = await serveBridge(settings, {
      fetch: (input, init) => app.fetch(new Request(input, init)),
      now: () => app.clock.now(),
      warn: (warning) => warnings.push(warning),
      log: (problem) => problems.push(problem),
    })
  })
  afterAll(async () => {
    await bridge.stop()
    await app.close()
  })
  return { app: () => app, address: () => bridge.address, warnings, problems }
}
