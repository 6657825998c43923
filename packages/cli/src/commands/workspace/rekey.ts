import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { Halfkey, HalfkeyError } from '@halfkey/sdk'
import type { RekeyReport } from '@halfkey/sdk'
import { requireTokensAdmin } from '../../checks.ts'
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
import { printable, withCleanup, write } from '../../io.ts'
import type { Profile } from '../../profile.ts'
import { openProfile, saveProfile } from '../../profile-keys.ts'
import { showProgress } from '../../progress.ts'

interface Options extends CommonOptions {
  verify?: boolean
}

const examples = `
Examples:
  halfkey workspace rekey                               run it again if it was interrupted
  halfkey workspace rekey --verify                      does the new key decrypt everything?
  HALFKEY_WORKSPACE_KEY=NEW,OLD halfkey workspace rekey  without a saved profile`

export const rekey = (io: Io): Command =>
  addCommon(
    new Command('rekey')
      .summary('replace the workspace key')
      .description(
        'Creates a new workspace key, saves it next to the old one in the profile, and re-encrypts the newest value of every named secret (as a new version) and all descriptions with it. It can be interrupted and run again; with both keys, everything stays readable at all times. Old versions stay encrypted with the old key, which the profile keeps. Before you start, set HALFKEY_WORKSPACE_KEY to NEW,OLD for all other users and programs; afterwards, set it to NEW.',
      )
      .option('--verify', 'change nothing; only check that the new key alone decrypts everything')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: Options) => run(options, io))

async function run(options: Options, io: Io): Promise<void> {
  const { url, token, keys } = await keysFor(options, io)
  const client = new Halfkey({ baseUrl: url, token, workspaceKey: keys, timeout: timeoutOf(options) })
  const line = showProgress(options.verify ? 'Decrypting' : 'Encrypting', io, String)
  const call = { onProgress: line.onProgress, ...signalOf(io) }
  const work = options.verify ? client.verifyRekey(call) : client.rekey(call)
  const report = await withCleanup(io, work).finally(() => line.end())
  if (options.json) await writeJson(io, present(report))
  else await printReport(report, io)
  if (!report.complete) throw new Failed(1)
}

/** The keys, newest first. Creates and saves a new key, before anything is encrypted with it, if no rekey is in progress. */
async function keysFor(options: Options, io: Io): Promise<{ url: string; token: string; keys: string[] }> {
  const { url, token, workspaceKey, formerWorkspaceKeys } = connectionOf(options, io)
  if (token === undefined || workspaceKey === undefined)
    throw new UsageError("A rekey needs the workspace's token and key. Run halfkey login to save them.")
  const known = [workspaceKey, ...formerWorkspaceKeys]
  requireWholeKeys('A rekey needs', known)
  const fromEnvironment = Boolean(io.env['HALFKEY_WORKSPACE_KEY'])
  const isGiven = options.verify || (fromEnvironment && known.length > 1)
  if (isGiven || (await isInProgress({ url, token, known }, options, io))) return { url, token, keys: known }
  await requireTokensAdmin(new Halfkey({ baseUrl: url, token, timeout: timeoutOf(options) }), io)
  const keys = [randomBytes(32).toString('base64url'), ...known]
  if (fromEnvironment) {
    await write(io.stdout, `${keys.join(',')}\n`)
    throw new UsageError(
      'Nothing was changed yet. The new key and the current one are on stdout: keep them safe, set HALFKEY_WORKSPACE_KEY to both as printed, and run the command again.',
    )
  }
  save(keys, options, io)
  await say(io, 'The new key is saved in your profile, next to the old one.')
  return { url, token, keys }
}

function save([workspaceKey, ...formerWorkspaceKeys]: string[], options: Options, io: Io): void {
  const name = profileOf(options, io)
  saveProfile(io, name, { ...openProfile(io, name), workspaceKey, formerWorkspaceKeys } as Profile)
}

/**
 * Whether a rekey has started but isn't complete: the newest key isn't the workspace's yet, or doesn't decrypt everything.
 *
 * @throws HalfkeyError WRONG_KEY if the workspace uses none of the keys
 */
async function isInProgress(
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
    throw new HalfkeyError('WRONG_KEY', "None of these keys is the workspace's key. Nothing was changed.")
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

async function printReport({ complete, moved, opened, skipped, failed }: RekeyReport, io: Io): Promise<void> {
  for (const { name, code } of failed) await write(io.stdout, `${printable(name)}: ${code}\n`)
  if (skipped.length > 0) await say(io, `Skipped (no key opens them): ${printable(skipped.join(', '))}.`)
  await say(io, `Re-encrypted with the new key: ${moved}. Verified: ${opened}.`)
  await say(
    io,
    complete
      ? 'The new key decrypts everything. Print a recovery sheet: halfkey workspace sheet'
      : "The new key doesn't decrypt everything yet. Fix the problems listed, then run the command again.",
  )
}
