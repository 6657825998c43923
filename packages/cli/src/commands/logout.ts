import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, profileOf, say, writeJson } from '../context.ts'
import { confirmForgetting, forgetKeyOption } from '../forget-key.ts'
import type { Io } from '../io.ts'
import { MissingKeysError, openProfile, removeProfile } from '../profile-keys.ts'
import type { Profile } from '../profile.ts'

interface Options extends CommonOptions {
  forgetKey?: boolean
}

const examples = `
Examples:
  halfkey logout
  halfkey logout --profile work
  halfkey logout --forget-key                           doesn't ask`

export function command(io: Io): Command {
  return addCommon(
    new Command('logout')
      .summary('remove a saved profile')
      .description(
        "Removes the saved address, token and workspace key, also from the keyring. Asks before it removes a workspace key, which can't be recovered. The token stays valid; to revoke it, use halfkey token revoke.",
      )
      .option(...forgetKeyOption)
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: Options) => logout(options, io))
}

async function logout(options: Options, io: Io): Promise<void> {
  const name = profileOf(options, io)
  const profile = options.forgetKey ? undefined : savedProfile(name, io)
  if (profile) await confirmForgetting(name, profile, options)
  const removed = removeProfile(io, name)
  if (options.json) await writeJson(io, { profile: name, removed })
  else await say(io, removed ? `Removed the profile ${name}.` : `There is no profile ${name}.`)
}

/** Also undefined if the keyring no longer has its entry: then there is no key to lose. */
function savedProfile(name: string, io: Io): Profile | undefined {
  try {
    return openProfile(io, name)
  } catch (error) {
    if (error instanceof MissingKeysError) return undefined
    throw error
  }
}
