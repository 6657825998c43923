import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { build, defineConfig, type Options } from 'tsup'

/** For Node, workers and bundlers; types included. */
const library: Options = {
  entry: ['src/index.ts', 'src/open.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: true,
  // One copy of HalfkeyError for both entries, in CJS too.
  splitting: true,
  sourcemap: true,
}

/** For pages, whole and minified: every browser has WebCrypto, so the fallback goes. */
const browser: Options = {
  target: 'es2022',
  platform: 'browser',
  minify: 'terser',
  terserOptions: { ecma: 2020, compress: { passes: 3, ecma: 2020 } },
  splitting: false,
  define: { __HALFKEY_BROWSER__: 'true' },
  outExtension: () => ({ js: '.js' }),
}

/** What the script-tag bundle leaves to a second file. */
const extrasLater: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'extras-later',
  setup(bundler) {
    bundler.onResolve({ filter: /\/extras\.ts$/ }, () => ({ path: path.resolve('src/extras.cdn.ts') }))
  },
}

export default defineConfig(async ({ outDir = 'dist', silent = false }) => {
  const more: Options = { ...browser, entry: { 'halfkey.more.min': 'src/cdn-more.ts' }, format: 'iife' }
  await build({ ...more, outDir, silent, config: false })
  const script = readFileSync(path.join(outDir, 'halfkey.more.min.js'))
  const integrity = `sha384-${createHash('sha384').update(script).digest('base64')}`
  const define = { ...browser.define, __HALFKEY_MORE_INTEGRITY__: JSON.stringify(integrity) }
  return [
    library,
    { ...browser, entry: { 'halfkey.min': 'src/cdn.ts' }, format: 'iife', define, esbuildPlugins: [extrasLater] },
    { ...browser, entry: { 'open.min': 'src/open.ts' }, format: 'esm' },
  ]
})
