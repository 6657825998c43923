/** `fetch` as programs in Node expect it: through the proxy that the environment names. Not in browser builds. */
import type { PlatformFetch, PlatformURL } from '../platform.ts'
import { isNode } from '../provider.ts'

/** Defined by the builds for browsers and workers: what follows for Node is gone from them, undici with it. */
declare const __HALFKEY_BROWSER__: true | undefined

type Environment = Record<string, string | undefined>

/** By a URL's protocol, those that count first before the others. */
const variables: Record<string, string[]> = {
  'http:': ['http_proxy', 'HTTP_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'],
}

/**
 * The variable that names the proxy for a URL, whatever NO_PROXY says; undefined if none does, for this machine, and where
 * the runtime obeys them by itself.
 */
export function proxyVariable(url: string | PlatformURL): string | undefined {
  if (!isNode()) return undefined
  const { process, Bun, Deno } = globalThis as { process?: { env: Environment }; Bun?: unknown; Deno?: unknown }
  if (Bun !== undefined || Deno !== undefined || hasDispatcher()) return undefined
  const { protocol, hostname } = new URL(url)
  return isLoopback(hostname) ? undefined : variables[protocol]?.find((name) => process?.env[name])
}

/**
 * Whether Node's `fetch` already uses an agent other than its default: by NODE_USE_ENV_PROXY or --use-env-proxy, or because the program
 * set an agent of its own, which then counts more than the environment.
 */
function hasDispatcher(): boolean {
  const dispatcher = (globalThis as Record<symbol, object | undefined>)[Symbol.for('undici.globalDispatcher.1')]
  return dispatcher !== undefined && dispatcher.constructor.name !== 'Agent'
}

/** What another machine calls by these names is itself. */
const isLoopback = (hostname: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)

let proxied: Promise<typeof fetch> | undefined

async function openProxied(): Promise<typeof fetch> {
  const undici = await import('undici')
  // Plain http is forwarded: proxies tunnel to port 443 alone.
  const dispatcher = new undici.EnvHttpProxyAgent({ proxyTunnel: false })
  return ((input: string, init: object) => undici.fetch(input, { ...init, dispatcher })) as unknown as typeof fetch
}

/**
 * The runtime's `fetch`, in Node through the proxy of HTTPS_PROXY and HTTP_PROXY, but for the hosts of NO_PROXY and this
 * machine. `undici` is loaded with the first call that needs it.
 */
export const nodeFetch: PlatformFetch = async (input: string | URL | Request, init?: RequestInit) => {
  if (typeof __HALFKEY_BROWSER__ === 'undefined') {
    const variable = proxyVariable(input as string | URL)
    if (variable !== undefined) return fetchThroughProxy(variable, input, init)
  }
  return fetch(input, init)
}

async function fetchThroughProxy(variable: string, ...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  try {
    return await (
      await (proxied ??= openProxied())
    )(input, init)
  } catch (error) {
    if (init?.signal?.aborted) throw error
    const causes = causesOf(error)
    const status = causes.map(({ message }) => /^Proxy response \((\d{3})\)/.exec(message ?? '')?.[1]).find(Boolean)
    const code = causes.map((cause) => cause.code).find((one) => typeof one === 'string')
    throw new TypeError('fetch failed', {
      cause: { code: status === undefined ? code : `HTTP_${status}`, proxy: variable },
    })
  }
}

/** An error and what caused it, outermost first: undici wraps a proxy's refusal once or twice. */
function causesOf(error: unknown): { code?: unknown; message?: string }[] {
  const causes = []
  for (let one = error; one instanceof Error && causes.length < 5; one = one.cause) causes.push(one)
  return causes
}

/** What Node says of a chain that ends at an authority it doesn't know (OpenSSL's X509_V_ERR_…). */
const untrusted = /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|CERT_UNTRUSTED|INVALID_CA/

/** What is wrong with a certificate, and what to do; undefined if that isn't what failed. */
export function certificateProblem(code: string): string | undefined {
  if (untrusted.test(code))
    return `The server's certificate isn't trusted (${code}). If your organisation has its own authority, set NODE_EXTRA_CA_CERTS to its PEM file.`
  return /CERT|HOSTNAME_MISMATCH/.test(code) ? `The server's certificate isn't valid (${code}).` : undefined
}
