import { copyFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

/** Copied as they are, to where apps/api/src/http/pages.ts serves them from. */
const files = {
  'index.html': '',
  'open.html': '',
  'open.css': 'assets/',
  'icon.svg': 'assets/',
}

export default defineConfig({
  entry: { 'assets/open': 'src/open.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  minify: true,
  clean: true,
  // Every browser has WebCrypto, so the SDK's fallback goes.
  define: { __HALFKEY_BROWSER__: 'true' },
  onSuccess: () => {
    for (const [name, folder] of Object.entries(files)) copyFileSync(`src/${name}`, `dist/${folder}${name}`)
    return Promise.resolve()
  },
})
