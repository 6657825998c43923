import { expect, test } from 'vitest'
import { useApp } from './support/running-app.ts'
import { openApp } from './support/app.ts'
import { conversation, seal } from './support/sender.ts'

const { app, call, bearer } = useApp({ HALFKEY_REGION: 'eu' })

const wrongRegion = {
  success: false,
  error: { code: 'WRONG_REGION', message: 'This request must go to another region’s server' },
}

test.each([
  ['POST', '/api/v1/secrets'],
  ['GET', '/api/v1/secrets'],
  ['GET', '/api/v1/workspace'],
  ['DELETE', '/api/v1/secrets/1111111111111'],
  ['POST', '/api/v1/links/1111111111111/status'],
  ['GET', '/api/v1/nowhere'],
])('what was meant for another region is refused, whatever it is: %s %s', async (method, path) => {
  for (const region of ['us', 'EU', '', 'eu-west'])
    expect(await call(method, path, undefined, { ...bearer(), 'Halfkey-Region': region })).toMatchObject({
      status: 421,
      body: wrongRegion,
    })
})

test('of a secret for another region nothing is kept', async () => {
  const sealed = seal()
  const created = await call('POST', '/api/v1/secrets', sealed.body, { 'Halfkey-Region': 'us' })
  expect(created.status).toBe(421)
  expect(await app().store.findSecret(sealed.slug)).toBeUndefined()
})

test('what is meant for this region, or for none, is answered', async () => {
  for (const headers of [{ 'Halfkey-Region': 'eu' }, {}])
    expect((await call('POST', '/api/v1/secrets', seal().body, headers)).status).toBe(201)
  expect((await call('GET', '/healthz', undefined, { 'Halfkey-Region': 'us' })).status).toBe(200)
})

test('a server without a region answers every region’s calls', async () => {
  const plain = await openApp()
  const { create } = conversation((...request) => plain.call(...request))
  expect((await create(seal(), { 'Halfkey-Region': 'us' })).status).toBe(201)
  await plain.close()
})
