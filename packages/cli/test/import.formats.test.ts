/** Every format that is imported, read; what is wrong in a file is told by its line, and never by its values. */
import { describe, expect, it } from 'vitest'
import { isRefused, Unreadable } from '../src/import/item.ts'
import { plan } from '../src/import/plan.ts'
import { readSecrets, type Format } from '../src/import/read-file.ts'

const read = (text: string | Uint8Array, from?: Format, name = 'file') =>
  readSecrets(typeof text === 'string' ? Buffer.from(text) : text, name, from)

/** Values by key. */
const valuesOf = (text: string, from?: Format) =>
  Object.fromEntries(read(text, from).items.map((item) => [item.key, isRefused(item) ? item.problem : item.value]))

const linesOf = (text: string, from?: Format) => read(text, from).items.map(({ line, key }) => [line, key])

function problemWith(text: string | Uint8Array, from?: Format): string {
  try {
    read(text, from)
    return 'none'
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return `${error.line} ${error.message}`
  }
}

describe('dotenv', () => {
  it.each([
    ['A=1', { A: '1' }],
    ['A=1\nB=2\n', { A: '1', B: '2' }],
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['A=1\rB=2', { A: '1', B: '2' }],
    ['\ufeffA=1', { A: '1' }],
    ['export A=1\n  export\tB = 2', { A: '1', B: '2' }],
    ['# a comment\n\n   \n  # another\nA=1', { A: '1' }],
    ['A=\nB= \nC=""', { A: '', B: '', C: '' }],
    ['A=  spaced out  \t', { A: 'spaced out' }],
    ['A=x # comment\nB=x#y\nC= # comment\nD=#x', { A: 'x', B: 'x#y', C: '', D: '#x' }],
    ['A="x # y" # comment\nB=\'x # y\'#comment', { A: 'x # y', B: 'x # y' }],
    ['A="  kept  "', { A: '  kept  ' }],
    ['A="a\\nb\\tc\\rd\\\\e\\"f\\$g\\xh"', { A: 'a\nb\tc\rd\\e"f$g\\xh' }],
    ["A='a\\nb\"'", { A: 'a\\nb"' }],
    ['A=`it\'s "so"`', { A: 'it\'s "so"' }],
    ['A="one\ntwo\r\nthree"\nB=4', { A: 'one\ntwo\nthree', B: '4' }],
    ["A='one\n# two\n'\nB=4", { A: 'one\n# two\n', B: '4' }],
    ['A=it\'s "quoted" inside', { A: 'it\'s "quoted" inside' }],
    ['A=${B}-$C', { A: '${B}-$C' }],
    ['A=a=b==', { A: 'a=b==' }],
    ['A=«ключ»\u00a0\u{1f511}', { A: '«ключ»\u00a0\u{1f511}' }],
    ['a.b-c_1=x', { 'a.b-c_1': 'x' }],
  ])('%j', (text, values) => expect(valuesOf(text, 'dotenv')).toEqual(values))

  it('knows the line on which each begins, after comments and values of several lines', () => {
    expect(linesOf('# c\nA="1\n2\n3"\n\nB=4\nC=5', 'dotenv')).toEqual([
      [2, 'A'],
      [6, 'B'],
      [7, 'C'],
    ])
  })

  it.each([
    ['A=1\nhidden', "2 isn't NAME=VALUE"],
    ['A=1\nexport hidden', "2 isn't NAME=VALUE"],
    ['A=1\n=hidden', "2 isn't NAME=VALUE"],
    ['1A=hidden', "1 isn't NAME=VALUE"],
    ['A="1\n2"\nB="hidden', "3 has a quote that isn't closed"],
    ["A='hidden", "1 has a quote that isn't closed"],
    ['A=`hidden', "1 has a quote that isn't closed"],
    ['A="hidden\\"', "1 has a quote that isn't closed"],
    ['A="x"hidden', '1 has text after the closing quote'],
  ])('%j is refused by its line', (text, problem) => expect(problemWith(text, 'dotenv')).toBe(problem))

  it('of an unquoted key in PEM, whose second line is no variable, nothing is taken', () => {
    expect(problemWith('KEY=-----BEGIN KEY-----\nMIIEhidden+/==\n-----END KEY-----', 'dotenv')).toBe(
      "2 isn't NAME=VALUE",
    )
  })
})

describe('CSV', () => {
  it.each([
    ['handler,value\na,1\n', { a: '1' }],
    ['handler,value\r\na,1\r\nb,2', { a: '1', b: '2' }],
    ['\ufeffhandler,value\na,1', { a: '1' }],
    ['value,handler\n1,a', { a: '1' }],
    ['Handler, Value\na, 1 ', { a: ' 1 ' }],
    ['handler,value\n"a","x,y"', { a: 'x,y' }],
    ['handler,value\na,"say ""hi"""', { a: 'say "hi"' }],
    ['handler,value\na,"one\r\ntwo"', { a: 'one\r\ntwo' }],
    ['handler,value\na,\nb,""', { a: '', b: '' }],
    ['handler,value\na,1\n\nb,2\n\n', { a: '1', b: '2' }],
  ])('%j', (text, values) => expect(valuesOf(text, 'csv')).toEqual(values))

  it('has names for people', () => {
    expect(read('handler,value,name\na,1,The one\nb,2,', 'csv').items).toEqual([
      { line: 2, key: 'a', value: '1', name: 'The one' },
      { line: 3, key: 'b', value: '2', name: undefined },
    ])
  })

  it('knows the line on which each begins, after values of several lines', () => {
    expect(linesOf('handler,value\na,"1\n2"\nb,"3\r\n4"\nc,5', 'csv')).toEqual([
      [2, 'a'],
      [4, 'b'],
      [6, 'c'],
    ])
  })

  it.each([
    ['', '0 is empty'],
    ['a,hidden', '1 must be a header with the columns handler, value and, optionally, name'],
    ['handler\na', '1 must be a header with the columns handler, value and, optionally, name'],
    ['handler,value,value\na,1,hidden', '1 must be a header with the columns handler, value and, optionally, name'],
    ['handler,value,ttl\na,hidden,60', '1 must be a header with the columns handler, value and, optionally, name'],
    ['handler,value\na,"hidden', "2 has a quote that isn't closed or doesn't enclose the whole field"],
    ['handler,value\na,hid"den', "2 has a quote that isn't closed or doesn't enclose the whole field"],
    ['handler,value\na,"hid"den', "2 has a quote that isn't closed or doesn't enclose the whole field"],
  ])('%j is refused by its line', (text, problem) => expect(problemWith(text, 'csv')).toBe(problem))

  it('a record of another length is refused by its line', () => {
    expect(read('handler,value\na\nb,1\nc,2,hidden', 'csv').items).toEqual([
      { line: 2, problem: 'has 1 fields, but the header has 2' },
      { line: 3, key: 'b', value: '1', name: undefined },
      { line: 4, problem: 'has 3 fields, but the header has 2' },
    ])
  })
})

describe('JSON of one’s own', () => {
  it.each([
    ['{"a":"1","b/c":"2"}', { a: '1', 'b/c': '2' }],
    ['{"a":12345678901234567890,"b":1.50,"c":true}', { a: '12345678901234567890', b: '1.50', c: 'true' }],
    ['{"a":"\\u00fc\\n\\"\\ud83d\\udd11"}', { a: 'ü\n"\u{1f511}' }],
    ['[{"handler":"a","value":"1"}]', { a: '1' }],
    ['{"a":null,"b":["hidden"]}', { a: "has a value that isn't text", b: "has a value that isn't text" }],
    ['[{"handler":"a"}]', { a: "has a value that isn't text" }],
    ['[{"handler":"a","value":"hidden","ttl":1}]', { a: 'has an unknown member: ttl' }],
  ])('%s', (text, values) => expect(valuesOf(text, 'json')).toEqual(values))

  it('has names for people', () => {
    const [item] = read('[{"name":"The one","value":"1","handler":"a"}]').items
    expect(item).toEqual({ line: 1, key: 'a', value: '1', name: 'The one' })
  })

  it('knows the line on which each begins', () => {
    expect(linesOf('{\n  "a": "1",\n\n  "b":\n    "2"\n}')).toEqual([
      [2, 'a'],
      [4, 'b'],
    ])
  })

  it.each([
    ['', '0 has an unknown format. Use --from with one of: json, vault, doppler, infisical, csv, dotenv'],
    ['{"a":\n"hidden"', "2 isn't valid JSON"],
    ['{"a":"hidden",}', "1 isn't valid JSON"],
    ["{'a':'hidden'}", "1 isn't valid JSON"],
    ['{"a":"hid\nden"}', "1 isn't valid JSON"],
    ['{"a":"hidden"}\nx', "2 isn't valid JSON"],
    ['{"a":01}', "1 isn't valid JSON"],
    ['{"a":truehidden}', "1 isn't valid JSON"],
    ['[', "1 isn't valid JSON"],
    ['['.repeat(102), '1 is nested deeper than 100 levels'],
  ])('%j is refused by its line', (text, problem) => expect(problemWith(text)).toBe(problem))

  it('a value of a megabyte is read in any format', () => {
    const value = 'x "\n,'.repeat(200_000)
    expect(valuesOf(JSON.stringify({ a: value }))).toEqual({ a: value })
    expect(valuesOf(`handler,value\na,"${value.replaceAll('"', '""')}"`, 'csv')).toEqual({ a: value })
    expect(valuesOf(`a='${value}'`, 'dotenv')).toEqual({ a: value })
    expect(valuesOf(`a="${value.replaceAll('"', '\\"')}"`, 'dotenv')).toEqual({ a: value })
  })

  it('reads what JSON.parse reads, and refuses what it refuses', () => {
    const signs = ['{', '}', '[', ']', ',', ':', '"a"', '"', '1', '-0.5e+3', '0', 'true', 'null', ' ', '\n', '\\', '.']
    let seed = 1
    const draw = (below: number): number => (seed = (seed * 48_271) % 0x7fffffff) % below
    for (let n = 0; n < 20_000; n++) {
      const text = `[${Array.from({ length: draw(7) }, () => signs[draw(signs.length)]).join('')}]`
      const whole = ((): boolean => {
        try {
          JSON.parse(text)
          return true
        } catch {
          return false
        }
      })()
      expect([text, !problemWith(text, 'json').endsWith("isn't valid JSON")]).toEqual([text, whole])
    }
  })
})

const replyOf = (data: object) => ({
  request_id: 'f5b1',
  lease_id: '',
  lease_duration: 2_764_800,
  renewable: false,
  data,
  warnings: null,
})
const version2 = (data: object | null) => ({
  data,
  metadata: {
    created_time: '2026-01-02T03:04:05Z',
    custom_metadata: null,
    deletion_time: '',
    destroyed: false,
    version: 3,
  },
})

describe('Vault', () => {
  it.each([
    ['a reply of version 1 of the engine', replyOf({ user: 'ada', password: 'x' }), { user: 'ada', password: 'x' }],
    ['a reply of version 2', replyOf(version2({ user: 'ada', port: 5432 })), { user: 'ada', port: '5432' }],
    ['a reply of version 1 whose secret has data', replyOf({ data: 'x' }), { data: 'x' }],
    ['a secret with data inside', replyOf(version2({ data: 'x', metadata: 'y' })), { data: 'x', metadata: 'y' }],
    ['what is nested in a secret', replyOf(version2({ db: { user: 'ada' } })), { 'db/user': 'ada' }],
    ['a tree of paths', { app: { db: { user: 'ada' }, key: 'x' } }, { 'app/db/user': 'ada', 'app/key': 'x' }],
    ['paths in one', { 'secret/app/db': { user: 'ada' } }, { 'secret/app/db/user': 'ada' }],
    ['replies by path', { 'app/db': replyOf(version2({ user: 'ada' })) }, { 'app/db/user': 'ada' }],
    ['bare versions by path', { 'app/db': version2({ user: 'ada' }) }, { 'app/db/user': 'ada' }],
    ['a deleted version', { db: version2(null) }, { db: 'has no value, because its version is deleted' }],
    ['a list', { db: { hosts: ['hidden'] } }, { 'db/hosts': "has a value that isn't text" }],
  ])('%s', (_, file, values) => expect(valuesOf(JSON.stringify(file), 'vault')).toEqual(values))
})

describe('Doppler', () => {
  const own = { DOPPLER_PROJECT: 'p', DOPPLER_ENVIRONMENT: 'e', DOPPLER_CONFIG: 'c' }
  it.each([
    ['a download', { ...own, DB_URL: 'x' }, { DB_URL: 'x' }],
    ['secrets --json', { DB_URL: { computed: 'x', raw: '${Y}', note: '' } }, { DB_URL: 'x' }],
    ['a reply of its API', { secrets: { DB_URL: { raw: '${Y}', computed: 'x' } }, success: true }, { DB_URL: 'x' }],
    ['one that may not be read', { A: { computed: null, raw: null } }, { A: "has a value that isn't text" }],
    ['one called secrets', { secrets: { computed: 'x', raw: 'x' } }, { secrets: 'x' }],
  ])('%s', (_, file, values) => expect(valuesOf(JSON.stringify(file), 'doppler')).toEqual(values))
})

describe('Infisical', () => {
  const exported = { key: 'DB_URL', workspace: 'w', value: 'x', type: 'shared', _id: '1', tags: [], comment: '' }
  it.each([
    ['an export', [{ ...exported, secretPath: '/' }], { DB_URL: 'x' }],
    ['an export of folders', [{ ...exported, secretPath: '/app/db' }], { 'app/db/DB_URL': 'x' }],
    [
      'a reply of its API',
      { secrets: [{ secretKey: 'A', secretValue: 'x', secretPath: '/' }], imports: [] },
      { A: 'x' },
    ],
    [
      'one that may not be read',
      { secrets: [{ secretKey: 'A', secretValue: '<hidden-by-infisical>', secretValueHidden: true }] },
      { A: 'has a hidden value: export it with an account that may read it' },
    ],
  ])('%s', (_, file, values) => expect(valuesOf(JSON.stringify(file), 'infisical')).toEqual(values))
})

it.each<[string, string, Format]>([
  ['.env', 'A=1', 'dotenv'],
  ['.env.production', 'A=1', 'dotenv'],
  ['prod.env', 'A=1', 'dotenv'],
  ['x.csv', 'handler,value', 'csv'],
  ['-', 'handler,value\na,1', 'csv'],
  ['-', '"name","value","handler"\n', 'csv'],
  ['-', '{"a":"1"}', 'json'],
  ['-', ' [{"handler":"a","value":"1"}]', 'json'],
  ['-', '{"a":{"b":"1"}}', 'vault'],
  ['-', JSON.stringify(replyOf({ a: '1' })), 'vault'],
  ['-', '{"DOPPLER_CONFIG":"dev","A":"1"}', 'doppler'],
  ['-', '{"A":{"computed":"1"}}', 'doppler'],
  ['-', '{"secrets":{"A":{"raw":"1","computed":"1"}}}', 'doppler'],
  ['-', '[{"key":"A","value":"1"}]', 'infisical'],
  ['-', '{"secrets":[]}', 'infisical'],
])('%s that holds %s is told to be %s', (name, text, format) => {
  expect(read(text, undefined, name).format).toBe(format)
})

it('a file that isn’t UTF-8 is refused', () => {
  expect(() => read(Buffer.from('A=ü', 'latin1'), 'dotenv')).toThrow('file is not UTF-8 text')
  expect(() => read(Buffer.from('\ufeffA=1', 'utf16le'), 'dotenv')).toThrow('file is UTF-16 text')
})

describe('handlers', () => {
  const planned = (text: string, prefix = '') => {
    const { planned, refused } = plan(read(text).items, prefix)
    return { handlers: planned.map(({ handler, name }) => [handler, name]), refused }
  }

  it('are in small letters, behind the prefix; what they were called is their name', () => {
    expect(planned('{"DB_URL":"1","Api/Key":"2","plain":"3"}', 'prod/').handlers).toEqual([
      ['prod/db_url', 'DB_URL'],
      ['prod/api/key', 'Api/Key'],
      ['prod/plain', undefined],
    ])
  })

  it.each([
    ['{\n"a":"hidden",\n"b":"2",\n"a":"hidden"}', { line: 4, key: 'a', problem: 'is a duplicate of line 2' }],
    ['{\n"a":"hidden",\n"A":"hidden"}', { line: 3, key: 'A', problem: 'becomes the handler a, like line 2' }],
    [
      '{\n"a/b":{"c":"1"},\n"a":{"b":\n{"c":"2"}}}',
      { line: 4, key: 'a/b/c', problem: 'becomes the handler a/b/c, like line 2' },
    ],
    [
      '[{"handler":"a","value":"1"},\n{"handler":"a","value":"1"}]',
      { line: 2, key: 'a', problem: 'becomes the handler a, like line 1' },
    ],
  ])('%s has one twice: refused with both lines', (text, refusal) => {
    expect(planned(text).refused).toEqual([refusal])
  })

  it.each(['', ' ', 'a b', '_a', 'a//b', 'a/', 'ü', '../a', 'a:b', 'a'.repeat(129)])('can’t be %j', (key) => {
    expect(planned(JSON.stringify({ [key]: 'hidden' })).refused).toMatchObject([
      { line: 1, key, problem: expect.stringContaining('must be segments of a-z') },
    ])
  })

  it('can’t hold more than 1 MiB, or half a character', () => {
    const { refused } = planned(`{"a":"${'x'.repeat(2 ** 20 + 1)}",\n"b":"\\ud800","c":"${'x'.repeat(2 ** 20)}"}`)
    expect(refused.map(({ problem }) => problem)).toEqual([
      'has a value larger than 1 MiB',
      "has a value that isn't valid Unicode",
    ])
  })
})

it('no problem quotes a value', () => {
  const texts = ['{"a":"hidden",}', '{"a":["hidden"]}', '{"a b":"hidden"}', '{"a":"hidden","a":"hidden"}', '["hidden"]']
  for (const text of texts) {
    const said = problemWith(text, 'json')
    const { refused } = said === 'none' ? plan(read(text, 'json').items, '') : { refused: [] }
    expect(refused.length + Number(said !== 'none')).toBeGreaterThan(0)
    expect(JSON.stringify([said, refused])).not.toContain('hidden')
  }
})
