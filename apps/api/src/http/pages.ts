/** Serves the web pages, which are read once at start. The page at /SLUG is the same for every slug. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Hono } from 'hono'
import type { Env } from './context.ts'

/** Compressed variants of a file, in order of preference. */
const codings = { br: '.br', gzip: '.gz' } as const

type Coding = keyof typeof codings

export interface Asset {
  type: string
  body: Buffer<ArrayBuffer>
  /** Compressed variants, if the build created them. */
  coded?: Partial<Record<Coding, Buffer<ArrayBuffer>>>
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export function readAsset(file: string): Asset {
  const variants = Object.entries(codings).filter(([, extension]) => existsSync(file + extension))
  return {
    type: types[path.extname(file)] ?? 'application/octet-stream',
    body: readFileSync(file),
    coded: Object.fromEntries(variants.map(([coding, extension]) => [coding, readFileSync(file + extension)])),
  }
}

const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types halfkey"

export const pageHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-Robots-Tag': 'noindex, nofollow',
  Vary: 'Accept-Encoding',
}

/** Whether a client accepts a coding (RFC 9110 section 12.5.3). Ignores `*`, which no browser sends. */
export function accepts(header: string, coding: Coding): boolean {
  return header.split(',').some((entry) => {
    const [name, ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    return name === coding && Number(weight?.slice(2) ?? 1) > 0
  })
}

interface Serving {
  policy?: string
  /** Never changes, because its name contains its hash or version. */
  immutable?: boolean
  /** Other origins may load it and check its hash (W3C, Subresource Integrity). */
  shared?: boolean
}

const sharedHeaders = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }

export function serveAsset(
  app: Hono<Env>,
  route: string,
  { type, body, coded = {} }: Asset,
  { policy = pagePolicy, immutable = false, shared = false }: Serving = {},
): void {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22)
  const headers = {
    ...pageHeaders,
    ...(shared && sharedHeaders),
    'Content-Type': type,
    'Cache-Control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Content-Security-Policy': policy,
  }
  const plain = { body, headers: { ...headers, ETag: `"${hash}"` } }
  const variants = Object.entries(coded).map(([coding, bytes]) => ({
    coding: coding as Coding,
    reply: { body: bytes, headers: { ...headers, 'Content-Encoding': coding, ETag: `"${hash}-${coding}"` } },
  }))
  app.get(route, (c) => {
    c.set('route', route.split('{', 1)[0] ?? route)
    const accepted = c.req.header('Accept-Encoding') ?? ''
    const { reply } = variants.find(({ coding }) => accepts(accepted, coding)) ?? { reply: plain }
    const known = c.req.header('If-None-Match') === reply.headers.ETag
    return known ? new Response(null, { status: 304, headers: reply.headers }) : new Response(reply.body, reply)
  })
}

/** Looks like a slug: letters and digits, and whatever mail programs append, but not a file name. */
const slugLike = '[A-Za-z0-9]+(?:[^A-Za-z0-9./][^/]*)?'

/** Links that aren't share links: the folder before their slug, which also names their page. */
const linkKinds = ['ask', 'collect', 'status']

/** Redirects `/SLUG/`, `//SLUG` and `/ask//SLUG` to the page without extra slashes, relative because of path prefixes. Browsers keep the fragment (RFC 9110 section 10.2.2). */
function redirectExtraSlashes(app: Hono<Env>): void {
  const pattern = new RegExp(`^/+(?:(${linkKinds.join('|')})/+)?(${slugLike})/*$`)
  app.get('*', async (c, next) => {
    const [, kind, slug] = pattern.exec(c.req.path) ?? []
    if (slug === undefined) return await next()
    c.set('route', kind === undefined ? '/:slug' : `/${kind}/:slug`)
    const up = '../'.repeat(c.req.path.split('/').length - 2)
    const to = kind === undefined ? slug : `${kind}/${slug}`
    return new Response(null, { status: 308, headers: { ...pageHeaders, Location: up + to } })
  })
}

/**
 * Serves the built pages of `directory`: index.html at /, app.html at /app, request.html at /request, open.html at every slug,
 * ask.html at /ask/ and every slug, and so on, assets under /assets/, and the script-tag bundle under /cdn/VERSION/.
 */
export function addPages(app: Hono<Env>, directory: string): void {
  const serveFolder = (folder: string, serving: Serving): void => {
    for (const name of readdirSync(path.join(directory, folder))) {
      if (Object.values<string>(codings).includes(path.extname(name))) continue
      serveAsset(app, `/${folder}/${name}`, readAsset(path.join(directory, folder, name)), serving)
    }
  }
  serveFolder('assets', { immutable: true })
  for (const version of readdirSync(path.join(directory, 'cdn'))) {
    serveFolder(`cdn/${version}`, { immutable: true, shared: true })
  }
  const pages = {
    '/': 'index.html',
    '/app': 'app.html',
    '/request': 'request.html',
    [`/:slug{${slugLike}}`]: 'open.html',
    ...Object.fromEntries(linkKinds.map((kind) => [`/${kind}/:slug{${slugLike}}`, `${kind}.html`])),
  }
  for (const [route, name] of Object.entries(pages)) serveAsset(app, route, readAsset(path.join(directory, name)))
  redirectExtraSlashes(app)
}
