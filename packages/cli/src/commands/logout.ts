import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, profileOf, say, writeJson } from '../context.ts'
import type { Io } from '../io.ts'
import { readProfiles, writeProfiles } from '../profile.ts'

const examples = `
Examples:
  halfkey logout
  halfkey logout --profile work`

export function command(io: Io): Command {
  return addCommon(
    new Command('logout')
      .summary('forget a saved profile')
      .description(
        'Removes the saved address, token and workspace key. The token stays valid: see halfkey token revoke.',
      )
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => logout(options, io))
}

async function logout(options: CommonOptions, io: Io): Promise<void> {
  const name = profileOf(options, io)
  const { [name]: known, ...others } = readProfiles(io)
  if (known) writeProfiles(io, others)
  if (options.json) await writeJson(io, { profile: name, removed: known !== undefined })
  else await say(io, known ? `The profile ${name} is forgotten.` : `There is no profile ${name}.`)
}
