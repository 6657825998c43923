/** Links with keys, for browsers. They reveal nothing, so link previews don't use up an opening. */
import { deriveLink } from '@halfkey/sdk/parts'
import type { Context, Hono } from 'hono'
import type { Env } from '../caller.ts'
import type { Log } from '../failure.ts'
import { deriveKeyB } from '../keys.ts'
import type { Upstream } from '../upstream.ts'
import { refuse, toRefusal } from './errors.ts'

/** Redirects a secret's link to the share page, with the fragment derived from its key, and a receipt's link to the receipt. */
export function addLinks(app: Hono<Env>, openUpstream: (c: Context<Env>) => Upstream, log: Log): void {
  app.get('/secret/:key', async (c) => {
    const keyB = await deriveKeyB(c.req.param('key'))
    if (!keyB) return c.notFound()
    const { slug } = await deriveLink(keyB)
    c.header('Referrer-Policy', 'no-referrer')
    try {
      return c.redirect(openUpstream(c).shareLink(slug, keyB), 302)
    } catch (error) {
      return refuse(c, toRefusal(error, log))
    }
  })

  app.on('GET', ['/receipt/:key', '/private/:key', '/metadata/:key'], (c) => {
    const key = c.req.param('key')
    return /^[A-Za-z\d]+$/.test(key) ? c.redirect(`/api/v1/receipt/${key}`, 302) : c.notFound()
  })
}
