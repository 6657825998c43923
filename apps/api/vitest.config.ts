import { defineProject } from 'vitest/config'

export default defineProject({
  resolve: { alias: { '@halfkey/sdk': new URL('../../packages/sdk/src/index.ts', import.meta.url).pathname } },
  test: { name: 'api', include: ['test/**/*.test.ts'], isolate: false, testTimeout: 60_000, hookTimeout: 60_000 },
})
