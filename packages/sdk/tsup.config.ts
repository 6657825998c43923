import { defineConfig, type Options } from 'tsup'

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
}

export default defineConfig([
  library,
  { ...browser, entry: { 'halfkey.min': 'src/cdn.ts' }, format: 'iife', outExtension: () => ({ js: '.js' }) },
  { ...browser, entry: { 'open.min': 'src/open.ts' }, format: 'esm', outExtension: () => ({ js: '.js' }) },
])
