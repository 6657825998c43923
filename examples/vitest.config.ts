import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'examples',
    root: import.meta.dirname,
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
})
