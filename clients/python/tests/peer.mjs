/** The TypeScript SDK for the cross tests: reads one call a line from standard input, writes one result a line. */
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Halfkey, openAsk, openCollect, openLink } from '../../../packages/sdk/dist/index.js'

/** @param {string} text */
const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'))
/** @param {{ text?: string, base64?: string }} content */
const contentOf = ({ text, base64 }) => (base64 === undefined ? (text ?? '') : bytes(base64))
/** @param {Uint8Array} data */
const base64 = (data) => Buffer.from(data).toString('base64')

/** @param {import('../../../packages/sdk/dist/index.js').Opened} opened */
async function show(opened) {
  const files = []
  for (const file of opened.files) {
    const hash = createHash('sha256')
    for await (const piece of file.stream()) hash.update(piece)
    files.push({ name: file.name, type: file.type, size: file.size, sha256: hash.digest('hex') })
  }
  const content = opened.bytes()
  await opened.done()
  return { text: opened.text ?? null, base64: content ? base64(content) : null, files }
}

/** @type {Record<string, (call: any) => Promise<unknown>>} */
const calls = {
  async create({ client, content, options, paths = [], blobs = [] }) {
    const files = blobs.map((/** @type {{ name: string, type: string, base64: string }} */ { name, type, base64 }) => {
      const data = bytes(base64)
      return { name, type, size: data.length, stream: new Blob([data]).stream() }
    })
    const attachments = [...paths, ...files]
    const secret = await new Halfkey(client).createSecret(contentOf(content), { ...options, attachments })
    return { url: secret.shareUrl, slug: secret.slug }
  },
  async open({ url, options }) {
    const link = await openLink(url)
    return { note: link.note ?? null, ...(await show(await link.reveal(options))) }
  },
  async details({ client, slug }) {
    const { description, message, attachments } = await new Halfkey(client).getSecretDetails(slug)
    return { description, message, files: attachments.map(({ name }) => name) }
  },
  async put({ client, handler, content, options }) {
    return new Halfkey(client).kms.put(handler, contentOf(content), options)
  },
  async reveal({ client, handler, version }) {
    const revealed = await new Halfkey(client).kms.reveal(handler, { version })
    return { version: revealed.version, base64: base64(revealed.bytes) }
  },
  async entry({ client, handler }) {
    const { name, properties } = await new Halfkey(client).kms.get(handler)
    return { name, properties }
  },
  async deriveKey({ client, name }) {
    return { key: await new Halfkey(client).kms.deriveKey(name) }
  },
  async ask({ client, options }) {
    const { askUrl, collectUrl, slug } = await new Halfkey(client).createRequest(options)
    return { askUrl, collectUrl, slug }
  },
  async answer({ url, content, options, blobs = [] }) {
    const ask = await openAsk(url)
    const attachments = blobs.map((/** @type {{ base64: string }} */ { base64 }) => bytes(base64))
    const receipt = await ask.answer(contentOf(content), { ...options, attachments })
    return { note: ask.note, statusUrl: receipt.statusUrl }
  },
  async collect({ client, slug, url, options }) {
    const collect = url === undefined ? await new Halfkey(client).collect(slug) : await openCollect(url)
    const opened = []
    for (const answer of await collect.answers()) {
      const link = await answer.open()
      opened.push({ note: link.note ?? null, ...(await show(await link.reveal(options))) })
    }
    return opened
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...parameters } = JSON.parse(line)
  const result = await calls[call]?.(parameters).then(
    (value) => ({ value: value ?? null }),
    (/** @type {Error & { code?: string }} */ error) => ({ error: error.code ?? String(error.stack) }),
  )
  console.log(JSON.stringify(result ?? { error: `no call ${call}` }))
}
