/** Vitest reads this through vitest.config.ts; one project a package, the SDK's also with its second crypto provider. */
export default [
  'packages/*/vitest.config.ts',
  'packages/sdk/vitest.peculiar.config.ts',
  'apps/*/vitest.config.ts',
  'examples/vitest.config.ts',
]
