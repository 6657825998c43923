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
    .summary('the manual page')
    .description('Prints the manual page, as roff.')
    .addHelpText('after', examples)
    .action(async () => write(io.stdout, manualOf(await buildProgram(undefined, io))))
