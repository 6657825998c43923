import { Argument, Command } from 'commander'
import { completionOf, shells } from '../completion.ts'
import type { Shell } from '../completion.ts'
import type { Io } from '../io.ts'
import { write } from '../io.ts'
import { buildProgram } from '../program.ts'

const examples = `
Examples:
  halfkey completion bash > halfkey.bash                source it from ~/.bashrc
  halfkey completion zsh > _halfkey                     in a folder of $fpath
  halfkey completion fish > halfkey.fish                in ~/.config/fish/completions`

export const command = (io: Io): Command =>
  new Command('completion')
    .summary('a completion script for your shell')
    .description('Prints a script that completes commands and options.')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText('after', examples)
    .action(async (shell: Shell) => write(io.stdout, completionOf(shell, await buildProgram(undefined, io))))
