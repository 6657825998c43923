import { Argument, Command } from 'commander'
import { completionOf, shells } from '../completion.ts'
import type { Shell } from '../completion.ts'
import type { Io } from '../io.ts'
import { write } from '../io.ts'
import { buildProgram } from '../program.ts'

const examples = `
Examples:
  halfkey completion bash > halfkey.bash                source it from ~/.bashrc
  halfkey completion zsh > _halfkey                     save in a folder of $fpath
  halfkey completion fish > halfkey.fish                save in ~/.config/fish/completions`

export const command = (io: Io): Command =>
  new Command('completion')
    .summary('print a completion script for your shell')
    .description('Prints a shell script that completes commands and options.')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText('after', examples)
    .action(async (shell: Shell) => write(io.stdout, completionOf(shell, await buildProgram(undefined, io))))
