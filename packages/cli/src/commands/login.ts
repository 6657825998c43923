import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { checkConnection } from '../checks.ts'
import type { CommonOptions, Connection } from '../context.ts'
import { addCommon, profileOf, say, standardUrl, writeJson } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { printable } from '../io.ts'
import { profileFile, readProfiles, writeProfiles } from '../profile.ts'
import { ask, askHidden, hasTerminal } from '../terminal.ts'

interface Options extends CommonOptions {
  tokenFile?: string
  workspaceKeyFile?: string
}

const examples = `
Examples:
  halfkey login                                         asks for address, token and workspace key
  halfkey login --url http://127.0.0.1:8787 --token-file token.txt
  halfkey login --profile work --token-file token.txt --workspace-key-file key.txt`

export function command(io: Io): Command {
  return addCommon(
    new Command('login')
      .summary('save address, token and workspace key')
      .description(
        'Asks for the server’s address, your token and your workspace key, tries them, and saves them in a file that only you can read. The environment’s HALFKEY_URL, HALFKEY_TOKEN and HALFKEY_WORKSPACE_KEY are taken without asking.',
      )
      .option('--token-file <file>', 'read the token from a file')
      .option('--workspace-key-file <file>', 'read the workspace key from a file')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: Options) => login(options, io))
}

async function fromFile(option: string, file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`)
  }
}

async function askConnection(options: Options, { env }: Io): Promise<Connection> {
  const mayAsk = hasTerminal()
  const instead = 'Give it in the environment, or with --token-file FILE.'
  const url =
    options.url ?? (env['HALFKEY_URL'] || (mayAsk ? await ask(`Server [${standardUrl}]: `) : '') || standardUrl)
  const token =
    options.tokenFile === undefined
      ? env['HALFKEY_TOKEN'] || (await askHidden('Token (not shown; empty for none): ', instead))
      : await fromFile('--token-file', options.tokenFile)
  const workspaceKey =
    options.workspaceKeyFile === undefined
      ? env['HALFKEY_WORKSPACE_KEY'] ||
        (mayAsk ? await askHidden('Workspace key or its 24 words (not shown; empty for none): ', instead) : '')
      : await fromFile('--workspace-key-file', options.workspaceKeyFile)
  return {
    url,
    token: token || undefined,
    formerWorkspaceKeys: [],
    workspaceKey: workspaceKey ? (await import('../recovery.ts')).keyOf(workspaceKey) : undefined,
    source: 'option',
  }
}

async function login(options: Options, io: Io): Promise<void> {
  const name = profileOf(options, io)
  const profiles = readProfiles(io)
  const connection = await askConnection(options, io)
  const wrong = (await checkConnection(connection, options, io)).find(({ ok }) => ok === false)
  if (wrong) throw new UsageError(`The ${wrong.name} doesn't work, and nothing was saved: ${printable(wrong.says)}`)
  const { url, token, workspaceKey } = connection
  writeProfiles(io, {
    ...profiles,
    [name]: { url, ...(token !== undefined && { token }), ...(workspaceKey !== undefined && { workspaceKey }) },
  })
  if (options.json) await writeJson(io, { profile: name, url, file: profileFile(io) })
  else await say(io, `Saved as the profile ${name} in ${profileFile(io)}, which only you can read.`)
}
