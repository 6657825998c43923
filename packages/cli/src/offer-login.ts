import { login } from './commands/login.ts'
import type { CommonOptions } from './context.ts'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { ask, hasTerminal } from './terminal.ts'

/**
 * Logs in if there is a terminal and the user agrees.
 *
 * @param reason  a sentence without its full stop
 * @throws UsageError with the command to run, otherwise
 */
export async function offerLogin(reason: string, options: CommonOptions, io: Io): Promise<void> {
  const { url, profile } = options
  const command = ['halfkey login', profile && `--profile ${profile}`, url && `--url ${url}`].filter(Boolean).join(' ')
  const agreed = hasTerminal() && /^(y|yes)?$/i.test((await ask(`${reason}.\nRun ${command} now? [Y/n]: `)).trim())
  if (!agreed) throw new UsageError(`${reason}. Run: ${command}`)
  await login({ ...options, json: false, keyring: true }, io)
}
