import { defineProject } from 'vitest/config'

export default defineProject({
  resolve: { alias: { '@halfkey/sdk': new URL('../../packages/sdk/src/index.ts', import.meta.url).pathname } },
  test: {
    name: 'web',
    include: ['test/**/*.test.ts'],
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A real browser beside other work; the run's summary names whatever needed its second try.
    retry: 1,
  },
})
