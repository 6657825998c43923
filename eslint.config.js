import tseslint from 'typescript-eslint'

/**
 * Import directions of ARCHITECTURE.md: who may not import what.
 *
 * @param {string[]} files
 * @param {{ group?: string[], regex?: string, allowTypeImports?: boolean }} patterns
 * @param {string} message
 * @returns {import('typescript-eslint').ConfigArray[number]}
 */
const never = (files, patterns, message) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ ...patterns, message }] }],
  },
})

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/migrations/**'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
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
  never(
    ['packages/sdk/src/**'],
    { group: ['@halfkey/*', 'halfkey', '**/apps/**', '**/cli/**'] },
    'The SDK stands on nothing of ours.',
  ),
  never(
    ['packages/cli/src/**', 'packages/bridge/src/**', 'apps/web/src/**'],
    { group: ['@halfkey/api', '**/apps/api/**'] },
    'cli, bridge and web reach the API over HTTP, through the SDK.',
  ),
  never(
    ['apps/api/src/**'],
    { group: ['@halfkey/sdk', '**/packages/sdk/**'], allowTypeImports: true },
    'The API takes wire types alone from the SDK: it never runs code that knows keyB.',
  ),
  never(
    ['apps/api/src/policies/**'],
    { regex: '^\\.\\./(?!secrets/secret\\.ts$)' },
    'Policies are pure rules: they import nothing but types of the domain.',
  ),
  never(
    [
      'apps/api/src/secrets/**',
      'apps/api/src/kms/**',
      'apps/api/src/store/**',
      'apps/api/src/jobs/**',
      'apps/api/src/tokens/**',
    ],
    { group: ['**/http/**'] },
    'Nobody imports http.',
  ),
)
