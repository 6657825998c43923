/** The app in this process, a fresh one for every test of a file, with what such tests ask and expect of it. */
import type { WireEvent, WireSuccess } from '@halfkey/sdk'
import { afterEach, beforeEach, expect } from 'vitest'
import type { TestApp } from './app.ts'
import { openApp } from './app.ts'
import { readDatabase, slugsWithContent } from './database.ts'
import type { Call, Reply, Sealed, SealOptions } from './sender.ts'
import { conversation, seal } from './sender.ts'

export interface RunningApp extends ReturnType<typeof conversation> {
  app: () => TestApp
  call: Call
  /** The headers of a call with an admin token. */
  bearer: () => { Authorization: string }
  /** Milliseconds since the epoch, by the app's clock. */
  now: () => number
  /** Turns the clock, by milliseconds. */
  later: (ms: number) => void
  /** Creates a secret without a token. */
  given: (fields?: Record<string, unknown>, options?: SealOptions) => Promise<Sealed>
  /** Creates a secret with the admin token. */
  own: (fields?: Record<string, unknown>, options?: SealOptions) => Promise<Sealed>
  /** Whether anything of the content is still stored. */
  isKept: (sealed: Sealed) => boolean
  /** The events, as `type` or `type reason`. */
  historyOf: (sealed: Sealed) => Promise<string[]>
}

export function useApp(settings: Record<string, string> = {}): RunningApp {
  let app: TestApp
  beforeEach(async () => {
    app = await openApp(settings)
  })
  afterEach(() => app.close())
  const call: Call = (...request) => app.call(...request)
  const talk = conversation(call)
  const bearer = () => ({ Authorization: `Bearer ${app.token}` })
  const make = async (fields = {}, options: SealOptions = {}, headers: Record<string, string> = {}) => {
    const sealed = seal({ ...options, fields })
    expect((await talk.create(sealed, headers)).status).toBe(201)
    return sealed
  }
  return {
    ...talk,
    app: () => app,
    call,
    bearer,
    now: () => app.clock.now(),
    later: (ms) => app.clock.advance(ms),
    given: (fields, options) => make(fields, options),
    own: (fields, options) => make(fields, options, bearer()),
    isKept: ({ slug }) => readDatabase(app.home.data, slugsWithContent).includes(slug),
    async historyOf(sealed) {
      const { data } = (await talk.events(sealed)).body as WireSuccess<WireEvent[]>
      return data.map(({ type, reason }) => (reason === null ? type : `${type} ${reason}`))
    },
  }
}

export const iso = (at: number): string => new Date(at).toISOString()

/** A note or metadata, sealed: random bytes of a right length. */
export const sealedText = (): string => seal({ size: 300 }).body.envelope.ciphertext

/** What a failed reply holds. */
export const refused = (status: number, code: string, details?: Record<string, unknown>) => ({
  status,
  body: { success: false, error: { code, ...(details && { details }) } },
})

export const gone = (cause: string, at: number) => refused(410, 'GONE', { cause, at: iso(at) })

export function expectOpened({ status, body }: Reply, sealed: Sealed): void {
  const opened = { key_a: sealed.keyA, envelope: sealed.body.envelope }
  expect({ status, body }).toMatchObject({ status: 200, body: { success: true, data: opened } })
  expect(Object.keys(body.data as object).sort()).toEqual(['envelope', 'grant', 'key_a'])
}
