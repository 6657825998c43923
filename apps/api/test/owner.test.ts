import type { WireDetails, WireSuccess } from '@halfkey/sdk'
import { describe, expect, test } from 'vitest'
import { expectOpened, gone, iso, refused, sealedText, useApp } from './support/running-app.ts'
import type { Sealed } from './support/sender.ts'
import { b64, seal } from './support/sender.ts'

const minute = 60_000
const hour = 60 * minute
const { call, now, later, given, own, isKept, historyOf, ...talk } = useApp()
const { reveal, status, details, patch, burn, purge } = talk

const detailsOf = async (sealed: Sealed) => ((await details(sealed)).body as WireSuccess<WireDetails>).data

describe('a patch', () => {
  test('shortens the expiry, lowers the views and replaces the metadata', async () => {
    const sealed = await given({ maximum_views: 5, expires_in: 7200, meta: sealedText() })
    later(minute)
    const meta = sealedText()
    const patched = { expiration: iso(now() + hour), maximum_views: 2, meta, updated_at: iso(now()) }
    const reply = await patch(sealed, { expires_in: 3600, maximum_views: 2, meta })
    expect(reply).toMatchObject({ status: 200, body: { data: patched } })
    expect(await detailsOf(sealed)).toMatchObject(patched)
    await reveal(sealed)
    await reveal(sealed)
    expect(await reveal(sealed)).toMatchObject(gone('viewed', now()))
  })

  test('limits the views of a secret that had no limit', async () => {
    const sealed = await given({ maximum_views: null })
    await reveal(sealed)
    expect((await patch(sealed, { maximum_views: 2 })).body.data.maximum_views).toBe(2)
    await reveal(sealed)
    expect((await reveal(sealed)).status).toBe(410)
  })

  test.each([
    ['expiry', { expires_in: 7200 }, ['expires_in']],
    ['views', { maximum_views: 6 }, ['maximum_views']],
    ['both', { expires_in: 7200, maximum_views: 6 }, ['expires_in', 'maximum_views']],
    ['views to what was spent already', { maximum_views: 1 }, ['maximum_views']],
    ['one thing while it tightens another', { expires_in: 60, maximum_views: 6, unlock: true }, ['maximum_views']],
  ])('can’t loosen %s: it is a 422 that names each field, and nothing is changed', async (_, fields, names) => {
    const sealed = await given({ maximum_views: 5, expires_in: 3600, meta: sealedText() })
    await reveal(sealed)
    const before = await detailsOf(sealed)
    later(minute)
    const reply = await patch(sealed, { ...fields, meta: sealedText() })
    expect(reply).toMatchObject(refused(422, 'VALIDATION_ERROR'))
    expect(Object.keys(reply.body.error.details as object)).toEqual(names)
    expect(await detailsOf(sealed)).toEqual(before)
  })

  test('of an ended secret’s metadata alone replaces it, so that it can follow a new workspace key', async () => {
    const sealed = await given({ meta: sealedText() })
    await burn(sealed)
    const before = await detailsOf(sealed)
    const meta = sealedText()
    expect((await patch(sealed, { meta })).status).toBe(200)
    expect(await detailsOf(sealed)).toEqual({ ...before, meta })
  })

  test('can’t lift the limit of views, nor change what was sealed', async () => {
    const sealed = await given()
    const { envelope, key_a, access_verifier, manage_verifier } = seal().body
    for (const fields of [{ maximum_views: null }, { envelope }, { key_a }, { access_verifier }, { manage_verifier }])
      expect(await patch(sealed, fields)).toMatchObject(refused(422, 'VALIDATION_ERROR'))
    expectOpened(await reveal(sealed), sealed)
  })

  test('of an ended secret is a 410 that changes nothing', async () => {
    const sealed = await given({ meta: sealedText() })
    const at = now()
    await burn(sealed)
    const before = await detailsOf(sealed)
    later(minute)
    const meta = sealedText()
    for (const fields of [{ expires_in: 60 }, { maximum_views: 1 }, { unlock: true }, { unlock: true, meta }])
      expect(await patch(sealed, fields)).toMatchObject(gone('burned', at))
    expect(await detailsOf(sealed)).toEqual(before)
  })
})

describe('a delete', () => {
  test('burns at once; again it is the same reply, and the cause and time stay', async () => {
    const sealed = await given({ note: sealedText() })
    const at = now()
    const first = await burn(sealed)
    expect(first).toMatchObject({ status: 200, body: { success: true, data: null } })
    later(minute)
    expect((await burn(sealed)).text).toBe(first.text)
    expect(await status(sealed, {})).toMatchObject(gone('burned', at))
    expect(await detailsOf(sealed)).toMatchObject({ status: 'burned', note: null, updated_at: iso(at) })
    expect(await historyOf(sealed)).toEqual(['created', 'burned'])
  })

  test('with purge removes the record too, of a live secret as of an ended one, and then both are unknown', async () => {
    const [live, ended] = [await own({ meta: sealedText() }), await own()]
    await burn(ended)
    for (const sealed of [live, ended]) {
      expect((await purge(sealed)).status).toBe(200)
      expect(isKept(sealed)).toBe(false)
      for (const reply of [await details(sealed), await status(sealed, {}), await purge(sealed)])
        expect(reply).toMatchObject(refused(404, 'NOT_FOUND'))
    }
  })
})

describe('a manage key', () => {
  test.each(['an anonymous sender’s', 'a token’s'])('does to %s secret all that its owner may', async (whose) => {
    const sealed = whose === 'a token’s' ? await own({ maximum_views: 5 }) : await given({ maximum_views: 5 })
    expect((await detailsOf(sealed)).slug).toBe(sealed.slug)
    expect((await patch(sealed, { maximum_views: 4 })).status).toBe(200)
    expect(await historyOf(sealed)).toEqual(['created', 'changed'])
    expect((await burn(sealed)).status).toBe(200)
    expect((await purge(sealed)).status).toBe(200)
    expect((await details(sealed)).status).toBe(404)
  })

  test('is no token: lists, statistics, tokens and the workspace stay closed', async () => {
    const { manageKey } = await own()
    for (const path of ['secrets', 'stats', 'tokens', 'workspace']) {
      const reply = await call('GET', `/api/v1/${path}`, undefined, { 'Halfkey-Manage': manageKey })
      expect(reply).toMatchObject(refused(401, 'AUTHENTICATION_ERROR'))
    }
  })

  test('is nothing that a reader of the link has: access, keyB, keyA, proofs and verifiers don’t work as one', async () => {
    const sealed = await given({}, { password: true })
    const before = await detailsOf(sealed)
    const { access_verifier, password_verifier, manage_verifier, envelope } = sealed.body
    const known = [
      sealed.access,
      b64(sealed.keyB),
      sealed.keyA,
      sealed.passwordProof,
      envelope['commitment'],
      envelope['salt'],
    ]
    for (const key of [...known, access_verifier, password_verifier, manage_verifier]) {
      const holder = { ...sealed, manageKey: key as string }
      const replies = [details, burn, purge, talk.events, (one: Sealed) => patch(one, { maximum_views: 1 })]
      for (const attempt of replies) expect(await attempt(holder)).toMatchObject(refused(404, 'NOT_FOUND'))
    }
    expect(await detailsOf(sealed)).toEqual(before)
  })
})
