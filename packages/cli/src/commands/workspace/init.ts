import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { Halfkey, HalfkeyError } from '@halfkey/sdk'
import { requireTokensAdmin } from '../../checks.ts'
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
      .summary('create the workspace key')
      .description(
        "Creates the workspace key on this machine, prints it, adds it to the saved profile, and stores its check value on the server. The key can't be recovered if you lose it: keep it safe.",
      )
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => run(options, io))

/**
 * The key is printed and saved before its check value is set, so that it can't be lost in between. That's why the token's
 * permission is checked first.
 */
async function run(options: CommonOptions, io: Io): Promise<void> {
  const connection = connectionOf(options, io)
  const { url, token, workspaceKey: known } = connection
  if (token === undefined)
    throw new UsageError('Creating a workspace key needs a token. Set HALFKEY_TOKEN, or run halfkey login.')
  requireWholeKeys('workspace init needs', known === undefined ? [] : [known])
  const workspaceKey = known ?? randomBytes(32).toString('base64url')
  const client = new Halfkey({ baseUrl: url, token, workspaceKey, timeout: timeoutOf(options) })
  const { name, workspaceCheck } = await client.getWorkspace(signalOf(io))
  if (workspaceCheck !== null && workspaceCheck !== (await client.workspaceCheck()))
    throw new UsageError(
      "The workspace already has another key, which the server doesn't know. Get it from the person who created it.",
    )
  if (workspaceCheck === null) await requireTokensAdmin(client, io)
  const saved = known === undefined && save(workspaceKey, connection, options, io)
  if (options.json) await writeJson(io, { workspace: name, workspace_key: workspaceKey, saved })
  else await write(io.stdout, `${workspaceKey}\n`)
  if (workspaceCheck === null) await setCheck(client, saved, options, io)
  if (options.json) return
  const next = saved
    ? 'It is saved in your profile.'
    : known === undefined
      ? 'To use it, set HALFKEY_WORKSPACE_KEY.'
      : ''
  await say(io, `This is the key of the workspace ${name}. ${next}`.trimEnd())
  await say(io, 'Print a recovery sheet now: halfkey workspace sheet')
}

/** @throws HalfkeyError CONFLICT if the workspace has got another key meanwhile; the key is then removed from the profile */
async function setCheck(client: Halfkey, saved: boolean, options: CommonOptions, io: Io): Promise<void> {
  try {
    await client.setWorkspaceCheck(signalOf(io))
  } catch (error) {
    if (!(error instanceof HalfkeyError && error.code === 'CONFLICT')) throw error
    if (saved) unsave(options, io)
    throw new HalfkeyError(
      'CONFLICT',
      "Someone else has just created the workspace key. Get it from them; don't use the key printed here.",
    )
  }
}

/** Saves the key in the profile that the token comes from. Returns false if it comes from none. */
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
