/** `npm start`: installs, builds and serves. HALFKEY_… variables are passed on to the server. */
import path from 'node:path'
import { build, follow, install, requireNode, root } from './lib.mjs'

requireNode()
if (!install() || !build()) process.exit(1)
process.exitCode = await follow(path.join(root, 'node_modules/node/bin/node'), [
  path.join(root, 'apps/api/dist/main.js'),
])
