import { Command } from 'commander'
import type { Token } from '@halfkey/sdk'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, signalOf, writeJson } from '../../context.ts'
import { table } from '../../details.ts'
import type { Io } from '../../io.ts'
import { printable, write } from '../../io.ts'

const examples = `
Examples:
  halfkey token list
  halfkey token list --json                             one JSON object per line`

export const list = (io: Io): Command =>
  addCommon(
    new Command('list')
      .summary('list tokens')
      .description("Lists the workspace's tokens with their permissions, expiry and last use.")
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => run(options, io))

const day = (date: Date | null): string => date?.toISOString().slice(0, 10) ?? ''

const stateOf = ({ revokedAt, expiresAt }: Token): string => {
  if (revokedAt) return 'revoked'
  if (expiresAt) return expiresAt.getTime() <= Date.now() ? 'expired' : day(expiresAt)
  return 'never'
}

async function run(options: CommonOptions, io: Io): Promise<void> {
  const tokens = await openClient(options, io).tokens.list(signalOf(io))
  if (options.json) {
    for (const token of tokens)
      await writeJson(io, {
        id: token.id,
        name: token.name,
        scopes: token.scopes.join(','),
        handlers: token.handlers.join(','),
        ips: token.ips.join(','),
        parent_id: token.parentId,
        created_at: token.createdAt.toISOString(),
        expires_at: token.expiresAt?.toISOString() ?? null,
        revoked_at: token.revokedAt?.toISOString() ?? null,
        last_used_at: token.lastUsedAt?.toISOString() ?? null,
      })
    return
  }
  const rows = tokens.map((token) => [
    token.id,
    printable(token.name),
    [token.scopes, token.handlers, token.ips]
      .map((list) => list.join(','))
      .filter(Boolean)
      .join(' '),
    day(token.lastUsedAt),
    stateOf(token),
  ])
  await write(io.stdout, table([['ID', 'NAME', 'PERMISSIONS', 'LAST USED', 'EXPIRES'], ...rows]))
}
