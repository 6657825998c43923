/** What an editor shows of a public name: examples/test/docstrings.test.ts runs the examples. */
import { beforeAll, expect, test } from 'vitest'
import { publicNames, type PublicName } from './public-api.ts'

let names: PublicName[]

beforeAll(() => {
  names = publicNames()
}, 120_000)

const namesOf = (found: PublicName[]) => found.map(({ name }) => name)

test('the compiler finds what there is', () => {
  expect(namesOf(names)).toEqual(
    expect.arrayContaining(['Halfkey', 'Halfkey.createSecret', 'openLink', 'CreateOptions.hours', 'OpenedFile.save']),
  )
  expect(names.length).toBeGreaterThan(500)
})

test('every public name and every public member of one has a docstring', () => {
  expect(namesOf(names.filter(({ documentation }) => documentation.trim() === ''))).toEqual([])
})

test.each(['throws', 'example'])('every function and every asynchronous method has a tag @%s', (tag) => {
  const asked = names.filter(({ name, call }) => call && (call.isAsync || !name.includes('.')))
  expect(asked.length).toBeGreaterThan(30)
  expect(namesOf(asked.filter(({ tags }) => !tags.includes(tag)))).toEqual([])
})
