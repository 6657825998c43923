/** The command beside a server that runs, for all the tests of a file. */
import { afterAll, beforeAll } from 'vitest'
import type { ServerProcess } from '../../../apps/api/test/support/server.ts'
import { makeHome, startServer } from '../../../apps/api/test/support/server.ts'
import type { Halfkey } from './halfkey.ts'
import { makeHalfkey } from './halfkey.ts'

export interface RunningHalfkey {
  halfkey: Halfkey
  /** There from the first test on. */
  server: () => ServerProcess
  /** The server's data directory. */
  data: () => string
}

export function useHalfkey(settings: Record<string, string> = {}): RunningHalfkey {
  const home = makeHome()
  const halfkey = makeHalfkey()
  let server: ServerProcess
  beforeAll(async () => {
    server = await startServer(home, { HALFKEY_LOG: 'off', ...settings })
    halfkey.env['HALFKEY_URL'] = server.url
  })
  afterAll(async () => {
    await server.stop()
    halfkey.remove()
    home.remove()
  })
  return { halfkey, server: () => server, data: () => home.data }
}
