import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { Halfkey, HalfkeyError } from '@halfkey/sdk'
import { requireKeyMaker } from '../../checks.ts'
import type { CommonOptions, Connection } from '../../context.ts'
import {
  addCommon,
  connectionOf,
  isSameServer,
  profileOf,
  requireWholeKeys,
  say,
  signalOf,
  timeoutOf,
  writeJson,
} from '../../context.ts'
import { UsageError } from '../../failure.ts'
import type { Io } from '../../io.ts'
import { write } from '../../io.ts'
import type { Profile } from '../../profile.ts'
import { openProfile, saveProfile } from '../../profile-keys.ts'

const examples = `
Examples:
  halfkey workspace init
  halfkey workspace init --json | jq -r .workspace_key`

export const init = (io: Io): Command =>
  addCommon(
    new Command('init')
      .summary('make the workspace key, once')
      .description(
        'Makes the workspace key here, prints it, adds it to the saved profile, and has the server remember its check value. Nobody can make it again: keep it safe.',
      )
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => run(options, io))

/**
 * The key is printed and saved before the workspace has it: lost in between, it would be lost for good. Whether
 * the token may set it is therefore asked first.
 */
async function run(options: CommonOptions, io: Io): Promise<void> {
  const connection = connectionOf(options, io)
  const { url, token, workspaceKey: known } = connection
  if (token === undefined)
    throw new UsageError('A workspace key belongs to a token’s workspace: set HALFKEY_TOKEN, or halfkey login.')
  requireWholeKeys('workspace init needs', known === undefined ? [] : [known])
  const workspaceKey = known ?? randomBytes(32).toString('base64url')
  const client = new Halfkey({ baseUrl: url, token, workspaceKey, timeout: timeoutOf(options) })
  const { name, workspaceCheck } = await client.getWorkspace(signalOf(io))
  if (workspaceCheck !== null && workspaceCheck !== (await client.workspaceCheck()))
    throw new UsageError('The workspace has another key already, and the server doesn’t know it: ask whoever made it.')
  if (workspaceCheck === null) await requireKeyMaker(client, io)
  const saved = known === undefined && save(workspaceKey, connection, options, io)
  if (options.json) await writeJson(io, { workspace: name, workspace_key: workspaceKey, saved })
  else await write(io.stdout, `${workspaceKey}\n`)
  if (workspaceCheck === null) await remember(client, saved, options, io)
  if (options.json) return
  const next = saved ? 'It is saved in your profile.' : known === undefined ? 'Set it as HALFKEY_WORKSPACE_KEY.' : ''
  await say(io, `This is the key of the workspace ${name}. ${next}`.trimEnd())
  await say(io, 'Print a recovery sheet now: halfkey workspace sheet')
}

/** @throws HalfkeyError CONFLICT, with the key no longer in the profile, if the workspace got another meanwhile. */
async function remember(client: Halfkey, saved: boolean, options: CommonOptions, io: Io): Promise<void> {
  try {
    await client.setWorkspaceCheck(signalOf(io))
  } catch (error) {
    if (!(error instanceof HalfkeyError && error.code === 'CONFLICT')) throw error
    if (saved) unsave(options, io)
    throw new HalfkeyError(
      'CONFLICT',
      'Somebody else has just made the workspace’s key: get it from them. The key on stdout is not the workspace’s.',
    )
  }
}

/** Into the profile that the token is of, if it is of one. */
function save(workspaceKey: string, { url, token }: Connection, options: CommonOptions, io: Io): boolean {
  const name = profileOf(options, io)
  const profile = openProfile(io, name)
  if (!profile || profile.token !== token || !isSameServer(profile.url, url)) return false
  saveProfile(io, name, { ...profile, workspaceKey })
  return true
}

function unsave(options: CommonOptions, io: Io): void {
  const name = profileOf(options, io)
  const { workspaceKey: _refused, ...profile } = openProfile(io, name) as Profile
  saveProfile(io, name, profile)
}
