/** The response headers that a page or an asset must have, and those it must not have. */
import path from 'node:path'
import type { IncomingHttpHeaders } from 'node:http'

/** Directives of the pages' policy that must match exactly (W3C, Content Security Policy Level 3). */
const exactDirectives: Record<string, string> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
}

/** No other origins, nothing inline. */
const harmlessSources = new Set(["'none'", "'self'", 'data:', 'blob:'])
/** A directive that lists names, not sources. */
const policyNames = 'trusted-types'

const shared = { 'x-content-type-options': 'nosniff' }

const ofPages: Record<string, string> = {
  ...shared,
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
}

const ofBundles: Record<string, string> = {
  ...shared,
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
}

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
}

/** Headers that load, redirect to or register something outside the page, or identify the visitor. */
const forbidden = ['link', 'refresh', 'service-worker-allowed', 'set-cookie', 'sourcemap']

/** One sentence for each wrong header of the manifest's file at `address`. */
export function headerProblems(address: string, headers: IncomingHttpHeaders): string[] {
  const isPage = path.extname(address) === ''
  const isBundle = address.startsWith('/cdn/')
  const type = types[path.extname(address)]
  const wanted = isPage ? ofPages : { ...(isBundle ? ofBundles : shared), ...(type && { 'content-type': type }) }
  const unwanted = isBundle ? forbidden : [...forbidden, 'access-control-allow-origin']
  const problems = Object.entries(wanted).flatMap(([name, value]) => {
    const found = String(headers[name] ?? '')
    return plain(found) === plain(value) ? [] : [`${name} is ${shown(found)}, not ${value}`]
  })
  problems.push(...unwanted.filter((name) => name in headers).map((name) => `${name} must not be set`))
  if (isPage && !/\bnoindex\b/i.test(String(headers['x-robots-tag']))) problems.push('x-robots-tag lacks noindex')
  return isPage ? [...problems, ...policyProblems(headers)] : problems
}

const plain = (value: string): string => value.toLowerCase().replaceAll(/\s/g, '')
const shown = (value: string): string => (value === '' ? 'missing' : value)

/** All policies apply (section 3.1), so one strict policy is enough. */
function policyProblems({ 'content-security-policy': header }: IncomingHttpHeaders): string[] {
  if (header === undefined) return ['content-security-policy is missing']
  const problems = String(header).split(',').map(problemsOfPolicy)
  return problems.find((found) => found.length === 0) ?? problems.flat()
}

function problemsOfPolicy(policy: string): string[] {
  const directives = new Map<string, string[]>()
  for (const directive of policy.split(';')) {
    const [name = '', ...sources] = directive.trim().split(/\s+/)
    // Only the first of repeated directives counts (section 2.2.1).
    if (name !== '' && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources)
  }
  const wrong = Object.entries(exactDirectives).flatMap(([name, value]) => {
    const found = directives.get(name)?.join(' ') ?? ''
    return found === value ? [] : [`content-security-policy: ${name} is ${shown(found)}, not ${value}`]
  })
  const loose = [...directives].flatMap(([name, sources]) =>
    name in exactDirectives || name === policyNames
      ? []
      : sources
          .filter((source) => !harmlessSources.has(source))
          .map((source) => `content-security-policy: ${name} has ${source}`),
  )
  return [...wrong, ...loose]
}
