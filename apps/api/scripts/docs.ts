/**
 * Generates spec/openapi.json, spec/errors.md, docs/settings.md and the hash in script tags from the code.
 * With `--check`, fails if the committed files differ.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { OpenAPIHono } from '@hono/zod-openapi'
import { operations } from '../src/app.ts'
import { settings } from '../src/config.ts'
import type { Deps, Env } from '../src/http/context.ts'
import { openApiDocument } from '../src/http/docs.ts'
import { errorTable } from '../src/http/errors.ts'
import { addOperation } from '../src/http/operation.ts'

function openApi(): string {
  const app = new OpenAPIHono<Env>()
  for (const define of operations) addOperation(app, define({} as Deps))
  return `${JSON.stringify(openApiDocument(app), null, 2)}\n`
}

const generated = (from: string): string => `<!-- Generated from ${from} by \`pnpm docs\`; don't edit. -->\n\n`

function errors(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, message, when }]) => `| \`${code}\` | ${status} | ${message} | ${when} |`,
  )
  return [
    '# Errors of the storage API\n',
    generated('apps/api/src/http/errors.ts') + '| code | status | message | when |\n|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function defaultOf(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string' || typeof value === 'number') return `\`${value}\``
  if (Array.isArray(value)) return value.join(',')
  const { host, port } = value as { host: string; port: number }
  return `\`${host}:${port}\``
}

function settingsTable(): string {
  const rows = Object.entries(settings).map(
    ([name, schema]) =>
      `| \`${name}\` | ${defaultOf(schema.safeParse(undefined).data)} | ${schema.description ?? ''} |`,
  )
  return [
    '# Settings of the server\n',
    generated('apps/api/src/config.ts') +
      'The settings are environment variables. An invalid value stops the start with a message that names it.\n',
    '| name | default | meaning |\n|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

const root = new URL('../../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')

/** A file with the version and hash of the built SDK bundle in its script tags. */
function pinned(file: string): string {
  const { version } = JSON.parse(read('packages/sdk/package.json')) as { version: string }
  const hashes = JSON.parse(read('packages/sdk/dist/integrity.json')) as Record<string, string>
  return read(file)
    .replaceAll(/\/cdn\/[^/]+\//g, `/cdn/${version}/`)
    .replaceAll(/integrity="sha384-[^"]*"/g, `integrity="${hashes['halfkey.min.js'] ?? ''}"`)
}

const check = process.argv.includes('--check')
for (const [file, text] of [
  ['spec/openapi.json', openApi()],
  ['spec/errors.md', errors()],
  ['docs/settings.md', settingsTable()],
  ['examples/script-tag.html', pinned('examples/script-tag.html')],
  ['packages/sdk/README.md', pinned('packages/sdk/README.md')],
] as const) {
  if (!check) writeFileSync(new URL(file, root), text)
  else if (read(file) !== text) {
    console.error(`${file} doesn't match the code. Build, run \`pnpm docs\`, and commit it.`)
    process.exitCode = 1
  }
}
