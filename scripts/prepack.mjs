/** Runs before a package is packed or published. Rejects npm, which leaves `workspace:*` in it, so that nobody could install it. */
import { readFileSync } from 'node:fs'

const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// npm started by pnpm inherits its user agent, but says itself where its program is.
if (!/pnpm[^/\\]*$/.test(process.env['npm_execpath'] ?? '')) {
  console.error(
    `npm would leave workspace:* in this package, so nobody could install it. Use pnpm: npx ${packageManager} pack`,
  )
  process.exit(1)
}
