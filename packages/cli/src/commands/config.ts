import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, connectionOf, profileOf, writeJson } from '../context.ts'
import { table } from '../details.ts'
import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'
import { profileFile, readProfiles } from '../profile.ts'

const examples = `
Examples:
  halfkey config
  halfkey config --json | jq -r .url`

export function command(io: Io): Command {
  return addCommon(
    new Command('config')
      .summary('show the settings in effect')
      .description(
        "Shows the server, token and profile in effect, and where each setting comes from. Secret keys aren't shown.",
      )
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => config(options, io))
}

const from = (variable: string | undefined, used: string | undefined): string | null =>
  used === undefined ? null : variable ? 'environment' : 'profile'

/** Only the id: the rest of a token is secret, and so might be a value that isn't a token. */
function idOf(token: string | undefined): string | null {
  if (token === undefined) return null
  return /^hkt_[A-Za-z\d]+(?=_)/.exec(token)?.[0] ?? 'not a token'
}

async function config(options: CommonOptions, io: Io): Promise<void> {
  const { env } = io
  const { url, token, workspaceKey, source } = connectionOf(options, io)
  const saved = readProfiles(io)[profileOf(options, io)]
  const fields = {
    url,
    url_from: source,
    token: idOf(token),
    token_from: from(env['HALFKEY_TOKEN'], token),
    workspace_key_from: from(env['HALFKEY_WORKSPACE_KEY'], workspaceKey),
    profile: profileOf(options, io),
    profiles: Object.keys(readProfiles(io)).join(','),
    file: profileFile(io),
    keys_in: saved === undefined ? null : saved.keyring === undefined ? 'file' : 'keyring',
  }
  if (options.json) return writeJson(io, fields)
  const rows = Object.entries(fields).map(([name, value]) => [name.replaceAll('_', ' '), printable(value ?? 'none')])
  await write(io.stdout, table(rows))
}
