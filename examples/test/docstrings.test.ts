/** Every example of the SDK's docstrings, run as its reader would. */
import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openOffice, type Office } from './office.ts'
import { fromRoot, read } from './stranger.ts'

const SOURCES = 'packages/sdk/src'

interface Example {
  name: string
  code: string
}

const files = readdirSync(fromRoot(SOURCES), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)

/** The examples of a file, each named by its line. */
function examplesOf(file: string): Example[] {
  const text = read(`${SOURCES}/${file}`)
  const blocks = [...text.matchAll(/^ *\* @example\n((?: *\*(?: .*)?\n)+)/gm)]
  return blocks.map(({ index, 1: block = '' }) => {
    const [, code = ''] = /^```ts\n(.*?)^```$/ms.exec(block.replaceAll(/^ *\* ?/gm, '')) ?? []
    return { name: `${file}:${text.slice(0, index).split('\n').length}`, code }
  })
}

const movesTheKey = ({ code }: Example) => Number(code.includes('.rekey('))
// After a rekeying the workspace refuses the key that the others seal with.
const examples = files.flatMap(examplesOf).sort((one, other) => movesTheKey(one) - movesTheKey(other))

let office: Office
beforeAll(async () => {
  office = await openOffice()
})
afterAll(() => office.close())

test('every @example has code that this test finds', () => {
  const tags = files.flatMap((file) => read(`${SOURCES}/${file}`).match(/\* @example\b/g) ?? [])
  expect(examples).toHaveLength(tags.length)
  expect(examples.filter(({ code }) => code === '')).toEqual([])
})

test.each(examples)('$name runs', async ({ code }) => {
  await office.run('ts', code)
})
