/** What people open in a browser: a key as a link. Nothing is revealed here, so previews spend nothing. */
import { deriveLink } from '@halfkey/sdk/parts'
import type { Hono } from 'hono'
import type { Env } from '../caller.ts'
import { deriveKeyB } from '../keys.ts'
import type { createUpstream } from '../upstream.ts'

/** Sends a secret's link on to the share page, with the fragment that its key gives; a receipt's to the receipt. */
export function addLinks(app: Hono<Env>, openUpstream: ReturnType<typeof createUpstream>): void {
  app.get('/secret/:key', async (c) => {
    const keyB = await deriveKeyB(c.req.param('key'))
    if (!keyB) return c.notFound()
    const { slug } = await deriveLink(keyB)
    c.header('Referrer-Policy', 'no-referrer')
    return c.redirect(openUpstream(c, null).shareLink(slug, keyB), 302)
  })

  app.on('GET', ['/receipt/:key', '/private/:key', '/metadata/:key'], (c) => {
    const key = c.req.param('key')
    return /^[A-Za-z\d]+$/.test(key) ? c.redirect(`/api/v1/receipt/${key}`, 302) : c.notFound()
  })
}
