import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { Halfkey } from '@halfkey/sdk'
import type { CommonOptions } from '../../context.ts'
import { addCommon, connectionOf, profileOf, say, signalOf, timeoutOf, writeJson } from '../../context.ts'
import { UsageError } from '../../failure.ts'
import type { Io } from '../../io.ts'
import { write } from '../../io.ts'
import { readProfiles, writeProfiles } from '../../profile.ts'

const examples = `
Examples:
  halfkey workspace init
  halfkey workspace init --json | jq -r .workspace_key`

export const init = (io: Io): Command =>
  addCommon(
    new Command('init')
      .summary('make the workspace key, once')
      .description(
        'Makes the workspace key here, has the server remember its check value, prints the key, and adds it to the saved profile. Nobody can make it again: keep it safe.',
      )
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => run(options, io))

async function run(options: CommonOptions, io: Io): Promise<void> {
  const { url, token, workspaceKey: known } = connectionOf(options, io)
  if (token === undefined)
    throw new UsageError('A workspace key belongs to a token’s workspace: set HALFKEY_TOKEN, or halfkey login.')
  const workspaceKey = known ?? randomBytes(32).toString('base64url')
  const client = new Halfkey({ baseUrl: url, token, workspaceKey, timeout: timeoutOf(options) })
  const { workspaceCheck } = await client.getWorkspace(signalOf(io))
  if (workspaceCheck !== null && known === undefined)
    throw new UsageError('The workspace has a key already, and the server doesn’t know it: ask whoever made it.')
  const { name } = await client.setWorkspaceCheck(signalOf(io))
  const saved = known === undefined && save(workspaceKey, url, options, io)
  if (options.json) return writeJson(io, { workspace: name, workspace_key: workspaceKey, saved })
  await write(io.stdout, `${workspaceKey}\n`)
  await say(
    io,
    `This is the key of the workspace ${name}. ${saved ? 'It is saved in your profile.' : 'Set it as HALFKEY_WORKSPACE_KEY.'}`,
  )
  await say(io, 'Print a recovery sheet now: halfkey workspace sheet')
}

/** Into the profile of this server, if there is one. */
function save(workspaceKey: string, url: string, options: CommonOptions, io: Io): boolean {
  const profiles = readProfiles(io)
  const name = profileOf(options, io)
  const profile = profiles[name]
  if (profile?.url !== url) return false
  writeProfiles(io, { ...profiles, [name]: { ...profile, workspaceKey } })
  return true
}
