/** The web pages: files read once at start. The page at /SLUG is the same bytes for every slug. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Hono } from 'hono'
import type { Env } from './context.ts'

export interface Asset {
  type: string
  body: Buffer<ArrayBuffer>
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export function readAsset(file: string): Asset {
  return { type: types[path.extname(file)] ?? 'application/octet-stream', body: readFileSync(file) }
}

const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

export function serveAsset(app: Hono<Env>, route: string, { type, body }: Asset, policy = pagePolicy): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const headers = {
    'Content-Type': type,
    'Cache-Control': 'no-cache',
    ETag: etag,
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'X-Robots-Tag': 'noindex, nofollow',
  }
  app.get(route, (c) => {
    c.set('route', route)
    if (c.req.header('If-None-Match') === etag) return new Response(null, { status: 304, headers })
    return new Response(body, { headers })
  })
}

/** Serves the built pages of `directory`: index.html at /, open.html at every one-segment path, assets/ beside. */
export function addPages(app: Hono<Env>, directory: string): void {
  const assets = path.join(directory, 'assets')
  for (const name of readdirSync(assets)) serveAsset(app, `/assets/${name}`, readAsset(path.join(assets, name)))
  serveAsset(app, '/', readAsset(path.join(directory, 'index.html')))
  serveAsset(app, '/:slug', readAsset(path.join(directory, 'open.html')))
}
