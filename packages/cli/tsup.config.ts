import { readFileSync } from 'node:fs'
import type { Options } from 'tsup'
import { defineConfig } from 'tsup'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

const shared: Options = {
  target: 'node20',
  splitting: true,
  // The SDK goes in, so that installing the command brings one package beside it and starting it reads few files;
  // without its fallback provider, which no Node that runs this needs.
  noExternal: ['@halfkey/sdk'],
  define: { HALFKEY_VERSION: JSON.stringify(version), __HALFKEY_BROWSER__: 'true' },
}

export default defineConfig([
  { ...shared, entry: ['src/bin.ts', 'src/index.ts'], format: 'esm', dts: { entry: 'src/index.ts' } },
  { ...shared, entry: ['src/index.ts'], format: 'cjs', dts: { entry: 'src/index.ts' } },
])
