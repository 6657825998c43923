import { describe, expect, test } from 'vitest'
import { openApp } from './support/app.ts'
import { refused, useApp } from './support/running-app.ts'
import { newId, seal } from './support/sender.ts'

const { app, call, create, burn } = useApp()

describe('limits', () => {
  const attachments = (...sizes: number[]) =>
    seal({ fields: { attachments: sizes.map((size) => ({ id: newId(), size })) } })
  const bearer = () => ({ Authorization: `Bearer ${app().token}` })
  const gib = 1_073_741_824

  test('the largest file, and all files of a sender without a token, are named with their limit', async () => {
    const big = attachments(262_172 * 41_000)
    expect(await create(big, bearer())).toMatchObject(
      refused(413, 'PAYLOAD_TOO_LARGE', { limit: 'file', maximum_bytes: 10 * gib }),
    )
    const many = attachments(262_172 * 4096, 28)
    const anonymous = refused(413, 'PAYLOAD_TOO_LARGE', { limit: 'anonymous_files', maximum_bytes: gib })
    expect(await create(many)).toMatchObject(anonymous)
    expect((await create(many, bearer())).status).toBe(201)
  })

  test('a workspace’s quota counts a file from its announcement until it is destroyed', async () => {
    const usage = async () => (await call('GET', '/api/v1/workspace', undefined, bearer())).body.data.usage
    const sealed = attachments(262_172 * 4000)
    await create(sealed, bearer())
    expect(await usage()).toEqual({ active_secrets: 1, stored_bytes: 1104 + 262_172 * 4000 })
    const huge = attachments(...Array.from({ length: 100 }, () => 262_172 * 4096))
    expect(await create(huge, bearer())).toMatchObject(refused(403, 'QUOTA_EXCEEDED'))
    await burn(sealed)
    expect(await usage()).toEqual({ active_secrets: 0, stored_bytes: 0 })
  })

  test('the workspace tells how many files and how large', async () => {
    const { limits } = (await call('GET', '/api/v1/workspace', undefined, bearer())).body.data
    expect(limits).toMatchObject({ attachments: 100, file_bytes: 10 * gib })
  })
})

test('a workspace’s largest file is a quota that names itself, and the workspace tells it', async () => {
  const small = await openApp({ HALFKEY_QUOTA_FILE_BYTES: '1000' })
  const bearer = { Authorization: `Bearer ${small.token}` }
  const sized = (size: number) => seal({ fields: { attachments: [{ id: newId(), size }] } }).body
  expect((await small.call('POST', '/api/v1/secrets', sized(1000), bearer)).status).toBe(201)
  expect(await small.call('POST', '/api/v1/secrets', sized(1001), bearer)).toMatchObject(
    refused(403, 'QUOTA_EXCEEDED', { quota: 'file_bytes', maximum: 1000, used: 1001 }),
  )
  const { limits } = (await small.call('GET', '/api/v1/workspace', undefined, bearer)).body.data
  expect(limits).toMatchObject({ file_bytes: 1000 })
  await small.close()
})

test('with HALFKEY_FILES=off a file is refused by name, and the workspace says that it may have none', async () => {
  const without = await openApp({ HALFKEY_FILES: 'off' })
  const sealed = seal({ fields: { attachments: [{ id: newId(), size: 28 }] } })
  const reply = await without.call('POST', '/api/v1/secrets', sealed.body)
  expect(reply.body.error).toMatchObject({ code: 'VALIDATION_ERROR', details: { attachments: [expect.any(String)] } })
  expect((await without.call('POST', '/api/v1/secrets', seal({ fields: { attachments: [] } }).body)).status).toBe(201)
  const bearer = { Authorization: `Bearer ${without.token}` }
  const { limits } = (await without.call('GET', '/api/v1/workspace', undefined, bearer)).body.data
  expect(limits).toMatchObject({ attachments: 0 })
  await without.close()
})
