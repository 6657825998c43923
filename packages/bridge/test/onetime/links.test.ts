/** What people open in a browser, and what opens it before them. */
import { openLink } from '@halfkey/sdk'
import { expect, test } from 'vitest'
import { useBridge } from '../support/bridge.ts'

const { call, post, get, app, another } = useBridge()

test.each(['GET', 'HEAD'])(
  '%s of a secret’s link leads to the share page, and tells and spends nothing',
  async (method) => {
    const { secret_key, metadata_key } = (await post('/share', { secret: 'plain text' })).json
    for (let i = 0; i < 3; i++) {
      const { status, headers, text } = await call(method, `/secret/${secret_key}`)
      expect(status).toBe(302)
      expect(headers.get('Location')).toMatch(/^https:\/\/halfkey\.test\/[1-9A-Za-z]{13}#1[1-9A-Za-z]{44}$/)
      expect(headers.get('Referrer-Policy')).toBe('no-referrer')
      expect(headers.get('Cache-Control')).toBe('no-store')
      expect(text).toBe('')
    }
    expect((await get(`/private/${metadata_key}`)).json.state).toBe('new')
    expect((await post(`/secret/${secret_key}`)).json.value).toBe('plain text')
  },
)

test('the share page’s link opens the secret with the SDK, passphrase and all', async () => {
  const { secret_key } = (await post('/share', { secret: 'plain text', passphrase: 'wörd' })).json
  const shareUrl = (await call('GET', `/secret/${secret_key}`)).headers.get('Location') ?? ''
  const link = await openLink(shareUrl, { fetch: (input, init) => app().fetch(new Request(input, init)) })
  expect((await link.reveal({ password: 'wörd' })).text).toBe('plain text')
  expect((await post(`/secret/${secret_key}`, { passphrase: 'wörd' })).json.message).toBe('Unknown secret')
})

test('the share page is where the settings say that recipients find it', async () => {
  const { call } = another({ server: { server: 'https://halfkey.test', shareUrl: 'https://share.example/s/' } })
  const { headers } = await call('GET', `/secret/${'0'.repeat(31)}`)
  expect(headers.get('Location')).toMatch(/^https:\/\/share\.example\/s\/3uzbwP5B1zXLP#1/)
})

test('the link of what is no key, or a longer one, leads nowhere', async () => {
  for (const key of ['abc', 'z'.repeat(31), '0'.repeat(32), `${'0'.repeat(30)}-`])
    expect((await call('GET', `/secret/${key}`)).json).toEqual({ error: 'Not Found' })
})

test.each(['receipt', 'private', 'metadata'])('the link of a receipt, as /%s/KEY, leads to it', async (name) => {
  const { metadata_key, metadata_url } = (await post('/share', { secret: 'x' })).json
  expect(new URL(metadata_url).pathname).toBe(`/receipt/${metadata_key}`)
  const { headers } = await call('GET', `/${name}/${metadata_key}`)
  expect((await call('GET', headers.get('Location') ?? '')).json).toMatchObject({ metadata_key, state: 'new' })
})

test('metadata_url begins as the settings say', async () => {
  const { call } = another({ publicUrl: 'https://ots.example/' })
  const { json } = await call('POST', '/api/v1/share', { body: { secret: 'x' } })
  expect(json.metadata_url).toBe(`https://ots.example/receipt/${json.metadata_key}`)
})
