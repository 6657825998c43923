/**
 * Builds the pages: `node build.ts [FOLDER]`, by default into dist/.
 *
 * Every page is built by itself, so that it loads one script and one style sheet. The same source gives the same bytes,
 * in whatever folder: `manifest.json` names their hashes, for whoever compares what a server serves.
 */
import { createHash } from 'node:crypto'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build, type InlineConfig, type Plugin } from 'vite'

// Whatever the caller's is: another would put file names into the pages.
process.env['NODE_ENV'] = 'production'

const here = import.meta.dirname
const out = path.resolve(process.argv[2] ?? path.join(here, 'dist'))

/** Where the API serves each page: apps/api/src/http/pages.ts. */
const pages = { '/': 'index.html', '/{slug}': 'open.html' }

const names = {
  entryFileNames: 'assets/[name]-[hash].js',
  chunkFileNames: 'assets/[name]-[hash].js',
  assetFileNames: 'assets/[name]-[hash][extname]',
}

/** Nothing is to be loaded before a dynamic import here, so Vite's own helper for that, 1 KiB, gives way. */
const plainImports: Plugin = {
  name: 'plain-imports',
  enforce: 'pre',
  load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load()' : null),
}

const config = (page: string): InlineConfig => ({
  configFile: false,
  root: path.join(here, 'src'),
  // Relative, so that the pages work under a path prefix too.
  base: './',
  logLevel: 'warn',
  plugins: [plainImports],
  define: { __HALFKEY_BROWSER__: 'true' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: out,
    emptyOutDir: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: { input: path.join(here, 'src', page), output: names },
  },
  worker: { format: 'es', rolldownOptions: { output: names } },
})

const sha384 = (bytes: Uint8Array): string => `sha384-${createHash('sha384').update(bytes).digest('base64')}`

/** Gives every script and style sheet its hash (Subresource Integrity), and lets scripts start before the styles are there. */
function pin(html: string): string {
  return html
    .replace('<script type="module"', '<script type="module" async')
    .replace(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g, (attribute, file: string) => {
      return `${attribute} integrity="${sha384(readFileSync(path.join(out, file)))}"`
    })
}

/** Beside the file as it is: what browsers are sent, at the highest levels. */
function compress(file: string): void {
  const bytes = readFileSync(file)
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }))
}

rmSync(out, { recursive: true, force: true })
for (const page of Object.values(pages)) await build(config(page))
for (const page of Object.values(pages)) {
  const file = path.join(out, page)
  writeFileSync(file, pin(readFileSync(file, 'utf8')))
}

const assets = globSync('assets/*', { cwd: out }).sort()
const served = [...Object.entries(pages), ...assets.map((file) => [`/${file}`, file] as const)]
const hashes = served.map(([address, file]) => [address, sha384(readFileSync(path.join(out, file)))])
for (const [, file] of served) compress(path.join(out, file))
writeFileSync(path.join(out, 'manifest.json'), `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`)
