import type { WireFailure } from '@halfkey/sdk'
import { describe, expect, test } from 'vitest'
import type { Field } from './support/document.ts'
import { fieldsOf, operationsOf } from './support/document.ts'
import type { Example } from './support/examples.ts'
import { alternatives, binaries, wrongTexts } from './support/examples.ts'
import { expectRefused, useTarget } from './support/refusals.ts'
import { seal } from './support/sender.ts'
import { typesOf, wrongFormats, wrongValues } from './support/wrong-values.ts'

const target = useTarget()

type Body = Record<string, unknown>

const at = (body: unknown, path: string[]): unknown => path.reduce((value, name) => (value as Body)[name], body)

/** A copy of `body` with another value at `path`; undefined leaves it out. */
function bend(body: unknown, [name = '', ...rest]: string[], value: unknown): Body {
  const members = body as Body
  return { ...members, [name]: rest.length === 0 ? value : bend(members[name], rest, value) }
}

/** A right request that has the field: of a field with several kinds of values, the kind that this one is of. */
function exampleWith({ operation, alternative }: Field): Example {
  const request = target.example(operation)
  if (!alternative) return request
  const { path, schema } = alternative
  const fits = (value: Body): boolean =>
    Object.entries(schema.properties ?? {}).every(([name, { enum: allowed }]) => allowed?.includes(value[name]) ?? true)
  return { ...request, body: bend(request.body, path, alternatives[path.join('.')]?.find(fits)) }
}

function wrongOf({ path, schema }: Field, valid: unknown): unknown[] {
  const name = path.join('.')
  return wrongValues(schema, valid, binaries[name], wrongTexts[name])
}

describe('the table of requests is complete', () => {
  test('every documented operation has an example that isn’t refused for its fields', async () => {
    for (const [name] of operationsOf(target.document)) {
      const request = target.example(name)
      const { status } = await target.send(request, request.body)
      const unknownThing = name.startsWith('delete') || name.endsWith('ack') ? [404, 422] : []
      expect([200, 201, ...(name.endsWith('reveal') ? [403] : unknownThing)], name).toContain(status)
    }
  })

  test('every kind of value of a field that has several makes an example that isn’t refused', async () => {
    const inKinds = fieldsOf(target.document).filter(({ alternative }) => alternative)
    expect(inKinds.length).toBeGreaterThan(0)
    for (const field of inKinds) {
      const request = exampleWith(field)
      expect([200, 201], field.path.join('.')).toContain((await target.send(request, request.body)).status)
    }
  })

  test('every documented field has a right value, and its wrong ones can be told from its schema or from the table', () => {
    for (const field of fieldsOf(target.document)) {
      const { operation, path, schema } = field
      const name = path.join('.')
      expect(at(exampleWith(field).body, path), `${operation}: ${name}`).toBeDefined()
      for (const one of [schema, ...(schema.items ? [schema.items] : [])]) {
        const { pattern, enum: allowed, maxLength, format = '' } = one
        const known = pattern ?? allowed ?? wrongFormats[format] ?? wrongTexts[name] ?? maxLength ?? binaries[name]
        if (typesOf(one).includes('string')) expect(known, `${operation}: the encoding of ${name}`).toBeDefined()
      }
      expect(wrongOf(field, 'x').length, `${operation}: ${name}`).toBeGreaterThan(2)
    }
  })
})

describe('a wrong body is a 422 that names the field', () => {
  test('every field of every call, wrong in type, length, range and encoding', async () => {
    let tried = 0
    for (const field of fieldsOf(target.document)) {
      const { path } = field
      for (const wrong of wrongOf(field, at(exampleWith(field).body, path))) {
        const request = exampleWith(field)
        expectRefused(await target.send(request, bend(request.body, path, wrong)), path.join('.'), wrong)
        tried++
      }
    }
    expect(tried).toBeGreaterThan(300)
  })

  test('every required field, left out', async () => {
    for (const field of fieldsOf(target.document).filter(({ required }) => required)) {
      const { path } = field
      const request = exampleWith(field)
      expectRefused(await target.send(request, bend(request.body, path, undefined)), path.join('.'), undefined)
    }
  })

  test('a field that doesn’t exist, on every level and by every name', async () => {
    for (const [name, { requestBody }] of operationsOf(target.document)) {
      if (!requestBody?.content['application/json']) continue
      for (const unknown of ['nope', 'constructor', 'toString', 'hasOwnProperty', 'Slug', 'reveal-id', '']) {
        const request = target.example(name)
        expectRefused(await target.send(request, { ...request.body, [unknown]: 1 }), unknown || 'body', 1)
      }
      const request = target.example(name)
      const proto = JSON.stringify({ ...request.body, nope: { polluted: true } }).replace('"nope"', '"__proto__"')
      expectRefused(await target.sendText(request, proto), '__proto__', {})
    }
    for (const field of fieldsOf(target.document).filter(({ path }) => path.length > 1)) {
      const request = exampleWith(field)
      const beside = [...field.path.slice(0, -1), 'nope']
      expectRefused(await target.send(request, bend(request.body, beside, 1)), beside.join('.'), 1)
    }
  })

  test('all wrong fields are named at once', async () => {
    const fields = fieldsOf(target.document).filter(({ path }) => path.length === 1)
    for (const operation of new Set(fields.map((field) => field.operation))) {
      const names = fields.filter((field) => field.operation === operation).map(({ path: [name = ''] }) => name)
      const wrong = Object.fromEntries(names.map((name) => [name, { wrong: true }]))
      const { error } = (await target.send(target.example(operation), { ...wrong, nope: 1 })).body as WireFailure
      const named = Object.keys(error.details ?? {}).map((field) => field.split('.')[0])
      expect(new Set(named)).toEqual(new Set([...names, 'nope']))
    }
  })

  test('a token’s name that isn’t well-formed text, or would steer a terminal', async () => {
    for (const name of ['a\0b', 'a\nb', 'a\u001b[2Jb', 'a\u009bb', 'a\ud800b', 'a\udc00b']) {
      const request = target.example('post /api/v1/tokens')
      expectRefused(await target.send(request, { ...request.body, name }), 'name', name)
    }
  })

  test('a slug that isn’t its verifier’s', async () => {
    for (const path of ['secrets', 'requests', 'asks/{slug}/answers']) {
      const request = target.example(`post /api/v1/${path}`)
      const { slug } = seal()
      expectRefused(await target.send(request, { ...request.body, slug }), 'slug', slug)
    }
  })

  test('a key given twice counts as its last value, wrong or right', async () => {
    const request = target.example('post /api/v1/secrets')
    const { maximum_views: _views, ...rest } = request.body ?? {}
    const twice = (first: number, last: number): string =>
      `{"maximum_views":${first},"maximum_views":${last},${JSON.stringify(rest).slice(1)}`
    expectRefused(await target.sendText(request, twice(2, 10_001)), 'maximum_views', 10_001)
    expect(await target.sendText(request, twice(10_001, 2))).toMatchObject({ body: { data: { maximum_views: 2 } } })
  })
})

describe('a wrong query is a 422 that names the parameter', () => {
  const extra: Record<string, string[]> = {
    page: ['0', '-1', '1.5', '1e3', '', ' 1', '+1', '０', '999999999999', '1;DROP'],
    per_page: ['0', '101', '-1', '', '1%00'],
    wait: ['26', '-1', '', '01', '1.5'],
    seen: ['101', '-1', '', '01', '1.5'],
    purge: ['', '1', 'TRUE', 'true '],
    descendants: ['', '1', 'TRUE', 'true '],
    status: ['', 'ACTIVE', 'active,viewed'],
    creator: ['', 'x'.repeat(201)],
    format: ['', 'JSON', 'xml', 'json,csv'],
    prefix: ['', 'A', '*', 'ä', ' ', '%', 'a b', 'a'.repeat(129)],
    before: ['', '-1', '0', '1.5', '01', '+1', ' 1', '1e3', '1000000000000000'],
    handler: ['', 'A', '/', 'a/', '*', 'ä', 'a b', '%', 'a'.repeat(129)],
    after: ['', '-1', '1.5', '01', '+1', ' 1', '1e3', '1000000000000000'],
    limit: ['', '0', '1001', '-1', '1e3'],
    since: ['2026-05-31T00:00:00Z~', '+002026-05-31T00:00:00Z'],
    until: ['2026-05-31T00:00:00Z~', '+002026-05-31T00:00:00Z'],
    type: ['', 'OPENED', 'opened,denied'],
    slug: ['', '%', 'a'.repeat(8000)],
  }

  test('every documented parameter, wrong in type, length and range', async () => {
    for (const [name, { parameters = [] }] of operationsOf(target.document))
      for (const parameter of parameters.filter((one) => one.in === 'query')) {
        const fromTable = extra[parameter.name]
        expect(fromTable, `wrong values of ${parameter.name}`).toBeDefined()
        const wrong = wrongValues(parameter.schema, '1').filter(
          (value) => typeof value === 'string' && value !== 'text',
        )
        for (const value of [...wrong, ...(fromTable ?? [])]) {
          const request = name.startsWith('delete')
            ? { ...target.example('get /api/v1/secrets/{slug}'), method: 'DELETE' }
            : target.example(name)
          const query = new URLSearchParams({ [parameter.name]: value as string })
          expectRefused(await target.send({ ...request, path: `${request.path}?${query}` }), parameter.name, value)
        }
      }
  })

  test('a parameter that doesn’t exist', async () => {
    for (const query of ['nope=1', 'Page=1', '__proto__=1', 'constructor=1']) {
      const request = target.example('get /api/v1/secrets')
      const reply = await target.send({ ...request, path: `${request.path}?${query}` })
      expectRefused(reply, query.split('=')[0] ?? '', 1)
    }
  })

  test('a parameter that is given twice, rather than one of its values being ignored', async () => {
    const request = target.example('get /api/v1/secrets')
    for (const query of ['page=1&page=2', 'page=1&page=1', 'per_page=1&page=1&per_page=1']) {
      const reply = await target.send({ ...request, path: `${request.path}?${query}` })
      expectRefused(reply, query.split('=')[0] ?? '', query)
    }
  })

  test('a broken query never breaks the server', async () => {
    const request = target.example('get /api/v1/secrets')
    for (const query of ['%', '%ff=%fe', '&&&', '=', 'page[]=1', 'page=1&page=2', '?page=1', `a=${'x'.repeat(8000)}`]) {
      const { status } = await target.send({ ...request, path: `${request.path}?${query}` })
      expect([200, 422], query).toContain(status)
    }
  })
})
