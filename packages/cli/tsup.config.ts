import { readFileSync } from 'node:fs'
import type { Options } from 'tsup'
import { defineConfig } from 'tsup'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

const shared: Options = {
  target: 'node20',
  splitting: true,
  // The SDK goes in, so that installing the command brings few packages beside it and starting it reads few files;
  // its fallback provider stays out, which no Node that runs this asks for.
  noExternal: ['@halfkey/sdk'],
  external: ['@peculiar/webcrypto', 'nodemailer'],
  define: { HALFKEY_VERSION: JSON.stringify(version) },
}

export default defineConfig([
  { ...shared, entry: ['src/bin.ts', 'src/index.ts'], format: 'esm', dts: { entry: 'src/index.ts' } },
  { ...shared, entry: ['src/index.ts'], format: 'cjs', dts: { entry: 'src/index.ts' } },
])
