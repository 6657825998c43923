/** A server that runs, as the built program, for all the tests of a file. */
import { afterAll, beforeAll } from 'vitest'
import type { Call } from './sender.ts'
import { caller, conversation } from './sender.ts'
import type { Home, ServerProcess } from './server.ts'
import { makeHome, startServer } from './server.ts'

export interface Running extends ReturnType<typeof conversation> {
  home: Home
  /** There from the first test on, as everything that needs it. */
  server: () => ServerProcess
  call: Call
  /** The headers of a call with the first admin token. */
  bearer: () => { Authorization: string }
}

export function useServer(settings: Record<string, string> = {}): Running {
  const home = makeHome()
  let server: ServerProcess
  const call: Call = (...request) => caller(server.url)(...request)
  beforeAll(async () => {
    server = await startServer(home, settings)
  })
  afterAll(async () => {
    await server.stop()
    home.remove()
  })
  return {
    home,
    server: () => server,
    call,
    bearer: () => ({ Authorization: `Bearer ${server.token}` }),
    ...conversation(call),
  }
}
