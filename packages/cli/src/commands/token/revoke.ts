import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, say, signalOf, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'

const examples = `
Examples:
  halfkey token revoke ID
  halfkey token revoke ID --with-descendants   # a stolen token, and all that it made`

export const revoke = (io: Io): Command =>
  addCommon(
    new Command('revoke')
      .summary('end a token at once')
      .description(
        'Ends a token at once and for good. Again: no error. The tokens that it made stay valid unless --with-descendants is given.',
      )
      .argument('<id>', 'as token list shows it')
      .option('--with-descendants', 'end the tokens that it made, and those that they made, too')
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
  const [taken, left] = [idsOf(revoked).filter((one) => one !== id), idsOf(validDescendants)]
  if (options.json)
    return writeJson(io, { id, revoked: true, revoked_descendants: taken.join(','), valid_descendants: left.join(',') })
  await say(io, `The token ${id} is revoked${taken.length > 0 ? `, and those that it made: ${taken.join(', ')}` : ''}.`)
  if (left.length > 0)
    await say(io, `Still valid are tokens that it made: ${left.join(', ')}. To revoke them too: --with-descendants`)
}
