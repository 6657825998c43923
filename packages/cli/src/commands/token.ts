import { Command } from 'commander'
import type { Io } from '../io.ts'
import { create } from './token/create.ts'
import { list } from './token/list.ts'
import { revoke } from './token/revoke.ts'

const examples = `
Examples:
  halfkey token create deploy --scope kms:reveal --handler 'prod/*' --expires 90d
  halfkey token list`

export function command(io: Io): Command {
  const token = new Command('token')
    .summary('manage API tokens')
    .description("Creates, lists and revokes the workspace's API tokens. Needs a token with the scope tokens:admin.")
    .addHelpText('after', examples)
  for (const make of [create, list, revoke]) token.addCommand(make(io))
  return token
}
