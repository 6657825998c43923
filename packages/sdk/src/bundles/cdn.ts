/** The script-tag bundle: the global `Halfkey` is the same class, with short calls for one client. */
import type { HalfkeyOptions } from '../client-options.ts'
import { Halfkey } from '../client.ts'
import type { CreateOptions } from '../create/create.ts'
import { HalfkeyError } from '../errors.ts'
import { openLink, type OpenOptions } from '../open.ts'
import type { RevealOptions } from '../link/reveal.ts'
import { openAsk, openCollect, openReceipt } from '../request/lazy.ts'

let client: Halfkey | undefined

function ready(): Halfkey {
  if (client) return client
  throw new HalfkeyError('VALIDATION_ERROR', 'Call Halfkey.init({ baseUrl }) first.', {
    details: { baseUrl: ['is not known: call Halfkey.init({ baseUrl }) first'] },
  })
}

const shortCalls = {
  HalfkeyError,
  openAsk,
  openCollect,
  openReceipt,
  init(options: HalfkeyOptions): void {
    client = new Halfkey(options)
  },
  async create(content: string, hours?: number, views?: number | null, options: CreateOptions = {}) {
    return ready().createSecret(content, { hours, views, ...options })
  },
  list: async (...args: Parameters<Halfkey['listSecrets']>) => ready().listSecrets(...args),
  getDetails: async (...args: Parameters<Halfkey['getSecretDetails']>) => ready().getSecretDetails(...args),
  delete: async (...args: Parameters<Halfkey['deleteSecret']>) => ready().deleteSecret(...args),
  getStats: async (...args: Parameters<Halfkey['getStats']>) => ready().getStats(...args),
  /** Reveals at once, which spends a view; needs no `init`. */
  async open(shareUrl: string, { fetch, timeout, retries, ...options }: OpenOptions & RevealOptions = {}) {
    const { signal, revealId } = options
    const link = await openLink(shareUrl, { fetch, timeout, retries, signal, revealId })
    return link.reveal(options)
  },
}

Object.assign(globalThis, { Halfkey: Object.assign(Halfkey, shortCalls) })
