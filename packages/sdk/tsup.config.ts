import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build, defineConfig, type Options } from 'tsup'

/** For pages, whole and minified: every browser has WebCrypto, so the fallback goes. */
const browser: Options = {
  target: 'es2022',
  platform: 'browser',
  // One after the other, which is smaller than either alone.
  minify: 'terser',
  esbuildOptions: (options) => {
    options.minify = true
  },
  terserOptions: {
    ecma: 2020,
    module: true,
    compress: {
      passes: 5,
      ecma: 2020,
      pure_getters: true,
      keep_fargs: false,
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- terser declares an enum it doesn't have
      inline: 1,
    },
  },
  splitting: false,
  define: { __HALFKEY_BROWSER__: 'true' },
  outExtension: () => ({ js: '.js' }),
}

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/** Takes another file with the same names, which loads later what they stand for. */
const replace = (modules: RegExp, by: string): Plugin => ({
  name: 'replace',
  setup(bundler) {
    bundler.onResolve({ filter: modules }, () => ({ path: path.resolve(by) }))
  },
})

const modules: Options = {
  entry: ['src/index.ts', 'src/open.ts', 'src/parts.ts'],
  format: ['esm', 'cjs'],
  // One copy of HalfkeyError for all entries, in CJS too.
  splitting: true,
  sourcemap: true,
  esbuildPlugins: [replace(/\/reveal-parts\.ts$/, 'src/link/reveal-parts.lazy.ts')],
}

/** For Node, Bun and Deno, which take the condition `node`; with the types for all. */
const node: Options = { ...modules, target: 'node20', dts: true }

/** For all that doesn't: pages and workers, in a bundler or as they are. What is for Node alone is gone from it. */
const web: Options = {
  ...modules,
  target: 'es2022',
  platform: 'browser',
  define: { __HALFKEY_BROWSER__: 'true' },
  esbuildOptions: (options) => {
    options.minifySyntax = true
  },
}

/** A script's Subresource Integrity (W3C). */
const integrityOf = (file: string): string =>
  `sha384-${createHash('sha384').update(readFileSync(file)).digest('base64')}`

/** tsup's maps of CJS files name the folder that they were built in: no two builds would be the same. */
function forgetFolder(outDir: string): void {
  const folder = path.resolve(outDir) + path.sep
  for (const name of readdirSync(outDir).filter((name) => name.endsWith('.cjs.map'))) {
    const file = path.join(outDir, name)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(folder, ''))
  }
}

export default defineConfig(async ({ outDir = 'dist', silent = false }) => {
  const webDir = path.join(outDir, 'web')
  await build({ ...web, outDir: webDir, silent, config: false })
  forgetFolder(webDir)
  const parts = { 'halfkey.more.min': 'src/bundles/cdn-more.ts', 'halfkey.requests.min': 'src/bundles/cdn-requests.ts' }
  const withKem = [replace(/\/kem\.ts$/, 'src/bundles/kem.cdn.ts')]
  await build({ ...browser, entry: parts, format: 'iife', outDir, silent, config: false, esbuildPlugins: withKem })
  const integrity = (part: keyof typeof parts) => JSON.stringify(integrityOf(path.join(outDir, `${part}.js`)))
  const bundle: Options = {
    ...browser,
    entry: { 'halfkey.min': 'src/bundles/cdn.ts' },
    format: 'iife',
    define: {
      ...browser.define,
      __HALFKEY_MORE_INTEGRITY__: integrity('halfkey.more.min'),
      __HALFKEY_REQUESTS_INTEGRITY__: integrity('halfkey.requests.min'),
    },
    esbuildPlugins: [
      replace(/\/(?:extras|reveal-parts)\.ts$/, 'src/bundles/extras.cdn.ts'),
      replace(/\/request\/lazy\.ts$/, 'src/bundles/requests.cdn.ts'),
    ],
    onSuccess: () => {
      const names = ['halfkey.min', ...Object.keys(parts)].map((name) => `${name}.js`)
      const hashes = Object.fromEntries(names.map((name) => [name, integrityOf(path.join(outDir, name))]))
      const text = JSON.stringify(hashes, null, 2)
      writeFileSync(path.join(outDir, 'integrity.json'), `${text}\n`)
      if (!silent) console.log(text)
      return Promise.resolve()
    },
  }
  const onSuccess = () => Promise.resolve(forgetFolder(outDir))
  return [{ ...node, onSuccess }, bundle, { ...browser, entry: { 'open.min': 'src/open.ts' }, format: 'esm' }]
})
