/** A workspace key that nobody else has can't be made again: whoever removes it is asked first. */
import { UsageError } from './failure.ts'
import type { Profile } from './profile.ts'
import { ask, hasTerminal } from './terminal.ts'

export const forgetKeyOption = [
  '--forget-key',
  'remove the saved workspace key without asking; needed where there is no terminal',
] as const

/** @throws UsageError unless the profile has no workspace key, or the user agrees to lose it. */
export async function confirmForgetting(
  name: string,
  { url, workspaceKey }: Profile,
  { forgetKey = false }: { forgetKey?: boolean },
): Promise<void> {
  if (workspaceKey === undefined || forgetKey) return
  const what = `The profile ${name} holds the workspace key for ${url}. Without another copy, nobody can open what it seals.`
  if (!hasTerminal())
    throw new UsageError(
      `${what} Nothing was removed. Print the key with halfkey workspace sheet, or remove it with --forget-key.`,
    )
  const answer = await ask(`${what}\nRemove it? [y/N]: `)
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new UsageError('Nothing was removed. halfkey workspace sheet prints the key.')
}
