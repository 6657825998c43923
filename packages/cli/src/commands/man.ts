import { Command } from 'commander'
import type { Io } from '../io.ts'
import { write } from '../io.ts'
import { manualOf } from '../man.ts'
import { buildProgram } from '../program.ts'

const examples = `
Examples:
  halfkey man | man -l -
  halfkey man > halfkey.1`

export const command = (io: Io): Command =>
  new Command('man')
    .summary('print the manual page')
    .description('Prints the manual page in roff format.')
    .addHelpText('after', examples)
    .action(async () => write(io.stdout, manualOf(await buildProgram(undefined, io))))
