import { describe, expect, test } from 'vitest'
import { isEncryptedSize, partSize } from '../src/domain/secrets/attachment.ts'
import type { Attached } from './support/attached.ts'
import { attachmentCalls, sealWithFiles } from './support/attached.ts'
import { refused, useApp } from './support/running-app.ts'
import { newId, seal } from './support/sender.ts'
import { addWorkspace } from './support/strangers.ts'

const { app, call, create, status, details, bearer } = useApp()
const { put, complete, upload, grantOf, fetchFile } = attachmentCalls(call)

async function given(): Promise<Attached> {
  const sealed = sealWithFiles()
  expect((await create(sealed)).status).toBe(201)
  return sealed
}

describe('creating with attachments', () => {
  test('says what it has, and is uploading', async () => {
    const sealed = sealWithFiles([28, 1000])
    const created = await create(sealed)
    expect(created).toMatchObject({ status: 201, body: { data: { has_attachments: true, attachments_count: 2 } } })
    expect((await create(sealed)).text).toBe(created.text)
    const { data } = (await details(sealed)).body
    expect(data).toMatchObject({ status: 'uploading', has_attachments: true, attachments_count: 2 })
  })

  test('sizes are those that section 6 can give', () => {
    for (const size of [28, 29, 262_172, 262_172 + 29, 2 * 262_172, partSize, partSize + 29])
      expect([size, isEncryptedSize(size)]).toEqual([size, true])
    for (const size of [0, 27, 1, -28, 262_173, 262_172 + 28, partSize + 1, partSize + 28, 28.5, NaN, 2 ** 53])
      expect([size, isEncryptedSize(size)]).toEqual([size, false])
  })

  test.each([
    ['an impossible size', [{ id: newId(), size: 262_173 }], 'attachments.0.size'],
    ['an id that isn’t canonical', [{ id: `${newId().slice(0, -1)}B`, size: 28 }], 'attachments.0.id'],
    ['one id twice', ['a', 'b'].map(() => ({ id: 'AAAAAAAAAAAAAAAAAAAAAA', size: 28 })), 'attachments'],
    ['101 files', Array.from({ length: 101 }, () => ({ id: newId(), size: 28 })), 'attachments'],
    ['a name', [{ id: newId(), size: 28, name: 'a.txt' }], 'attachments.0.name'],
  ])('%s is refused by name', async (_, attachments, field) => {
    const { body } = await create(seal({ fields: { attachments } }))
    expect(body.error).toMatchObject({ code: 'VALIDATION_ERROR', details: { [field]: [expect.any(String)] } })
  })

  test('100 files are uploaded and fetched', async () => {
    const sealed = sealWithFiles(Array.from({ length: 100 }, (_, n) => 29 + n))
    await upload(sealed)
    expect((await complete(sealed)).status).toBe(200)
    expect((await status(sealed, {})).body.data.files).toHaveLength(100)
    const grant = await grantOf(sealed)
    for (const file of sealed.files)
      expect((await fetchFile(sealed, grant, {}, file)).bytes.equals(file.bytes)).toBe(true)
  })
})

describe('who may upload', () => {
  test('neither a wrong manage key, nor the link, nor another workspace’s token: all get the 404 of an unknown secret', async () => {
    const [sealed, other] = [await given(), await given()]
    const unknown = sealWithFiles()
    const { text } = addWorkspace(app().home.data)
    const strangers: Record<string, string>[] = [
      { 'Halfkey-Manage': other.manageKey },
      { 'Halfkey-Manage': sealed.access },
      { 'Halfkey-Manage': 'x' },
      { Authorization: `Bearer ${text}` },
    ]
    for (const headers of strangers) {
      const refusal = (await put(unknown, 0, undefined, undefined, headers)).text
      expect(await put(sealed, 0, undefined, undefined, headers)).toMatchObject({ status: 404, text: refusal })
      expect(await complete(sealed, headers)).toMatchObject({ status: 404, text: refusal })
    }
    expect(await put(sealed, 0, undefined, undefined, {})).toMatchObject(refused(401, 'AUTHENTICATION_ERROR'))
    expect(app().blobs.kept.size).toBe(0)
  })

  test('a token needs secrets:write', async () => {
    const sealed = sealWithFiles()
    await create(sealed, bearer())
    const made = await call('POST', '/api/v1/tokens', { name: 'r', scopes: ['secrets:read'] }, bearer())
    const reader = { Authorization: `Bearer ${made.body.data.token}` }
    expect(await put(sealed, 0, undefined, undefined, reader)).toMatchObject(refused(403, 'PERMISSION_DENIED'))
    expect((await put(sealed, 0, undefined, undefined, bearer())).status).toBe(200)
    expect(await complete(sealed, reader)).toMatchObject(refused(403, 'PERMISSION_DENIED'))
    expect((await complete(sealed, bearer())).status).toBe(200)
  })
})
