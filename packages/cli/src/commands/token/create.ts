import { Command } from 'commander'
import type { WireScope } from '@halfkey/sdk'
import type { CommonOptions } from '../../context.ts'
import { addCommon, collect, openClient, say, signalOf, writeJson } from '../../context.ts'
import { secondsOf } from '../../duration.ts'
import { UsageError } from '../../failure.ts'
import type { Io } from '../../io.ts'
import { write } from '../../io.ts'

interface Options extends CommonOptions {
  scope: string[]
  handler?: string[]
  ip?: string[]
  expires?: string
}

const scopes: readonly WireScope[] = [
  'secrets:read',
  'secrets:write',
  'kms:read',
  'kms:write',
  'kms:reveal',
  'requests:read',
  'requests:write',
  'audit:read',
  'tokens:admin',
]

const isScope = (name: string): name is WireScope => scopes.some((scope) => scope === name)

function parseScopes(names: string[]): WireScope[] {
  const unknown = names.find((name) => !isScope(name))
  if (unknown !== undefined)
    throw new UsageError(`--scope: unknown scope ${unknown}. Use any of: ${scopes.join(', ')}.`)
  return names.filter(isScope)
}

const examples = `
Examples:
  halfkey token create deploy --scope kms:reveal --handler 'prod/*' --expires 90d
  halfkey token create ci --scope secrets:write,secrets:read --ip 127.0.0.1 --json | jq -r .token`

export const create = (io: Io): Command =>
  addCommon(
    new Command('create')
      .summary('create a token')
      .description(
        "Creates a token with at most your own token's permissions, and prints it. It is shown only once, because the server stores only its hash.",
      )
      .argument('<name>', "the token's name in logs")
      .requiredOption('--scope <scope>', `${scopes.join(', ')} (repeatable)`, collect)
      .option('--handler <pattern>', 'limit it to these named secrets, such as prod/* (repeatable)', collect)
      .option('--ip <address>', 'limit it to this address or CIDR block (repeatable)', collect)
      .option('--expires <duration>', 'how long it is valid, such as 90d (default: until revoked)')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((name: string, options: Options) => run(name, options, io))

async function run(name: string, options: Options, io: Io): Promise<void> {
  const { scope, handler, ip, expires } = options
  const made = await openClient(options, io).tokens.create(name, {
    scopes: parseScopes(scope),
    handlers: handler,
    ips: ip,
    expiresIn: expires === undefined ? undefined : secondsOf('--expires', expires),
    ...signalOf(io),
  })
  if (options.json) return writeJson(io, { id: made.id, name: made.name, token: made.token })
  await write(io.stdout, `${made.token}\n`)
  await say(io, `Save the token now: it isn't shown again. To revoke it: halfkey token revoke ${made.id}`)
}
