import { describe, expect, test } from 'vitest'
import { expectOpened, gone, refused, useApp } from './support/running-app.ts'
import type { Sealed } from './support/sender.ts'
import { newId } from './support/sender.ts'

const minute = 60_000
const { app, now, later, given, isKept, historyOf, status, reveal, details, burn, patch } = useApp()

describe('expiry', () => {
  test('ends a secret exactly at its moment, whether or not the sweeper has been there', async () => {
    const sealed = await given({ maximum_views: null, expires_in: 60 })
    const expiry = now() + minute
    later(minute - 1)
    expectOpened(await reveal(sealed), sealed)
    later(1)
    for (const sweep of [false, true]) {
      if (sweep) await app().sweep()
      later(5)
      expect(await reveal(sealed)).toMatchObject(gone('expired', expiry))
      expect(await status(sealed, {})).toMatchObject(gone('expired', expiry))
      expect((await details(sealed)).body.data).toMatchObject({ status: 'expired', is_expired: true })
    }
  })
})

describe('a burn', () => {
  test('waits for no reader', async () => {
    const sealed = await given({ maximum_views: 2 })
    const id = newId()
    await reveal(sealed, id)
    later(minute)
    await burn(sealed)
    expect(isKept(sealed)).toBe(false)
    expect(await reveal(sealed, id)).toMatchObject(gone('burned', now()))
    expect(await status(sealed, {})).toMatchObject(gone('burned', now()))
  })

  test('of a viewed secret takes it from its last reader too, and leaves the cause', async () => {
    const sealed = await given()
    const id = newId()
    const at = now()
    await reveal(sealed, id)
    later(minute)
    await burn(sealed)
    expect(isKept(sealed)).toBe(false)
    expect(await reveal(sealed, id)).toMatchObject(gone('viewed', at))
  })
})

describe('a password', () => {
  const wrong = (sealed: Sealed) => ({ password_proof: sealed.access })

  test('missing is asked for, wrong is counted, right opens; no view is spent before', async () => {
    const sealed = await given({ max_attempts: 3 }, { password: true })
    expect(await reveal(sealed)).toMatchObject(refused(403, 'PASSWORD_REQUIRED', { attempts_left: 3 }))
    expect(await reveal(sealed, newId(), wrong(sealed))).toMatchObject(
      refused(403, 'PASSWORD_WRONG', { attempts_left: 2 }),
    )
    expect(await reveal(sealed)).toMatchObject(refused(403, 'PASSWORD_REQUIRED', { attempts_left: 2 }))
    expect((await status(sealed, {})).body.data).toMatchObject({ views_left: 1, attempts_left: 2 })
    expectOpened(await reveal(sealed, newId(), { password_proof: sealed.passwordProof }), sealed)
    const denied = ['denied PASSWORD_REQUIRED', 'denied PASSWORD_WRONG', 'denied PASSWORD_REQUIRED']
    expect(await historyOf(sealed)).toEqual(['created', ...denied, 'opened'])
  })

  test('a proof for a secret that has none changes nothing', async () => {
    const sealed = await given()
    expectOpened(await reveal(sealed, newId(), wrong(sealed)), sealed)
  })

  test('at the limit the secret is locked for everybody, until its owner unlocks it with all attempts anew', async () => {
    const sealed = await given({ max_attempts: 2 }, { password: true })
    const right = { password_proof: sealed.passwordProof }
    for (const attempts_left of [1, 0])
      expect(await reveal(sealed, newId(), wrong(sealed))).toMatchObject(
        refused(403, 'PASSWORD_WRONG', { attempts_left }),
      )
    for (const proof of [right, wrong(sealed), {}])
      expect(await reveal(sealed, newId(), proof)).toMatchObject(refused(423, 'LOCKED'))
    expect(await status(sealed, {})).toMatchObject(refused(423, 'LOCKED'))
    expect((await details(sealed)).body.data).toMatchObject({ status: 'locked', current_views: 0 })

    expect((await patch(sealed, { unlock: true })).body.data.status).toBe('active')
    expect((await status(sealed, {})).body.data.attempts_left).toBe(2)
    expectOpened(await reveal(sealed, newId(), right), sealed)
  })

  test('at the limit the secret is burned for good if its sender chose so', async () => {
    const sealed = await given({ max_attempts: 1, on_lockout: 'burn' }, { password: true })
    await reveal(sealed, newId(), wrong(sealed))
    expect(isKept(sealed)).toBe(false)
    expect(await reveal(sealed, newId(), { password_proof: sealed.passwordProof })).toMatchObject(
      gone('locked_out', now()),
    )
    expect(await patch(sealed, { unlock: true })).toMatchObject(gone('locked_out', now()))
    expect((await details(sealed)).body.data.status).toBe('burned')
    expect((await historyOf(sealed)).slice(1, 3).sort()).toEqual(['burned locked_out', 'denied PASSWORD_WRONG'])
  })

  test('a locked secret expires like any other', async () => {
    const sealed = await given({ max_attempts: 1, expires_in: 60 }, { password: true })
    const expiry = now() + minute
    await reveal(sealed, newId(), wrong(sealed))
    later(minute)
    expect(await status(sealed, {})).toMatchObject(gone('expired', expiry))
    await app().sweep()
    expect(isKept(sealed)).toBe(false)
  })
})

describe('what ended', () => {
  test('keeps its record until the retention time ends, and then is unknown', async () => {
    const sealed = await given()
    await burn(sealed)
    later(30 * 24 * 60 * minute - 1)
    await app().sweep()
    expect((await details(sealed)).body.data).toMatchObject({ status: 'burned', note: null })
    expect(await historyOf(sealed)).toEqual(['created', 'burned'])
    later(1)
    await app().sweep()
    expect(await details(sealed)).toMatchObject(refused(404, 'NOT_FOUND'))
    expect(await status(sealed, {})).toMatchObject(refused(404, 'NOT_FOUND'))
  })
})
