/** What a sender, a server or a caller hands to the SDK: see apps/api/test/support/growth.ts for how a parser gets in here. */
import { testGrowth } from '../../../apps/api/test/support/growth.ts'
import { checkClientOptions } from '../src/client-options.ts'
import { isEmail } from '../src/create/send-to.ts'
import { safeName } from '../src/link/save.ts'
import { NETWORKS } from '../src/options.ts'
import { lastComponent, openContent, sealContentWith } from '../src/protocol/content.ts'
import { b64, fromJson, unb58, unb64, utf8 } from '../src/protocol/encoding.ts'
import { isHandler } from '../src/protocol/kms.ts'
import { parseKey } from '../src/protocol/kms-keys.ts'
import { parseLink } from '../src/protocol/link.ts'
import { request } from '../src/transport/http.ts'

const keys = { keyA: new Uint8Array(32), keyB: new Uint8Array(32), slug: '1UodmWdHUF4xa' }
const salt = new Uint8Array(32)
const iv = new Uint8Array(12)

/** A secret of a file with this name, opened. */
async function openNamed(name: string): Promise<unknown> {
  const files = [{ id: b64(new Uint8Array(16)), name, type: name, size: 0 }]
  const envelope = await sealContentWith({ ...keys, salt, iv, payload: utf8(JSON.stringify({ files })) })
  return openContent({ ...keys, envelope })
}

const reply = (text: string) => () =>
  Promise.resolve(new Response(text, { status: 400, headers: { 'Retry-After': 'x', 'X-Request-Id': 'x' } }))

testGrowth({
  'a link': (text) => parseLink(text),
  'a link’s path': (text) => parseLink(`https://h/${text}#1${'2'.repeat(44)}`),
  'a link’s fragment': (text) => parseLink(`https://h/1UodmWdHUF4xa#1${text}`),
  'a file’s name': (text) => lastComponent(text),
  'a file’s name in a secret': (text) => openNamed(text),
  'a file’s name to save it by': (text) => safeName(text),
  base64url: (text) => unb64(text),
  'base 58': (text) => unb58(text, 44, 32),
  JSON: (text) => fromJson(utf8(text)),
  'a server’s reply': (text) =>
    request({ method: 'GET', url: 'http://h/', headers: {} }, { fetch: reply(text), retries: 0 }),
  'the address of a mail’s recipient': (text) => isEmail(text),
  networks: (text) => NETWORKS[0]([text]),
  'a server’s address': (text) => checkClientOptions({ baseUrl: `https://h/${text}` }),
  'a handler': (text) => isHandler(text),
  'a folder or entry key': (text) => parseKey(text),
  'a folder key’s name': (text) => parseKey(`${text}/:1${'A'.repeat(91)}`),
  'a folder key’s digits': (text) => parseKey(`orders/:1${text}`),
})
