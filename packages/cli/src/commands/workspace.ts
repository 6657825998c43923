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
    .summary('create, print or replace the workspace key')
    .description('Manages the workspace key, which encrypts descriptions and named secrets. No server ever sees it.')
    .addHelpText('after', examples)
  for (const make of [init, sheet, rekey]) workspace.addCommand(make(io))
  return workspace
}
