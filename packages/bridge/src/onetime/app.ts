/** Onetime Secret's API, version 1. docs/bridge.md lists the differences. */
import { Hono, type Context } from 'hono'
import type { Env } from '../caller.ts'
import { workspaceKeysOf, type Settings } from '../settings.ts'
import { createUpstream, type Transport, type Upstream } from '../upstream.ts'
import { authenticate } from './accounts.ts'
import { contentType, keyTooShort, notAuthorized, refuse, toRefusal, unknownSecret } from './errors.ts'
import { generatePassword } from './generate.ts'
import { addLinks } from './links.ts'
import { Malformed, readParams, textOf, type Params } from './params.ts'
import { findReceipt, presentReceipt, withTwins, type Receipt, type ReceiptQuery } from './receipt.ts'
import { burnSecret, readSecret, recentReceipts } from './secrets.ts'
import { readShareRequest, share } from './share.ts'

export interface OnetimeParts extends Transport {
  settings: Settings
}

interface Call {
  c: Context<Env>
  params: Params
  upstream: Upstream
  query: ReceiptQuery
  /** The origin that was called, for links. */
  origin: string
}

/** Must be mounted at a host's root. */
export function createOnetime({ settings, ...transport }: OnetimeParts): Hono<Env> {
  const { log } = transport
  const openUpstream = createUpstream(settings, transport)
  const known = [null, ...settings.accounts].flatMap((account) => workspaceKeysOf(settings, account))
  const workspaceKeys = [...new Map(known.map((key) => [key.join(), key])).values()]

  const answer = (handle: (call: Call) => unknown) => async (c: Context<Env>) => {
    try {
      const params = await readParams(c)
      const upstream = openUpstream(c, authenticate(c, settings))
      const origin = settings.publicUrl ?? new URL(c.req.url).origin
      const query = { upstream, workspaceKeys, now: transport.now() }
      const reply = await handle({ c, params, upstream, query, origin })
      return c.json(reply as object, 200, { 'Content-Type': contentType })
    } catch (error) {
      return error instanceof Malformed ? c.body(null, 400) : refuse(c, toRefusal(error, log))
    }
  }

  const status = async ({ upstream }: Call) => {
    await upstream.check()
    return { status: 'nominal', locale: 'en' }
  }

  const present = (receipt: Receipt, { upstream, origin, query: { now } }: Call) =>
    presentReceipt(receipt, { user: upstream.account?.user ?? null, base: origin, now })

  /** Creates a secret. The times in the reply are the server's. */
  const shareAs = async (secret: string, call: Call, more: { value?: string } = {}) => {
    const { c, params, upstream, query, origin } = call
    if (!upstream.account && !settings.anonymous) throw notAuthorized()
    const ownHosts = [c.req.url, origin, settings.server.shareUrl].map((url) => new URL(url).hostname)
    const parts = { settings, upstream, ownHosts, log }
    const receipt = await share(readShareRequest(secret, params, parts), parts)
    const record = present(receipt, { ...call, query: { ...query, now: receipt.record.createdAt.getTime() } })
    return withTwins({ ...record, secret_key: receipt.note.secret_key, ...more })
  }

  const app = new Hono<Env>({ strict: false }).basePath('/api/v1')

  app.get('/status', answer(status))

  app.get(
    '/authcheck',
    answer((call) => {
      if (!call.upstream.account) throw notAuthorized()
      return status(call)
    }),
  )

  app.on(
    'POST',
    ['/share', '/create'],
    answer((call) => shareAs(textOf(call.params['secret']), call)),
  )

  app.post(
    '/generate',
    answer(async (call) => {
      const value = generatePassword(call.params)
      return shareAs(value, call, { value })
    }),
  )

  app.post(
    '/secret/:key',
    answer(async ({ c, params, upstream, origin }) => {
      const key = keyOf(c)
      const value = await readSecret(upstream, key, textOf(params['passphrase']))
      return { value, secret_key: key, share_domain: origin }
    }),
  )

  for (const receipts of ['/private', '/metadata', '/receipt']) {
    app.get(
      `${receipts}/recent`,
      answer(async (call) => {
        const recent = await recentReceipts(call.upstream.account, call.query)
        return recent.map((receipt) => listed(present(receipt, call)))
      }),
    )

    app.on(
      ['GET', 'POST'],
      `${receipts}/:key`,
      answer(async (call) => present(await findReceipt(keyOf(call.c), call.query), call)),
    )

    app.post(
      `${receipts}/:key/burn`,
      answer(async (call) => {
        const { receipt, secretKey } = await burnSecret(keyOf(call.c), textOf(call.params['passphrase']), call.query)
        return { state: present(receipt, call), secret_shortkey: secretKey.slice(0, 8) }
      }),
    )
  }

  const site = new Hono<Env>({ strict: false })
  site.route('/', app)
  addLinks(site, (c) => openUpstream(c, null), log)
  return site
}

/** A receipt as shown in the list of recent ones. */
function listed({ passphrase_required: _required, has_passphrase: _has, ...record }: Record<string, unknown>) {
  return withTwins({ ...record, secret_key: null, secret_ttl: null })
}

/**
 * The key in the path, reduced to characters that keys may have.
 *
 * @throws Refusal for keys of less than 20 characters, and another one for 19 digits, as a published client expects
 */
function keyOf(c: Context<Env>): string {
  const key = (c.req.param('key') ?? '').replace(/[^\w-]/g, '')
  if (/^\d{19}$/.test(key)) throw unknownSecret(key)
  if (key.length < 20) throw keyTooShort()
  return key
}
