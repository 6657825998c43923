import { Command } from 'commander'
import type { Halfkey, KmsVersion } from '@halfkey/sdk'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, signalOf, writeJson } from '../../context.ts'
import { table } from '../../details.ts'
import type { Io } from '../../io.ts'
import { printable, write } from '../../io.ts'

const examples = `
Examples:
  halfkey kms versions prod/db
  halfkey kms versions prod/db --json                   one JSON object per line`

export const versions = (io: Io): Command =>
  addCommon(
    new Command('versions')
      .summary('list the versions of a named secret')
      .description(
        'Lists the versions, newest first: when and with which token each was stored, and when it expires or was destroyed.',
      )
      .argument('<handler>', 'such as prod/db')
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: CommonOptions) => run(handler, options, io))

const minuteOf = (time: string): string => time.slice(0, 16).replace('T', ' ')

async function run(handler: string, options: CommonOptions, io: Io): Promise<void> {
  const found = await allVersions(openClient(options, io), handler, io)
  const fields = found.map(({ version, createdAt, creator, expiresAt, destroyedAt }) => ({
    version,
    created_at: createdAt.toISOString(),
    creator,
    expires_at: expiresAt?.toISOString() ?? null,
    destroyed_at: destroyedAt?.toISOString() ?? null,
  }))
  if (options.json) {
    for (const each of fields) await writeJson(io, each)
    return
  }
  const rows = fields.map(({ version, created_at: at, creator, expires_at: expires, destroyed_at: destroyed }) => [
    String(version),
    minuteOf(at),
    printable(creator),
    destroyed !== null ? `destroyed ${minuteOf(destroyed)}` : expires !== null ? `expires ${minuteOf(expires)}` : '',
  ])
  await write(io.stdout, table([['VERSION', 'STORED (UTC)', 'BY', ''], ...rows]))
}

async function allVersions({ kms }: Halfkey, handler: string, io: Io): Promise<KmsVersion[]> {
  const found: KmsVersion[] = []
  for (let page = 1, lastPage = 1; page <= lastPage; page++) {
    const { versions, pagination } = await kms.versions(handler, { limit: 100, page, ...signalOf(io) })
    found.push(...versions)
    lastPage = pagination.lastPage
  }
  return found
}
