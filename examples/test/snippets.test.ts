/** Every code block of the documents, run as printed, or said why not. */
import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openOffice, type Office } from './office.ts'
import { snippetsOf } from './snippets.ts'
import { fromRoot, read } from './stranger.ts'

const inFolder = (folder: string): string[] =>
  readdirSync(fromRoot(folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)

const packages = readdirSync(fromRoot('packages')).map((name) => `packages/${name}/README.md`)
const documents = ['README.md', ...inFolder('docs'), ...packages]

const api = JSON.parse(read('spec/openapi.json')) as { paths: Record<string, Record<string, unknown>> }

/** What a reference of the document stands for (OpenAPI 3.1, section 4.8.23). */
function resolve(value: unknown): unknown {
  const { $ref } = (value ?? {}) as { $ref?: string }
  if ($ref === undefined) return value
  return $ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], api)
}

/** Of lines such as `POST /api/v1/secrets  {…, "captcha": true}  → {…}`: the calls and fields that the API doesn't have. */
function unknownIn(code: string): string[] {
  const lines = code.split('\n').filter((line) => line !== '')
  return lines.flatMap((line) => {
    const [, method = '', path = '', rest = ''] = /^([A-Z]+) (\S+)(?: (.*))?$/.exec(line) ?? []
    const operation = api.paths[path]?.[method.toLowerCase()]
    if (operation === undefined) return [line]
    const described = JSON.stringify(operation, (_, value: unknown) => resolve(value))
    const fields = [...rest.matchAll(/"(\w+)":/g)].map(([, field = '']) => field)
    return fields.filter((field) => !described.includes(`"${field}"`)).map((field) => `${method} ${path}: ${field}`)
  })
}

const RUNNABLE = new Set(['sh', 'js', 'ts'])

describe.each(documents)('%s', (document) => {
  const snippets = snippetsOf(document)
  let office: Office
  beforeAll(async () => {
    if (snippets.some(({ language, remark }) => RUNNABLE.has(language) && (remark ?? 'serves') === 'serves'))
      office = await openOffice()
  })
  afterAll(() => (office as Office | undefined)?.close())

  test('has no block that the reader of this test would miss', () => {
    expect(snippets).toHaveLength((read(document).match(/^```/gm) ?? []).length / 2)
  })

  for (const { line, language, code, remark } of snippets) {
    const name = `line ${line}, ${language === '' ? 'text' : language}`
    const [, tester] = /^run by (\S+)$/.exec(remark ?? '') ?? []
    if (tester !== undefined)
      test(`${name}: is run by ${tester}`, () => {
        expect(existsSync(fromRoot(tester))).toBe(true)
        expect(read(tester)).toContain(document)
      })
    else if (remark === 'serves') test(`${name}: serves until it is stopped`, () => office.serve(language, code))
    else if (remark !== undefined)
      test(`${name}: says why it isn’t run`, () => expect(remark).toMatch(/^not run: .{10}/))
    else if (language === 'json') test(`${name}: is JSON`, () => void JSON.parse(code))
    else if (language === 'http') test(`${name}: names what the API has`, () => expect(unknownIn(code)).toEqual([]))
    else
      test(`${name}: runs as printed`, async () => {
        await office.run(language, code)
      })
  }
})
