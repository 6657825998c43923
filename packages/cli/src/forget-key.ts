/** A workspace key without another copy can't be recovered, so removing one needs a confirmation. */
import { UsageError } from './failure.ts'
import type { Profile } from './profile.ts'
import { ask, hasTerminal } from './terminal.ts'

export const forgetKeyOption = [
  '--forget-key',
  'remove the saved workspace key without asking (required without a terminal)',
] as const

/** @throws UsageError if the profile has a workspace key and the user doesn't agree to remove it */
export async function confirmForgetting(
  name: string,
  { url, workspaceKey }: Profile,
  { forgetKey = false }: { forgetKey?: boolean },
): Promise<void> {
  if (workspaceKey === undefined || forgetKey) return
  const what = `The profile ${name} holds the workspace key for ${url}. Without another copy, nobody can decrypt what it protects.`
  if (!hasTerminal())
    throw new UsageError(
      `${what} Nothing was removed. Print the key with halfkey workspace sheet first, or use --forget-key to remove it.`,
    )
  const answer = await ask(`${what}\nRemove it? [y/N]: `)
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new UsageError('Nothing was removed. To print the key: halfkey workspace sheet')
}
