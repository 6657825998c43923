import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'sdk',
    root: import.meta.dirname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.peculiar.test.ts'],
    testTimeout: 60_000,
  },
})
