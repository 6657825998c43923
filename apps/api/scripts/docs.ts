/**
 * Writes what is made from the code: spec/openapi.json, spec/errors.md, docs/settings.md.
 * `--check` compares instead, and fails if the committed files differ.
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

const made = (from: string): string => `<!-- Made from ${from} by \`pnpm docs\`; don't edit. -->\n\n`

function errors(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, message, when }]) => `| \`${code}\` | ${status} | ${message} | ${when} |`,
  )
  return [
    '# Errors of the storage API\n',
    made('apps/api/src/http/errors.ts') + '| code | status | message | when |\n|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function standard(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string' || typeof value === 'number') return `\`${value}\``
  const { host, port } = value as { host: string; port: number }
  return `\`${host}:${port}\``
}

function settingsTable(): string {
  const rows = Object.entries(settings).map(
    ([name, schema]) => `| \`${name}\` | ${standard(schema.safeParse(undefined).data)} | ${schema.description ?? ''} |`,
  )
  return [
    '# Settings of the server\n',
    made('apps/api/src/config.ts') +
      'Environment variables; a wrong value stops the start with a sentence that names it.\n',
    '| name | default | meaning |\n|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

const root = new URL('../../../', import.meta.url)
const check = process.argv.includes('--check')
for (const [file, text] of [
  ['spec/openapi.json', openApi()],
  ['spec/errors.md', errors()],
  ['docs/settings.md', settingsTable()],
] as const) {
  const target = new URL(file, root)
  if (!check) writeFileSync(target, text)
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(`${file} differs from the code: run \`pnpm docs\` and commit it.`)
    process.exitCode = 1
  }
}
