import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@halfkey/sdk': new URL('../packages/sdk/src/index.ts', import.meta.url).pathname } },
  test: {
    name: 'examples',
    root: import.meta.dirname,
    include: ['test/**/*.test.ts'],
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
})
