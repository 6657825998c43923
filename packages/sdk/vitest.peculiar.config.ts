import { defineConfig } from 'vitest/config'

/** The vectors and properties once more, with `@peculiar/webcrypto` as the provider. */
export default defineConfig({
  test: {
    name: 'sdk-peculiar',
    root: import.meta.dirname,
    include: ['test/vectors.test.ts', 'test/property.*.test.ts', 'test/vectors.peculiar.test.ts'],
    setupFiles: ['test/vectors.peculiar.setup.ts'],
    testTimeout: 60_000,
  },
})
