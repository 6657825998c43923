/** Generates OpenAPI 3.1 from the operations, and serves it with its documentation page. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Env } from './context.ts'
import type { Asset } from './pages.ts'
import { serveAsset } from './pages.ts'
import { replyHeaders } from './reply-headers.ts'

export function openApiDocument(app: OpenAPIHono<Env>): object {
  const registry = app.openAPIRegistry
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: '`hkt_<id>_<secret>`',
  })
  const header = (name: string, description: string) => ({ type: 'apiKey', in: 'header', name, description }) as const
  registry.registerComponent('securitySchemes', 'manageKey', header('Halfkey-Manage', 'b64 of the secret’s manage key'))
  registry.registerComponent('securitySchemes', 'access', header('Halfkey-Access', 'b64 of the link’s access value'))
  registry.registerComponent(
    'securitySchemes',
    'collect',
    header('Halfkey-Collect', 'b64 of the collect link’s access value'),
  )
  registry.registerComponent('securitySchemes', 'grant', header('Halfkey-Grant', 'the grant from a reveal'))
  for (const [name, header] of Object.entries(replyHeaders)) registry.registerComponent('headers', name, header)
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Halfkey storage API',
      version: '1.0.0',
      description:
        'Stores ciphertext and half of the key. spec/protocol.md describes the encryption. Every reply has `X-Request-Id`; ' +
        'replies to rate-limited calls also have `RateLimit` and `RateLimit-Policy`.',
      license: { name: 'MIT' },
    },
  })
}

/** Scalar uses inline styles, but nothing from other origins. */
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Halfkey API</title>
<div id="app"></div>
<script src="/docs/scalar.js"></script>
<script src="/docs/start.js"></script>
</html>
`

const start = `Scalar.createApiReference('#app', { url: '/openapi.json', withDefaultFonts: false, telemetry: false, agent: { disabled: true }, mcp: { disabled: true } })\n`

export function addDocs(app: OpenAPIHono<Env>, scalar: Asset | undefined): void {
  const document: Asset = {
    type: 'application/json; charset=utf-8',
    body: Buffer.from(JSON.stringify(openApiDocument(app))),
  }
  serveAsset(app, '/openapi.json', document)
  serveAsset(app, '/docs', { type: 'text/html; charset=utf-8', body: Buffer.from(page) }, { policy: docsPolicy })
  serveAsset(app, '/docs/start.js', { type: 'text/javascript; charset=utf-8', body: Buffer.from(start) })
  if (scalar) serveAsset(app, '/docs/scalar.js', scalar)
}
