import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { HalfkeyError } from '@halfkey/sdk'
import { b58 } from '@halfkey/sdk/parts'
import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { timeoutOf, writeJson } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'
import type { Served } from '../served.ts'
import { PageServer } from '../served.ts'
import { headerProblems } from '../served-headers.ts'
import { decodeInput } from '../text.ts'

interface Options extends CommonOptions {
  manifest?: string
}

/** The format that the build of apps/web writes. */
interface Manifest {
  version: string
  /** Path, or `/{slug}` for any link → Subresource Integrity. */
  files: Record<string, string>
}

/** manifest.json of this release; null if it was built without the pages. */
declare const HALFKEY_MANIFEST: Manifest | null

const examples = `
Examples:
  halfkey verify https://HOST
  halfkey verify https://HOST --json | jq -r .release
  halfkey verify https://HOST --manifest manifest.json    for another release`

export function command(io: Io): Command {
  return new Command('verify')
    .summary("check that a server serves this release's pages")
    .description(
      'Compares every page, script and style sheet of a server, plain and compressed,\n' +
        'and their security headers with this release. Lists whatever differs, is\n' +
        'missing or was added, and then exits with code 7.\n\n' +
        'It sends requests like a browser, for random links. A server that recognizes it\n' +
        "could still show real visitors another page; halfkey open doesn't need the pages.",
    )
    .argument('<url>', 'the server')
    .option('--manifest <file>', 'compare with the manifest.json of another release')
    .option('--json', 'print one JSON object')
    .option('--timeout <seconds>', 'time limit for each request', '30')
    .option('--verbose', 'show more details when something fails')
    .option('--no-color', "don't use colors")
    .addHelpText('after', examples)
    .action((url: string, options: Options) => verify(url, options, io))
}

/** A difference between a file and the manifest. */
interface Finding {
  kind: 'differs' | 'missing' | 'extra' | 'header'
  /** The file's address in the manifest; for an extra file, its own address. */
  address: string
  detail: string
}

async function verify(text: string, options: Options, io: Io): Promise<void> {
  const base = baseOf(text)
  const manifest = await manifestOf(options)
  const server = new PageServer(base, timeoutOf(options), io.signal)
  try {
    const findings = await compare(server, manifest)
    const ok = findings.length === 0
    const of = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind)
    const files = Object.keys(manifest.files).length
    if (options.json) {
      const [differs, missing, extra] = (['differs', 'missing', 'extra'] as const).map((kind) => [
        ...new Set(of(kind).map(({ address }) => address)),
      ])
      const headers = of('header').map(({ address, detail }) => `${address}: ${detail}`)
      await writeJson(io, { url: base, release: manifest.version, ok, files, differs, missing, extra, headers })
    } else if (ok) {
      await write(io.stdout, `${base} serves release ${manifest.version}: ${files} files and their headers.\n`)
    } else {
      await write(io.stdout, linesOf(findings))
    }
    if (!ok) throw notThisRelease(base, manifest, findings)
  } finally {
    server.close()
  }
}

function notThisRelease(base: string, { version, files }: Manifest, findings: Finding[]): HalfkeyError {
  const wrong = new Set(
    findings.flatMap(({ kind, address }) => (kind === 'differs' || kind === 'missing' ? [address] : [])),
  )
  const isOther = wrong.size > Object.keys(files).length / 2
  const hint = isOther ? " It may be running another release: use --manifest with that release's manifest.json." : ''
  return new HalfkeyError('TAMPERED', `${base} doesn't serve release ${version} as published.${hint}`)
}

/** One line per file and kind. */
function linesOf(findings: Finding[]): string {
  const lines = new Map<string, string>()
  for (const { kind, address, detail } of findings) {
    const line = `${kind.padEnd(8)} ${address}`
    const before = lines.get(line)
    lines.set(line, before === undefined ? detail : `${before}; ${detail}`)
  }
  return [...lines].map(([line, details]) => `${printable(`${line}  ${details}`)}\n`).join('')
}

/** Without a trailing slash. */
function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError("The server's address must be an http or https URL.")
  if (url.hash !== '' || url.search !== '') throw new UsageError("Give the server's address, not a link.")
  return url.href.replace(/(?<!\/)\/+$/, '')
}

async function manifestOf({ manifest: file }: Options): Promise<Manifest> {
  if (file === undefined) {
    if (HALFKEY_MANIFEST) return HALFKEY_MANIFEST
    throw new UsageError('This build has no manifest. Provide one with --manifest FILE.')
  }
  const { version, files = {} } = await readManifest(file)
  const hashes = Object.entries(files)
  const isRight = ([address, hash]: [string, unknown]): boolean =>
    address.startsWith('/') && /^sha384-[A-Za-z0-9+/]{64}$/.test(String(hash))
  if (typeof version === 'string' && hashes.length > 0 && hashes.every(isRight)) return { version, files }
  throw new UsageError(`${file} isn't the manifest.json of a release.`)
}

/** Not validated; empty if the file isn't JSON. */
async function readManifest(file: string): Promise<Partial<Manifest>> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UsageError(`--manifest: ${(error as Error).message}`)
  })
  const text = decodeInput(bytes, file)
  try {
    return (JSON.parse(text) as Partial<Manifest> | null) ?? {}
  } catch {
    return {}
  }
}

const letters = (count: number): string => b58(randomBytes(count), count)

/** For the page of links: several random links, including forms that mail programs mangle. */
const pathsOf = (address: string): string[] =>
  address.includes('{slug}')
    ? ['', '', '', '?utm_source=mail', `%231${letters(44)}`].map(
        (rest) => address.replace('{slug}', letters(13)) + rest,
      )
    : [address]

/** As browsers send it, and each coding alone. */
const acceptEncodings = ['gzip, deflate, br', 'br', 'gzip', 'identity']

async function compare(server: PageServer, { files }: Manifest): Promise<Finding[]> {
  const tasks = Object.entries(files).flatMap(([address, hash]) =>
    pathsOf(address).flatMap((path) =>
      acceptEncodings.map((accept) => async (): Promise<Finding[]> => {
        const file = await server.get(path, accept)
        return findingsOf(address, file, hash, files)
      }),
    ),
  )
  const found = new Map<string, Finding>()
  for (const finding of (await runLimited(tasks)).flat()) found.set(Object.values(finding).join('\n'), finding)
  return [...found.values()].sort((a, b) => (a.kind + a.address).localeCompare(b.kind + b.address))
}

function findingsOf(
  address: string,
  { status, headers, body, problem }: Served,
  hash: string,
  files: object,
): Finding[] {
  if (status !== 200) {
    const to = headers.location === undefined ? '' : `, redirects to ${headers.location}`
    return [{ kind: 'missing', address, detail: `status ${status}${to}` }]
  }
  const wrong: Finding[] = headerProblems(address, headers).map((detail) => ({ kind: 'header', address, detail }))
  const coding = headers['content-encoding'] ?? 'uncompressed'
  if (problem !== undefined) return [...wrong, { kind: 'differs', address, detail: `${coding}: ${problem}` }]
  const found = `sha384-${createHash('sha384').update(body).digest('base64')}`
  if (found === hash) return wrong
  const extra = referencesOf(address, body.toString()).filter((reference) => !(reference in files))
  return [
    ...wrong,
    { kind: 'differs', address, detail: coding },
    ...extra.map((reference): Finding => ({ kind: 'extra', address: reference, detail: `loaded by ${address}` })),
  ]
}

/** The addresses that a changed file loads: as paths for this server, complete for others. */
export function referencesOf(address: string, text: string): string[] {
  const elements = /\s(?:src|href)\s*=\s*["']?([^"'\s>]+)/gi
  const imports = /\b(?:import|from)\s*(?:\(\s*)?["'`]((?:https?:|\.{0,2}\/)[^"'`]+)["'`]/g
  const here = new URL(address, 'http://here')
  return [...text.matchAll(address.endsWith('.js') ? imports : elements)].flatMap(([, reference = '']) => {
    if (reference.startsWith('data:') || !URL.canParse(reference, here.href)) return []
    const url = new URL(reference, here)
    return [url.origin === here.origin ? url.pathname : url.href]
  })
}

/** Runs tasks with limited concurrency. The results are in the order of the tasks. */
async function runLimited<T>(tasks: (() => Promise<T>)[], atOnce = 8): Promise<T[]> {
  const results: T[] = []
  const waiting = tasks.entries()
  const work = async (): Promise<void> => {
    for (const [index, task] of waiting) results[index] = await task()
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}
