import { expect, test } from 'vitest'
import { expectDestroyed, leftOf, storedOf } from './support/remains.ts'
import { useServer } from './support/running.ts'
import { seal } from './support/sender.ts'

// Nothing else is destroyed on these servers, which would clean up by the way.
const { home, create, patch, details, burn, purge } = useServer({ HALFKEY_SWEEP_SECONDS: '1' })

const sealedText = (size = 300): string => seal({ size }).body.envelope.ciphertext

async function given(meta: string) {
  const sealed = seal({ fields: { meta } })
  expect((await create(sealed)).status).toBe(201)
  const stored = storedOf(home.data, [sealed]).get(`${sealed.slug} meta`) as Buffer
  return { sealed, stored: new Map([['meta', stored]]) }
}

test('metadata that was replaced is gone from the database’s files, and the new is there', async () => {
  const { sealed, stored } = await given(sealedText())
  expect(leftOf(home.data, stored)).toEqual(['meta'])
  const meta = sealedText(4000)
  await patch(sealed, { meta })
  await expectDestroyed(home.data, stored)
  expect((await details(sealed)).body.data.meta).toBe(meta)
})

test('metadata stays with the record of an ended secret, and is gone from the files when that is purged', async () => {
  const meta = sealedText()
  const { sealed, stored } = await given(meta)
  await burn(sealed)
  expect((await details(sealed)).body.data.meta).toBe(meta)
  expect(leftOf(home.data, stored)).toEqual(['meta'])
  await purge(sealed)
  await expectDestroyed(home.data, stored)
})
