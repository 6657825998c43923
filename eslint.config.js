import regexp from 'eslint-plugin-regexp'
import tseslint from 'typescript-eslint'

/**
 * @typedef {{ group?: string[], regex?: string, allowTypeImports?: boolean, message: string }} Restriction
 */

/**
 * Import directions of ARCHITECTURE.md: who may not import what.
 *
 * @satisfies {Record<string, Restriction>}
 */
const no = {
  ours: {
    group: ['@halfkey/*', 'halfkey', '**/apps/**', '**/cli/**'],
    message: 'The SDK stands on nothing of ours.',
  },
  api: {
    group: ['@halfkey/api', '**/apps/api/**'],
    message: 'cli, bridge and web reach the API over HTTP, through the SDK.',
  },
  sdkCode: {
    group: ['@halfkey/sdk', '**/packages/sdk/**'],
    allowTypeImports: true,
    message: 'The API takes wire types alone from the SDK: it never runs code that knows keyB.',
  },
  http: { group: ['**/http/**'], message: 'Nobody imports http.' },
  outsideProtocol: {
    regex: '^\\.\\./(?!(?:provider|errors)\\.ts$)',
    allowTypeImports: true,
    message: 'protocol/ is closed: it imports the crypto provider and the error class, and nothing else.',
  },
  outsideDomain: {
    regex: '^(?:\\.\\./)+(?:store|jobs|http)/|^(?:drizzle-orm|better-sqlite3|pg|hono|@hono)(?:/|$)',
    message: 'domain/ holds the rules: no database, no HTTP.',
  },
  outsideSecrets: {
    regex: '^(?:\\.\\./)+(?:adapters|config)|^node:(?!crypto$)',
    message:
      'domain/secrets/ and domain/requests/ are pure: facts and a command in, an outcome and changes out. No clock, no I/O.',
  },
  outsidePolicies: {
    regex: '^\\.\\./(?!(?:secrets/secret|addresses)\\.ts$)',
    message: 'Policies are pure rules: they import nothing but types and addresses of the domain.',
  },
}

/** Reading the clock, drawing numbers, waiting. */
const impure = [
  'NewExpression[callee.name="Date"][arguments.length=0]',
  'MemberExpression[object.name="Date"][property.name="now"]',
  'MemberExpression[object.name="Math"][property.name="random"]',
  'MemberExpression[object.name="performance"]',
  'CallExpression[callee.name=/^(setTimeout|setInterval|setImmediate|fetch)$/]',
]

/**
 * The last entry that matches a file holds alone, so each names all that it forbids.
 *
 * @param {string} files
 * @param {...Restriction} patterns
 * @returns {import('typescript-eslint').ConfigArray[number]}
 */
const never = (files, ...patterns) => ({
  files: [files],
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
})

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/migrations/**'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { regexp },
    rules: {
      // Whoever chooses a text must not choose how long it keeps a program busy (CONTRIBUTING.md, "To read what others choose").
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignorePartial: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  {
    // Tests look into replies freely.
    files: ['**/test/**'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  never('packages/sdk/src/**', no.ours),
  never('packages/sdk/src/protocol/**', no.ours, no.outsideProtocol),
  never('packages/cli/src/**', no.api),
  never('packages/bridge/src/**', no.api),
  never('apps/web/src/**', no.api),
  never('apps/api/src/**', no.sdkCode),
  ...['store', 'jobs', 'adapters'].map((room) => never(`apps/api/src/${room}/**`, no.sdkCode, no.http)),
  never('apps/api/src/domain/**', no.sdkCode, no.outsideDomain),
  ...['secrets', 'requests'].map((room) =>
    never(`apps/api/src/domain/${room}/**`, no.sdkCode, no.outsideDomain, no.outsideSecrets),
  ),
  never('apps/api/src/domain/policies/**', no.sdkCode, no.outsideDomain, no.outsidePolicies),
  {
    files: ['apps/api/src/domain/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...impure.map((selector) => ({ selector, message: 'Rules are given the time.' })),
      ],
    },
  },
)
