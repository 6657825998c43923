/** What --json prints is what docs/cli.md says, for every command that takes it. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openAsk } from '@halfkey/sdk'
import { expect, it } from 'vitest'
import { makeHalfkey } from './halfkey.ts'
import { useOwner } from './owner.ts'
import { helpOf } from './tree.ts'

const owner = useOwner()
const { halfkey, client } = owner

/** A field's type, and whether it is there only under a condition that the documentation names. */
interface Field {
  type: string
  sometimes: boolean
}

/** By command: `kms put`. */
const documented = new Map(
  readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
    .split(/^### /m)
    .slice(1)
    .flatMap((section) => {
      const [heading = ''] = section.split('\n')
      const fields = [...section.matchAll(/^\| `([a-z_]+)`\s*\| ([^|]+)\|/gm)].map(
        ([, name = '', type = '']): [string, Field] => [
          name,
          { type: type.split(',')[0]?.trim() ?? '', sometimes: type.includes(',') },
        ],
      )
      return [...heading.matchAll(/`halfkey ([a-z ]+)`/g)].map(
        ([, command = '']) => [command, new Map(fields)] as const,
      )
    }),
)

const types: Record<string, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  time: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  null: (value) => value === null,
  'list of text': (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
}

function expectDocumented(command: string, printed: Record<string, unknown>): void {
  const fields = documented.get(command) ?? new Map<string, Field>()
  for (const [name, value] of Object.entries(printed)) {
    const alternatives = fields.get(name)?.type.split(' or ') ?? []
    const fits = alternatives.some((type) => types[type]?.(value))
    expect(fits, `${command}: ${name} is ${JSON.stringify(value)}, documented as ${alternatives.join(' or ')}`).toBe(
      true,
    )
  }
  const missing = [...fields].filter(([name, { sometimes }]) => !sometimes && !(name in printed)).map(([name]) => name)
  expect(missing, command).toEqual([])
}

const commands = await (async () => {
  const asking = makeHalfkey()
  try {
    return (await helpOf(asking)).filter(({ text }) => /^ {2}--json/m.test(text)).map(({ words }) => words.join(' '))
  } finally {
    asking.remove()
  }
})()

/** Command lines for each command, on a server where each has something to show. */
const lines: Record<string, () => Promise<string[][]>> = {
  create: () =>
    Promise.resolve([
      ['create', 'text'],
      ['create', 'text', '--generate-password', '--views', 'unlimited'],
    ]),
  generate: () => Promise.resolve([['generate']]),
  async open() {
    const file = path.join(halfkey.home, 'a-file')
    writeFileSync(file, 'x')
    const [bare, full] = [
      await client().createSecret('x'),
      await client().createSecret('x', { message: 'note', attachments: [file] }),
    ]
    return [
      ['open', bare.shareUrl],
      ['open', full.shareUrl, '--out', path.join(halfkey.home, 'out')],
    ]
  },
  answer: async () => [
    ['answer', (await client().createRequest()).askUrl, 'text'],
    ['answer', (await client().createRequest()).askUrl, 'text', '--generate-password'],
  ],
  'request create': () =>
    Promise.resolve([
      ['request', 'create'],
      ['request', 'create', '--no-keep', '--message', 'x'],
    ]),
  'request list': () => Promise.resolve([['request', 'list']]),
  'request get': async () => [['request', 'get', await newRequest()]],
  'request answers': async () => [['request', 'answers', await newRequest()]],
  async 'request collect'() {
    const out = path.join(halfkey.home, 'answers')
    return [
      ['request', 'collect', await newRequest()],
      ['request', 'collect', await newRequest([Buffer.from([255]), 'note']), '--out', out],
      ['request', 'collect', await newRequest(), '--into', 'prod/into'],
    ]
  },
  'request patch': async () => [['request', 'patch', (await client().createRequest()).slug, '--hours', '1']],
  'request unlock': async () => [await newAnswer('unlock')],
  'request destroy': async () => [await newAnswer('destroy')],
  async status() {
    const [waiting, withdrawn] = [await newReceipt(), await newReceipt()]
    return [
      ['status', waiting],
      ['status', withdrawn, '--withdraw'],
    ]
  },
  'request withdraw': async () => [['request', 'withdraw', await newRequest()]],
  'request stats': () => Promise.resolve([['request', 'stats']]),
  get: async () => [['get', await newSlug()]],
  list: () => Promise.resolve([['list']]),
  delete: async () => [['delete', await newSlug()]],
  events: async () => [['events', await newSlug()]],
  stats: () => Promise.resolve([['stats']]),
  config: () => Promise.resolve([['config'], ['config', '--url', 'http://127.0.0.1:1']]),
  test: () => Promise.resolve([['test']]),
  login: () => Promise.resolve([['login']]),
  logout: () => Promise.resolve([['logout', '--forget-key']]),
  'workspace init': () => Promise.resolve([['workspace', 'init']]),
  'workspace rekey': () => Promise.resolve([['workspace', 'rekey', '--verify']]),
  'token create': () => Promise.resolve([['token', 'create', 'x', '--scope', 'kms:read']]),
  'token list': () => Promise.resolve([['token', 'list']]),
  async 'token revoke'() {
    const { id } = await client().tokens.create('x', { scopes: ['kms:read'], expiresIn: 3600 })
    return [['token', 'revoke', id]]
  },
  'kms put': () => Promise.resolve([['kms', 'put', 'prod/put']]),
  'kms reveal': async () => [['kms', 'reveal', await newHandler()]],
  'kms get': async () => [['kms', 'get', await newHandler()]],
  'kms list': () => Promise.resolve([['kms', 'list']]),
  'kms versions': async () => [['kms', 'versions', await newHandler()]],
  'kms events': async () => [['kms', 'events', await newHandler()]],
  'kms rollback': async () => [['kms', 'rollback', await newHandler(), '--to', '1']],
  'kms destroy': async () => [['kms', 'destroy', await newHandler(), '--version', '1']],
  'kms delete': async () => [['kms', 'delete', await newHandler()]],
  import() {
    const file = path.join(halfkey.home, '.env')
    writeFileSync(file, 'DB_PASSWORD=hunter2\n')
    return Promise.resolve([
      ['import', file, '--dry-run'],
      ['import', file],
    ])
  },
  verify: () => Promise.resolve([['verify', owner.server().url]]),
}

const newSlug = async (): Promise<string> => (await client().createSecret('x', { description: 'described' })).slug

/** The slug of a request that was answered. */
async function newRequest([content, message]: [string | Uint8Array, string?] = ['x']): Promise<string> {
  const { askUrl, slug } = await client().createRequest({ description: 'described' })
  const file = path.join(halfkey.home, 'a-file')
  writeFileSync(file, 'x')
  await (await openAsk(askUrl)).answer(content, { message, attachments: message === undefined ? [] : [file] })
  return slug
}

const newReceipt = async (): Promise<string> =>
  (await (await openAsk((await client().createRequest()).askUrl)).answer('x')).statusUrl

/** The command line of a call on an answer. */
async function newAnswer(call: string): Promise<string[]> {
  const { askUrl, slug } = await client().createRequest()
  return ['request', call, slug, (await (await openAsk(askUrl)).answer('x')).slug]
}

let handlers = 0
async function newHandler(): Promise<string> {
  const handler = `prod/entry-${++handlers}`
  const { kms } = client()
  await kms.put(handler, 'one')
  await kms.put(handler, 'two', { name: 'Two', properties: { a: 1 }, rotateAfter: 3600, expiresIn: 3600 })
  return handler
}

it('is documented for every command that takes it, and for no other', () => {
  expect([...documented.keys()].sort()).toEqual([...commands].sort())
})

it.each(commands)('of %s is one flat object a line with the documented fields and types', async (command) => {
  const calls = await lines[command]?.()
  expect(calls, 'a command line for it').toBeDefined()
  for (const args of calls ?? []) {
    const printed = await owner.json(args, 'input')
    expect(printed.length).toBeGreaterThan(0)
    for (const each of printed) expectDocumented(command, each)
  }
})
