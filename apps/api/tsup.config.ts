import { cpSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { defineConfig } from 'tsup'

const require = createRequire(import.meta.url)
const { version } = require('./package.json') as { version: string }

export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  target: 'node22',
  platform: 'node',
  clean: true,
  define: { HALFKEY_VERSION: JSON.stringify(version) },
  // Bundled, so that only what is used is loaded: half the memory and a third of the start.
  noExternal: ['drizzle-orm', 'zod', 'hono', '@hono/zod-openapi', '@hono/node-server'],
  banner: { js: '#!/usr/bin/env node' },
  onSuccess: () => {
    cpSync('src/store/sqlite/migrations', 'dist/migrations', { recursive: true })
    cpSync(
      require.resolve('@scalar/api-reference').replace(/dist\/.*$/, 'dist/browser/standalone.js'),
      'dist/scalar.js',
    )
    if (existsSync('../web/dist')) cpSync('../web/dist', 'dist/pages', { recursive: true })
    return Promise.resolve()
  },
})
