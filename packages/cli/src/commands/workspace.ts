import { Command } from 'commander'
import type { Io } from '../io.ts'
import { init } from './workspace/init.ts'
import { rekey } from './workspace/rekey.ts'
import { sheet } from './workspace/sheet.ts'

const examples = `
Examples:
  halfkey workspace init
  halfkey workspace sheet`

export function command(io: Io): Command {
  const workspace = new Command('workspace')
    .summary('the workspace key: make it, print it, replace it')
    .description('The workspace key seals what owners note and every named secret; no server ever sees it.')
    .addHelpText('after', examples)
  for (const make of [init, sheet, rekey]) workspace.addCommand(make(io))
  return workspace
}
