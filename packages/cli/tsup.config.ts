import { existsSync, readFileSync } from 'node:fs'
import type { Options } from 'tsup'
import { defineConfig } from 'tsup'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

/** What the pages of this release are, for `halfkey verify`. */
const manifestFile = '../../apps/web/dist/manifest.json'
const manifest = existsSync(manifestFile) ? readFileSync(manifestFile, 'utf8') : 'null'

const shared: Options = {
  target: 'node20',
  splitting: true,
  // The SDK goes in, so that installing the command brings few packages beside it and starting it reads few files;
  // its fallback provider stays out, which no Node that runs this asks for.
  noExternal: ['@halfkey/sdk', '@halfkey/bridge'],
  external: ['@peculiar/webcrypto', 'nodemailer', 'undici'],
  define: { HALFKEY_VERSION: JSON.stringify(version), HALFKEY_MANIFEST: manifest },
}

export default defineConfig([
  // One file of CommonJS: Node loads ESM, file by file, in more time than a command needs for all else (bench/cli.ts).
  { ...shared, entry: ['src/bin.ts'], format: 'cjs', splitting: false },
  { ...shared, entry: ['src/index.ts'], format: 'esm', dts: { entry: 'src/index.ts' } },
  { ...shared, entry: ['src/index.ts'], format: 'cjs', dts: { entry: 'src/index.ts' } },
])
