/** The 404 page for browsers. Programs get JSON. */
import { createHash } from 'node:crypto'
import type { Context } from './context.ts'
import { pageHeaders } from './pages.ts'

const style =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}'

const headers = {
  ...pageHeaders,
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  Vary: 'Accept',
}

export const wantsPage = ({ req }: Context): boolean =>
  req.method === 'GET' && !req.path.startsWith('/api/') && (req.header('Accept') ?? '').includes('text/html')

export function noPage({ req }: Context): Response {
  const home = '../'.repeat(Math.max(req.path.split('/').length - 2, 0)) || './'
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>No page at this address · Halfkey</title>
<style>${style}</style>
<h1>There is no page at this address</h1>
<p>If someone sent you a link to a secret, copy the complete link from the message again, or ask the sender for it. The secret has not been opened.</p>
<p><a href="${home}">Go to the start page</a></p>
</html>
`
  return new Response(body, { status: 404, headers })
}
