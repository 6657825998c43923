import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, profileOf, say, writeJson } from '../context.ts'
import type { Io } from '../io.ts'
import { removeProfile } from '../profile-keys.ts'

const examples = `
Examples:
  halfkey logout
  halfkey logout --profile work`

export function command(io: Io): Command {
  return addCommon(
    new Command('logout')
      .summary('forget a saved profile')
      .description(
        'Removes the saved address, token and workspace key, from the keyring if they are there. The token stays valid: see halfkey token revoke.',
      )
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => logout(options, io))
}

async function logout(options: CommonOptions, io: Io): Promise<void> {
  const name = profileOf(options, io)
  const removed = removeProfile(io, name)
  if (options.json) await writeJson(io, { profile: name, removed })
  else await say(io, removed ? `The profile ${name} is forgotten.` : `There is no profile ${name}.`)
}
