/** Folder and entry keys as `workspaceKey`, against the real server and against one that lies. */
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { HalfkeyOptions } from '../src/client-options.ts'
import { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { sealKmsMeta } from '../src/protocol/kms.ts'
import { deriveKey, rootKey } from '../src/protocol/kms-keys.ts'
import { random } from '../src/provider.ts'
import { findLeaks } from './leaks.ts'
import { errorOf } from './refusal.ts'
import { startServer, type RealServer } from './server.ts'
import { readVectors } from './vectors.ts'

let server: RealServer
/** Whose workspace has no check value. */
let bare: RealServer
let workspaceKey: string
let folders = 0

beforeAll(async () => {
  ;[server, bare] = await Promise.all([
    startServer({ HALFKEY_RATE_LIMIT: 'off' }),
    startServer({ HALFKEY_RATE_LIMIT: 'off' }),
  ])
  workspaceKey = await newKey()
  await client(workspaceKey).setWorkspaceCheck()
})
afterAll(async () => Promise.all([server.stop(), bare.stop()]))

type Keys = HalfkeyOptions['workspaceKey']

const newKey = async () => b64(await random(32))
const client = (key: Keys, options: Partial<HalfkeyOptions> = {}, { url, token } = server) =>
  new Halfkey({ baseUrl: url, token, workspaceKey: key, ...options })
const keyOf = (name: string, of = workspaceKey) => client(of).kms.deriveKey(name)
const newFolder = () => `folder-${++folders}`
const codeOf = async (promise: Promise<unknown>) => (await errorOf(promise)).code
const offline = { fetch: () => Promise.reject(new Error('sent')) }

/** Passes requests on and remembers them; `change` may replace a reply's body. */
function watched(key: Keys, of = server, change: (request: string, body: any) => unknown = (_, body) => body) {
  const sent: string[] = []
  const watching = client(
    key,
    {
      async fetch(input, init) {
        const request = `${init?.method ?? ''} ${new URL(input as string).pathname.replace('/api/v1', '')}`
        sent.push(request)
        const reply = await fetch(input, init)
        const body = JSON.stringify(change(request, await reply.json()))
        return new Response(body, { status: reply.status, headers: { 'Content-Type': 'application/json' } })
      },
    },
    of,
  )
  return { kms: watching.kms, sent, puts: () => sent.filter((request) => request.startsWith('PUT')).length }
}

/** An entry's metadata as another workspace's key seals it. */
async function foreignMeta(handler: string): Promise<string> {
  const entryKey = await deriveKey(await rootKey(await random(32)), handler)
  return sealKmsMeta(entryKey, handler, { name: 'Foreign' })
}

describe('a machine with a folder key', () => {
  test('puts, reveals, rolls back, names and lists what is in its folder, which W opens too', async () => {
    const folder = newFolder()
    const machine = client(await keyOf(`${folder}/`))
    const whole = client(workspaceKey)
    await whole.kms.put(`${folder}/db`, 'by W', { name: 'Named by W' })
    expect((await machine.kms.reveal(`${folder}/db`)).text).toBe('by W')
    expect(await machine.kms.put(`${folder}/db`, 'by the machine')).toEqual({ handler: `${folder}/db`, version: 2 })
    expect((await whole.kms.reveal(`${folder}/db`)).text).toBe('by the machine')
    expect(await machine.kms.rollback(`${folder}/db`, 1)).toMatchObject({ version: 3 })
    expect(await machine.kms.update(`${folder}/db`, { properties: { n: 1 } })).toMatchObject({ name: 'Named by W' })
    expect(await whole.kms.get(`${folder}/db`)).toMatchObject({ name: 'Named by W', properties: { n: 1 } })
    for (const handler of [folder, `${folder}/a/b/c`]) {
      await machine.kms.put(handler, handler, { name: handler })
      expect((await whole.kms.reveal(handler)).text).toBe(handler)
      expect(await machine.kms.get(handler)).toMatchObject({ name: handler, version: 1 })
    }
    await whole.kms.put(`${folder}-beside`, 'x', { name: 'Beside' })
    const listed = (await machine.kms.list({ prefix: folder })).entries
    expect(listed.map(({ handler, name, metaError }) => [handler, name, metaError])).toEqual([
      [folder, folder, undefined],
      [`${folder}-beside`, undefined, undefined],
      [`${folder}/a/b/c`, `${folder}/a/b/c`, undefined],
      [`${folder}/db`, 'Named by W', undefined],
    ])
  })

  test('is refused everything beside and above before any request, and so is one with an entry key below it', async () => {
    const folder = newFolder()
    const machine = client(await keyOf(`${folder}/`), offline)
    const single = client(await keyOf(`${folder}/db`), offline)
    const refused = async ({ kms }: Halfkey, handler: string) =>
      Promise.all(
        [
          kms.reveal(handler),
          kms.put(handler, 'v'),
          kms.put(handler, 'v', { version: 7 }),
          kms.get(handler),
          kms.update(handler, { name: 'n' }),
          kms.update(handler, { rotateAfter: 600 }),
          kms.rollback(handler, 1),
          kms.deriveKey(handler),
        ].map(codeOf),
      )
    const notCovering = Array<string>(8).fill('KEY_NOT_COVERING')
    for (const handler of ['other', `${folder}-beside`, `${folder}x/db`, 'a/b'])
      expect(await refused(machine, handler), handler).toEqual(notCovering)
    for (const handler of [folder, `${folder}/d`, `${folder}/db/main`, `${folder}/db2`])
      expect(await refused(single, handler), handler).toEqual(notCovering)
  })

  test('finds nothing that opens outside its folder, though the server hands it everything', async () => {
    const [folder, other] = [newFolder(), newFolder()]
    await client(workspaceKey).kms.put(`${other}/db`, 'secret of another folder', { name: 'Name of another folder' })
    await client(workspaceKey).kms.put(`${folder}/db`, 'own')
    expect((await client(await keyOf(`${folder}/`)).kms.reveal(`${folder}/db`)).text).toBe('own')
    const redirected = client(await keyOf(`${folder}/`), {
      fetch: (input, init) => fetch((input as string).replace(folder, other), init),
    })
    expect(await codeOf(redirected.kms.reveal(`${folder}/db`))).toBe('WRONG_KEY')
    expect(await codeOf(redirected.kms.get(`${folder}/db`))).toBe('TAMPERED')
  })

  test('makes keys of what is below it, the same as W does, and none above', async () => {
    const folder = newFolder()
    const machine = client(await keyOf(`${folder}/`), offline)
    for (const name of [`${folder}/`, folder, `${folder}/a/`, `${folder}/a/b`])
      expect(await machine.kms.deriveKey(name)).toBe(await keyOf(name))
    expect(await codeOf(machine.kms.deriveKey('other/'))).toBe('KEY_NOT_COVERING')
    for (const wrong of ['', '/', 'A/', 'a//'])
      expect(await errorOf(machine.kms.deriveKey(wrong))).toMatchObject({ code: 'VALIDATION_ERROR', status: undefined })
  })
})

describe('several keys', () => {
  test('open what any of them covers, as a list and with commas between them', async () => {
    const [one, two] = [newFolder(), newFolder()]
    for (const folder of [one, two]) await client(workspaceKey).kms.put(`${folder}/db`, folder)
    const keys = [await keyOf(`${one}/`), await keyOf(`${two}/db`)]
    for (const given of [keys, keys.join(','), [keys.join(',')]]) {
      const machine = client(given)
      expect((await machine.kms.reveal(`${one}/db`)).text).toBe(one)
      expect((await machine.kms.reveal(`${two}/db`)).text).toBe(two)
      expect(await machine.kms.put(`${two}/db`, 'next')).toMatchObject({ handler: `${two}/db` })
      expect(await codeOf(machine.kms.reveal(`${two}/other`))).toBe('KEY_NOT_COVERING')
      await client(workspaceKey).kms.put(`${two}/db`, two)
    }
  })

  test('of which W is one, work side by side: W also seals what owners note', async () => {
    const folder = newFolder()
    const mixed = client([await keyOf(`${folder}/`), workspaceKey])
    await mixed.kms.put(`${folder}/db`, 'a')
    await mixed.kms.put('elsewhere', 'b')
    const { slug } = await mixed.createSecret('content', { description: 'noted' })
    expect((await client(workspaceKey).getSecretDetails(slug)).description).toBe('noted')
  })

  test('a writer takes the one whose check value the workspace has, whichever comes first', async () => {
    const folder = newFolder()
    const foreign = await keyOf(`${folder}/`, await newKey())
    for (const keys of [
      [foreign, await keyOf(`${folder}/`)],
      [await keyOf(`${folder}/`), foreign],
    ])
      await client(keys).kms.put(`${folder}/db`, 'value')
    for (const version of [1, 2])
      expect((await client(workspaceKey).kms.reveal(`${folder}/db`, { version })).text).toBe('value')
  })

  test('a writer takes the first that covers where the workspace has no check value', async () => {
    const [first, second] = [await newKey(), await newKey()]
    const keys = [await keyOf('other/', second), await keyOf('bare/', first), await keyOf('bare/', second)]
    await client(keys, {}, bare).kms.put('bare/db', 'value')
    expect((await client(first, {}, bare).kms.reveal('bare/db')).text).toBe('value')
    expect(await codeOf(client(second, {}, bare).kms.reveal('bare/db'))).toBe('WRONG_KEY')
  })

  test('a writer with none of the workspace’s sends nothing but the question which it has', async () => {
    const folder = newFolder()
    const { kms, sent } = watched([
      await keyOf(`${folder}/`, await newKey()),
      await keyOf(`${folder}/db`, await newKey()),
    ])
    expect(await codeOf(kms.put(`${folder}/db`, 'value'))).toBe('WRONG_KEY')
    expect(sent).toEqual(['GET /workspace'])
  })
})

describe('before a write', () => {
  /** A server that says that the workspace has no check value, so that a client takes its first key for right. */
  const unchecked = (key: Keys, of = server, change?: (request: string, body: any) => unknown) =>
    watched(key, of, (request, body) => {
      if (request === 'GET /workspace') body.data.workspace_check = null
      return change ? change(request, body) : (body as unknown)
    })

  test('name and properties that are there are opened: a wrong key writes nothing, whatever the server says', async () => {
    const folder = newFolder()
    await client(workspaceKey).kms.put(`${folder}/db`, 'value', { name: 'Orders' })
    for (const key of [await newKey(), await keyOf(`${folder}/`, await newKey())]) {
      const { kms, sent } = unchecked(key)
      const handler = `${folder}/db`
      for (const write of [
        () => kms.put(handler, 'other'),
        () => kms.put(handler, 'other', { version: 2 }),
        () => kms.put(handler, 'other', { name: 'Renamed' }),
        () => kms.update(handler, { name: 'Renamed' }),
        () => kms.update(handler, { rotateAfter: 600 }),
      ])
        expect(await codeOf(write())).toBe('WRONG_KEY')
      expect(sent.filter((request) => !request.startsWith('GET'))).toEqual([])
    }
    expect(await client(workspaceKey).kms.get(`${folder}/db`)).toMatchObject({ name: 'Orders', version: 1 })
  })

  test('they are opened by the key that writes, where no check value says that the others are its elders', async () => {
    const [first, second] = [await newKey(), await newKey()]
    await client(second, {}, bare).kms.put('elder/db', 'value', { name: 'Sealed under the second' })
    const { kms, puts } = watched([first, second], bare)
    expect(await codeOf(kms.put('elder/db', 'other'))).toBe('WRONG_KEY')
    expect(puts()).toBe(0)
  })

  test('they are opened again at every retry, which goes no further if they no longer open', async () => {
    const folder = newFolder()
    const handler = `${folder}/db`
    await client(workspaceKey).kms.put(handler, 'one', { name: 'One' })
    const meta = await foreignMeta(handler)
    let looks = 0
    const { kms, sent } = watched(await keyOf(`${folder}/`), server, (request, body) => {
      if (!request.startsWith('GET /kms/')) return body as unknown
      // An older number at first, so that the put meets a conflict.
      if (++looks === 1) body.data.version = 0
      else body.data.meta = meta
      return body as unknown
    })
    expect(await codeOf(kms.put(handler, 'two'))).toBe('WRONG_KEY')
    const path = `/kms/${encodeURIComponent(handler)}`
    expect(sent).toEqual(['GET /workspace', `GET ${path}`, `PUT ${path}`, `GET ${path}`])
  })

  test('a token that may only put needs nothing more', async () => {
    const folder = newFolder()
    const { token } = await client(workspaceKey).tokens.create('writer', {
      scopes: ['kms:write'],
      handlers: [`${folder}/*`],
    })
    const machine = client(await keyOf(`${folder}/`), { token })
    for (const version of [1, 2])
      expect(await machine.kms.put(`${folder}/db`, 'value', { name: 'N' })).toMatchObject({ version })
    expect(await codeOf(machine.kms.reveal(`${folder}/db`))).toBe('PERMISSION_DENIED')
  })
})

describe('a key that can’t be right', () => {
  const CODES: Record<string, string> = {
    'cut short': 'KEY_CUT_SHORT',
    mistyped: 'KEY_MISTYPED',
    'newer version': 'KEY_NEWER_VERSION',
    malformed: 'MALFORMED',
  }
  const refused = readVectors()['kms_key_refused']?.cases as { text: string; error: string }[]

  test.each(refused)(
    '$error is told before any request, alone or beside a right one: $text',
    async ({ text, error }) => {
      for (const keys of [text, [workspaceKey, text], [text, await keyOf('orders/')]]) {
        const broken = client(keys, offline)
        for (const call of [
          () => broken.kms.reveal('orders/db'),
          () => broken.kms.put('orders/db', 'v'),
          () => broken.kms.list(),
          () => broken.getWorkspace(),
          () => broken.createSecret('content'),
          () => broken.createSecret('content', { attachments: [new File(['x'], 'x.txt')] }),
          () => broken.workspaceCheck(),
        ])
          expect(await codeOf(call())).toBe(CODES[error])
      }
    },
  )

  test('is no reason to ask twice: the same client fails the same way', async () => {
    const broken = client((await keyOf('orders/')).slice(0, -1), offline)
    for (let n = 0; n < 2; n++) expect(await codeOf(broken.kms.reveal('orders/db'))).toBe('KEY_CUT_SHORT')
  })

  test.each(['', ',', 'a', 'orders/'])('%j, which is no key at all, is refused at once', (wrong) => {
    expect(() => client(wrong)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
    expect(() => client([workspaceKey, wrong])).toThrow(
      expect.objectContaining({ details: { workspaceKey: [expect.any(String)] } }),
    )
  })
})

describe('with folder and entry keys alone', () => {
  test('what owners note can be neither made nor opened, and the check value not set', async () => {
    const machine = client([await keyOf('orders/'), await keyOf('prod/db')])
    const { slug } = await client(workspaceKey).createSecret('content', { description: 'noted' })
    expect(await machine.getSecretDetails(slug)).toMatchObject({ description: undefined, message: undefined })
    const listed = (await machine.listSecrets()).secrets.find((secret) => secret.slug === slug)
    expect([listed?.description, listed?.metaError]).toEqual([undefined, undefined])
    const without = await machine.createSecret('content')
    expect((await client(workspaceKey).getSecretDetails(without.slug)).description).toBeUndefined()
    const offlineMachine = client(await keyOf('orders/'), offline)
    for (const [call, field] of [
      [() => offlineMachine.createSecret('c', { description: 'd' }), 'description'],
      [() => offlineMachine.createSecret('c', { recoverable: true }), 'recoverable'],
      [() => offlineMachine.patchSecret(slug, { description: 'd' }), 'description'],
      [() => offlineMachine.setWorkspaceCheck(), 'workspaceKey'],
      [() => offlineMachine.rekey(), 'workspaceKey'],
      [() => offlineMachine.verifyRekey(), 'workspaceKey'],
    ] as const)
      expect(await errorOf(call())).toMatchObject({
        code: 'VALIDATION_ERROR',
        status: undefined,
        details: { [field]: [expect.any(String)] },
      })
  })

  test('the client tells which workspace they belong to', async () => {
    const check = await client(workspaceKey).workspaceCheck()
    for (const name of ['orders/', 'prod/db']) expect(await client(await keyOf(name)).workspaceCheck()).toBe(check)
  })

  test('nothing that prints, logs or serialises the client or its refusals shows them', async () => {
    const folder = newFolder()
    const text = await keyOf(`${folder}/`)
    const digits = text.slice(text.indexOf(':') + 2)
    const key = Buffer.from(digits, 'base64url').subarray(0, 32)
    const machine = client(text)
    await machine.kms.put(`${folder}/db`, 'value')
    const revealed = await machine.kms.reveal(`${folder}/db`)
    const refusals = await Promise.all([
      errorOf(machine.kms.reveal('elsewhere')),
      errorOf(client(text.slice(0, -1), offline).kms.list()),
      errorOf(client(`${text}A`, offline).kms.list()),
      errorOf(client(text.replace('folder', 'holder'), offline).kms.list()),
    ])
    const shown = [machine, machine.kms, revealed, ...refusals]
    expect(findLeaks(shown, { text, digits, key: Uint8Array.from(key), half: digits.slice(0, 20) })).toEqual([])
    expect(inspect(shown, { depth: 9, showHidden: true }) + JSON.stringify(shown)).not.toContain(digits.slice(0, 8))
  })
})

describe('in the middle of a rekey', () => {
  async function given() {
    const rekeyed = await startServer({ HALFKEY_RATE_LIMIT: 'off' })
    onTestFinished(rekeyed.stop)
    const [old, next] = [await newKey(), await newKey()]
    const owner = client(old, {}, rekeyed)
    await owner.setWorkspaceCheck()
    return { rekeyed, old, next, owner, rekey: () => client([next, old], {}, rekeyed).rekey() }
  }

  test('an update that began before it is sealed under the new key, and loses nothing', async () => {
    const { rekeyed, old, next, owner, rekey } = await given()
    await owner.kms.put('orders/db', 'value', { name: 'Old', properties: { n: 1 } })
    let isFirst = true
    const slower = client(
      [old, next],
      {
        async fetch(input, init) {
          if (init?.method === 'PATCH' && isFirst) {
            isFirst = false
            await rekey()
          }
          return fetch(input, init)
        },
      },
      rekeyed,
    )
    await slower.kms.update('orders/db', { name: 'New' })
    const renewed = client(next, {}, rekeyed)
    expect(await renewed.kms.get('orders/db')).toMatchObject({ name: 'New', properties: { n: 1 } })
  })

  test('a machine that had the new key too early writes once the workspace has it', async () => {
    const { rekeyed, next, owner, rekey } = await given()
    await owner.kms.put('orders/db', 'value')
    const early = client(next, {}, rekeyed)
    expect(await codeOf(early.kms.put('orders/db', 'too early'))).toBe('WRONG_KEY')
    await rekey()
    await early.kms.put('orders/db', 'in time')
    expect((await early.kms.reveal('orders/db')).text).toBe('in time')
  })

  test('a machine with the old folder key writes nothing more, one with both reads and writes throughout', async () => {
    const { rekeyed, old, next, owner } = await given()
    for (const n of [1, 2, 3]) await owner.kms.put(`orders/${n}`, `value ${n}`, { name: `Name ${n}` })
    const [oldFolder, newFolder] = [await keyOf('orders/', old), await keyOf('orders/', next)]
    const stale = watched(oldFolder, rekeyed)
    const both = client([newFolder, oldFolder], {}, rekeyed)
    // It has asked, and takes its key for right.
    await stale.kms.put('orders/1', 'by the machine, before')
    await both.kms.put('orders/2', 'by both, before')

    let calls = 0
    const cut: typeof fetch = (input, init) =>
      ++calls > 6 ? Promise.reject(new TypeError('interrupted')) : fetch(input, init)
    const interrupted = client([next, old], { retries: 0, fetch: cut }, rekeyed)
    expect(await codeOf(interrupted.rekey())).toBe('NETWORK')

    const before = stale.puts()
    // Name and properties were moved already: they don't open.
    expect(await codeOf(stale.kms.put('orders/1', 'too late'))).toBe('WRONG_KEY')
    expect(stale.puts() - before).toBe(0)
    // They weren't yet: the server refuses the put.
    expect(await codeOf(stale.kms.put('orders/3', 'too late'))).toBe('WRONG_KEY')
    expect(stale.puts() - before).toBe(1)
    expect(await codeOf(client(oldFolder, {}, rekeyed).kms.put('orders/3', 'too late'))).toBe('WRONG_KEY')
    for (const n of [1, 2, 3]) {
      expect((await both.kms.reveal(`orders/${n}`)).text).not.toBe('')
      expect((await both.kms.get(`orders/${n}`)).name).toBe(`Name ${n}`)
    }
    await both.kms.put('orders/2', 'by both, meanwhile')

    expect(await client([next, old], {}, rekeyed).rekey()).toMatchObject({ complete: true, failed: [] })
    const renewed = client(newFolder, {}, rekeyed)
    expect((await renewed.kms.reveal('orders/1')).text).toBe('by the machine, before')
    expect((await renewed.kms.reveal('orders/2')).text).toBe('by both, meanwhile')
    await renewed.kms.put('orders/3', 'by the new key')
    expect((await client(next, {}, rekeyed).kms.reveal('orders/3')).text).toBe('by the new key')
  })
})
