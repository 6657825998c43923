/** CONTRIBUTING.md, “Adding a policy”: how many files a policy touches, counted on one that every layer has. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')

/** Files outside tests, translations and migrations that name `ip_whitelist` or `ipWhitelist`. */
const places = globSync('{apps,packages}/*/src/**/*.{ts,tsx}', { cwd: root, exclude: ['**/words/**'] })
  .filter((file) => /ip_?whitelist/i.test(readFileSync(path.join(root, file), 'utf8')))
  .sort()

test('a policy is its rule, its field in one schema, its column, and an option for people: a list of files', () => {
  expect(
    places,
    'CONTRIBUTING.md says which files a policy touches, so that adding one stays a small change. ' +
      'Move what is new into one of them; or, if every policy needs a further file, add it here and there.',
  ).toEqual([
    // The rule, and the fact that it decides on.
    'apps/api/src/domain/policies/network.ts',
    'apps/api/src/domain/secrets/secret.ts',
    // Its field in what a create accepts and in what an owner sees; an answer to a request is a secret too.
    'apps/api/src/http/asks/answer.ts',
    'apps/api/src/http/presenters.ts',
    'apps/api/src/http/secrets/create.ts',
    // Its column.
    'apps/api/src/store/sqlite/rows.ts',
    'apps/api/src/store/sqlite/schema.ts',
    // The pages: the sender's field, its errors, the owner's view.
    'apps/web/src/own/secret.tsx',
    'apps/web/src/send/draft.ts',
    'apps/web/src/send/problems.ts',
    // The option, and the details.
    'packages/cli/src/commands/create.ts',
    'packages/cli/src/details.ts',
    'packages/cli/src/failure.ts',
    'packages/sdk/src/create/create.ts',
    'packages/sdk/src/wire.ts',
    'packages/sdk/src/workspace/records.ts',
  ])
})
