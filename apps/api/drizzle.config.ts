import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/store/sqlite/schema.ts', './src/store/sqlite/kms-schema.ts', './src/store/sqlite/requests-schema.ts'],
  out: './src/store/sqlite/migrations',
})
