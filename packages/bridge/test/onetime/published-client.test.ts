/** The npm package onetimesecret-api, as it was published, told nothing but another URL. */
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { startSmtpServer, type TestSmtpServer } from '../../../../apps/api/test/support/smtp.ts'
import { apiToken, user } from '../support/bridge.ts'
import { useServedBridge } from '../support/served.ts'

const require = createRequire(import.meta.url)
// Newer Nodes lack this function, which the package was written with.
const util: { isUndefined?: (value: unknown) => boolean } = require('node:util')
util.isUndefined ??= (value) => value === undefined

type Call = (...args: (string | object)[]) => Promise<any>

interface Client {
  status: () => Promise<boolean>
  share: Call
  generate: Call
  retrieveSecret: Call
  retrieveMetadata: Call
  burn: Call
  recentMetadata: () => Promise<object[]>
}

interface Published {
  OneTimeSecretApi: new (user: string, apiToken: string, options: { url: string }) => Client
  NotAuthorizedError: new () => Error
  UnknownSecretError: new () => Error
  NotFoundError: new () => Error
}

const published = require('onetimesecret-api/index.js') as Published

let smtp: TestSmtpServer
beforeAll(async () => {
  smtp = await startSmtpServer({ disabledCommands: ['STARTTLS'] })
  return () => smtp.close()
})
const { address } = useServedBridge(() => ({
  mail: { smtpUrl: `smtp://127.0.0.1:${smtp.port}`, from: 'bridge@example.com' },
}))

const client = (name = user, password = apiToken) => new published.OneTimeSecretApi(name, password, { url: address() })

describe('every call of onetimesecret-api', () => {
  test('status', async () => {
    expect(await client().status()).toBe(true)
  })

  test('share with every option, retrieveSecret with its passphrase', async () => {
    const options = { passphrase: 'pass & wörd', ttl: 3600, recipient: 'someone@example.com' }
    const shared = await client().share('a secret &= \u{1f511}', options)
    expect(shared).toMatchObject({
      custid: user,
      ttl: 3600,
      passphrase_required: true,
      recipient: ['so***@e***.com'],
      share_link: `${address()}/secret/${shared.secret_key}`,
    })
    const read = await client().retrieveSecret(shared.secret_key, { passphrase: options.passphrase })
    expect(read).toMatchObject({ value: 'a secret &= \u{1f511}', secret_key: shared.secret_key })
  })

  test('generate, with and without options', async () => {
    const { value, secret_key } = await client().generate()
    expect(await client().retrieveSecret(secret_key)).toMatchObject({ value })
    expect(await client().generate({ passphrase: 'wörd', ttl: 60 })).toMatchObject({ ttl: 60 })
  })

  test('retrieveMetadata, before and after, without a link that opens the secret', async () => {
    const { metadata_key, secret_key } = await client().share('x')
    for (const state of ['new', 'received']) {
      const metadata = await client().retrieveMetadata(metadata_key)
      expect(metadata).toMatchObject({ state, metadata_key })
      expect(metadata).not.toHaveProperty('share_link')
      if (state === 'new') await client().retrieveSecret(secret_key)
    }
  })

  test('burn', async () => {
    const { metadata_key, secret_key } = await client().share('x')
    const { state, secret_shortkey } = await client().burn(metadata_key)
    expect(state).toMatchObject({ state: 'burned', metadata_key })
    expect(secret_key).toContain(secret_shortkey)
  })

  test('recentMetadata', async () => {
    const { metadata_key } = await client().share('x')
    const recent = await client().recentMetadata()
    expect(recent.at(-1)).toMatchObject({ metadata_key, state: 'new', custid: user })
  })
})

describe('onetimesecret-api understands what fails', () => {
  test('wrong credentials', async () => {
    await expect(client(user, 'wrong').status()).rejects.toBeInstanceOf(published.NotAuthorizedError)
  })

  test('an unknown secret, a read one, a key of 19 digits', async () => {
    const { secret_key } = await client().share('x')
    await client().retrieveSecret(secret_key)
    for (const key of [secret_key, 'a'.repeat(31), '1234567890123456789'])
      await expect(client().retrieveSecret(key)).rejects.toBeInstanceOf(published.UnknownSecretError)
  })

  test('an unknown receipt, a short key', async () => {
    await expect(client().retrieveMetadata('a'.repeat(31))).rejects.toBeInstanceOf(published.UnknownSecretError)
    await expect(client().burn('short')).rejects.toBeInstanceOf(published.NotFoundError)
  })
})
