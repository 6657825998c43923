import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, say, signalOf, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'

const examples = `
Examples:
  halfkey token revoke ID
  halfkey token revoke ID --with-descendants   # a stolen token and all tokens created with it`

export const revoke = (io: Io): Command =>
  addCommon(
    new Command('revoke')
      .summary('revoke a token')
      .description(
        'Revokes a token immediately and permanently. Revoking it again is not an error. Tokens created with it stay valid unless you use --with-descendants.',
      )
      .argument('<id>', 'the id, as shown by token list')
      .option('--with-descendants', 'also revoke all tokens created with it, directly or indirectly')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((id: string, options: RevokeOptions) => run(id, options, io))

interface RevokeOptions extends CommonOptions {
  withDescendants?: boolean
}

async function run(id: string, options: RevokeOptions, io: Io): Promise<void> {
  const descendants = options.withDescendants === true
  const { revoked, validDescendants } = await openClient(options, io).tokens.revoke(id, {
    ...signalOf(io),
    descendants,
  })
  const idsOf = (tokens: { id: string }[]): string[] => tokens.map((token) => token.id)
  const [others, stillValid] = [idsOf(revoked).filter((one) => one !== id), idsOf(validDescendants)]
  if (options.json)
    return writeJson(io, {
      id,
      revoked: true,
      revoked_descendants: others.join(','),
      valid_descendants: stillValid.join(','),
    })
  await say(
    io,
    `Revoked the token ${id}${others.length > 0 ? ` and those created with it: ${others.join(', ')}` : ''}.`,
  )
  if (stillValid.length > 0)
    await say(
      io,
      `Tokens created with it are still valid: ${stillValid.join(', ')}. To revoke them too, use --with-descendants.`,
    )
}
