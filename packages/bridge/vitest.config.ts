import { defineProject } from 'vitest/config'

const sdk = (file: string) => new URL(`../sdk/src/${file}`, import.meta.url).pathname

export default defineProject({
  resolve: {
    alias: [
      { find: /^@halfkey\/sdk$/, replacement: sdk('index.ts') },
      { find: /^@halfkey\/sdk\/parts$/, replacement: sdk('parts.ts') },
    ],
  },
  test: { name: 'bridge', include: ['test/**/*.test.ts'], isolate: false, testTimeout: 60_000, hookTimeout: 60_000 },
})
