import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { Halfkey, HalfkeyError } from '@halfkey/sdk'
import type { RekeyReport } from '@halfkey/sdk'
import { requireKeyMaker } from '../../checks.ts'
import type { CommonOptions } from '../../context.ts'
import {
  addCommon,
  connectionOf,
  profileOf,
  requireWholeKeys,
  say,
  signalOf,
  timeoutOf,
  writeJson,
} from '../../context.ts'
import { Failed, UsageError } from '../../failure.ts'
import type { Io } from '../../io.ts'
import { printable, tidily, write } from '../../io.ts'
import type { Profile } from '../../profile.ts'
import { openProfile, saveProfile } from '../../profile-keys.ts'
import { showProgress } from '../../progress.ts'

interface Options extends CommonOptions {
  verify?: boolean
}

const examples = `
Examples:
  halfkey workspace rekey                               again, if it was interrupted
  halfkey workspace rekey --verify                      does the new key open everything?
  HALFKEY_WORKSPACE_KEY=NEW,OLD halfkey workspace rekey  without a saved profile`

export const rekey = (io: Io): Command =>
  addCommon(
    new Command('rekey')
      .summary('replace the workspace key')
      .description(
        'Makes a new workspace key, saves it beside the old one in the profile, and then seals the newest value of every named secret, as a new version, and everything that owners noted, under it. It may be interrupted and run again; whoever has both keys can read everything at every moment. Older versions stay sealed under the old key, which the profile keeps for them. Give every other user and program NEW,OLD as HALFKEY_WORKSPACE_KEY before, and NEW after.',
      )
      .option('--verify', 'change nothing, but try whether the new key alone opens everything')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: Options) => run(options, io))

async function run(options: Options, io: Io): Promise<void> {
  const { url, token, keys } = await keysFor(options, io)
  const client = new Halfkey({ baseUrl: url, token, workspaceKey: keys, timeout: timeoutOf(options) })
  const line = showProgress(options.verify ? 'Opening' : 'Sealing', io, String)
  const call = { onProgress: line.onProgress, ...signalOf(io) }
  const work = options.verify ? client.verifyRekey(call) : client.rekey(call)
  const report = await tidily(io, work).finally(() => line.end())
  if (options.json) await writeJson(io, present(report))
  else await tell(report, io)
  if (!report.complete) throw new Failed(1)
}

/** The new key first. If there is but one yet, the new one is made and saved before anything is sealed under it. */
async function keysFor(options: Options, io: Io): Promise<{ url: string; token: string; keys: string[] }> {
  const { url, token, workspaceKey, formerWorkspaceKeys } = connectionOf(options, io)
  if (token === undefined || workspaceKey === undefined)
    throw new UsageError('A rekey needs the workspace’s token and key: halfkey login saves them.')
  const known = [workspaceKey, ...formerWorkspaceKeys]
  requireWholeKeys('A rekey needs', known)
  const fromEnvironment = Boolean(io.env['HALFKEY_WORKSPACE_KEY'])
  const isGiven = options.verify || (fromEnvironment && known.length > 1)
  if (isGiven || (await isUnderWay({ url, token, known }, options, io))) return { url, token, keys: known }
  await requireKeyMaker(new Halfkey({ baseUrl: url, token, timeout: timeoutOf(options) }), io)
  const keys = [randomBytes(32).toString('base64url'), ...known]
  if (fromEnvironment) {
    await write(io.stdout, `${keys.join(',')}\n`)
    throw new UsageError(
      'Nothing was changed yet. On stdout are a new key and the one there is: keep them safe, set them as HALFKEY_WORKSPACE_KEY, and run the command again.',
    )
  }
  save(keys, options, io)
  await say(io, 'The new key is saved in your profile, beside the old one.')
  return { url, token, keys }
}

function save([workspaceKey, ...formerWorkspaceKeys]: string[], options: Options, io: Io): void {
  const name = profileOf(options, io)
  saveProfile(io, name, { ...openProfile(io, name), workspaceKey, formerWorkspaceKeys } as Profile)
}

/**
 * Whether the newest key isn't the workspace's yet, or is so without opening everything.
 *
 * @throws HalfkeyError WRONG_KEY if the workspace has none of the keys.
 */
async function isUnderWay(
  { url, token, known }: { url: string; token: string; known: string[] },
  options: Options,
  io: Io,
): Promise<boolean> {
  const timeout = timeoutOf(options)
  const clients = known.map((workspaceKey) => new Halfkey({ baseUrl: url, token, workspaceKey, timeout }))
  const [newest, ...former] = clients as [Halfkey, ...Halfkey[]]
  const { workspaceCheck } = await newest.getWorkspace(signalOf(io))
  const checks = await Promise.all(clients.map((client) => client.workspaceCheck()))
  if (workspaceCheck !== null && !checks.includes(workspaceCheck))
    throw new HalfkeyError('WRONG_KEY', 'The workspace has another workspace key. Nothing was changed.')
  if (former.length === 0) return false
  return workspaceCheck !== checks[0] || !(await newest.verifyRekey(signalOf(io))).complete
}

const present = ({ complete, moved, opened, skipped, failed }: RekeyReport) => ({
  complete,
  moved,
  opened,
  skipped: skipped.join(','),
  failed: failed.map(({ name, code }) => `${name}:${code}`).join(','),
})

async function tell({ complete, moved, opened, skipped, failed }: RekeyReport, io: Io): Promise<void> {
  for (const { name, code } of failed) await write(io.stdout, `${printable(name)}: ${code}\n`)
  if (skipped.length > 0)
    await say(io, `Left alone, because nobody can read them any more: ${printable(skipped.join(', '))}.`)
  await say(io, `Sealed under the new key now: ${moved}. Opened with it: ${opened}.`)
  await say(
    io,
    complete
      ? 'The new key opens everything. Print a recovery sheet: halfkey workspace sheet'
      : 'The new key doesn’t open everything yet. Put right what is listed, then run the same command again.',
  )
}
