import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, connectionOf } from '../../context.ts'
import { UsageError } from '../../failure.ts'
import type { Io } from '../../io.ts'
import { write } from '../../io.ts'
import { recoverySheet } from '../../recovery.ts'

const examples = `
Examples:
  halfkey workspace sheet
  halfkey workspace sheet | lp                          prints it without saving it`

export const sheet = (io: Io): Command =>
  addCommon(
    new Command('sheet')
      .summary('print a recovery sheet for the workspace key')
      .description('Prints the workspace key as text, as 24 words and as a QR code. Works offline.'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => run(options, io))

async function run(options: CommonOptions, io: Io): Promise<void> {
  const { url, workspaceKey } = connectionOf(options, io)
  if (workspaceKey === undefined)
    throw new UsageError('There is no workspace key. Set HALFKEY_WORKSPACE_KEY, or run halfkey login.')
  await write(io.stdout, recoverySheet(workspaceKey, url, io))
}
