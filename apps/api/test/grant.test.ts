import { expect, test } from 'vitest'
import { createServerKey } from '../src/adapters/server-key.ts'
import { makeGrant, readGrant } from '../src/domain/secrets/grant.ts'
import { bytes } from './contract/fixture.ts'

const key = createServerKey(bytes(32))
const [slug, revealId] = ['111111111112B', bytes(16)]
const grant = makeGrant(key, slug, revealId)

test('a grant is good for its own secret and reveal alone', () => {
  expect(readGrant(key, slug, grant)).toEqual(revealId)
  expect(readGrant(key, '111111111112C', grant)).toBeNull()
  expect(readGrant(createServerKey(bytes(32)), slug, grant)).toBeNull()
  for (let at = 0; at < 48; at++) {
    const changed = Buffer.from(grant, 'base64url').map((byte, index) => (index === at ? byte ^ 1 : byte))
    expect(readGrant(key, slug, Buffer.from(changed).toString('base64url')), `byte ${at}`).toBeNull()
  }
})

test('what isn’t a grant of 64 characters is none', () => {
  for (const wrong of [
    undefined,
    '',
    grant.slice(1),
    `${grant}A`,
    `${grant.slice(1)}=`,
    revealId.toString('base64url'),
  ])
    expect(readGrant(key, slug, wrong)).toBeNull()
})
