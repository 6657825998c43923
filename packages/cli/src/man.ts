/** Generates the manual page (man(7) macros) from the command tree and its help. */
import type { Command } from 'commander'

/** Escapes text for roff: backslashes, hyphens, and lines that would start a request. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1')

/** The help text after the options: examples, notes, exit codes. */
function afterOf(command: Command): string {
  let after = ''
  const before = command.createHelp().formatHelp(command, command.createHelp())
  command.configureOutput({ writeOut: (text) => (after += text) })
  command.outputHelp()
  return after.slice(after.indexOf(before) + before.length).trim()
}

function optionsOf(command: Command): string[] {
  const help = command.createHelp()
  return help
    .visibleOptions(command)
    .map((option) => `.TP\n\\fB${roff(option.flags)}\\fR\n${roff(help.optionDescription(option))}`)
}

const literal = (text: string): string => `.nf\n${roff(text)}\n.fi`

function sectionOf(command: Command, path: string): string[] {
  if (command.commands.length > 0)
    return command.commands.flatMap((child) => sectionOf(child, `${path} ${child.name()}`))
  return [
    `.SS "${roff(`${path} ${command.usage()}`)}"`,
    roff(command.description()),
    ...optionsOf(command),
    '.PP',
    literal(afterOf(command)),
  ]
}

export function manualOf(program: Command): string {
  const [about = '', environment = ''] = program.description().split('\n\n')
  return `${[
    `.TH HALFKEY 1 "" "halfkey ${program.version() ?? ''}"`,
    '.SH NAME',
    `halfkey \\- ${roff(about.replace(/\.$/, '').replace(/^S/, 's'))}`,
    '.SH SYNOPSIS',
    '.B halfkey',
    '.I command',
    '[options]',
    '.SH COMMANDS',
    ...program.commands.flatMap((command) => sectionOf(command, command.name())),
    '.SH ENVIRONMENT',
    literal(environment.replace(/^Environment:\n/, '')),
    '.SH EXAMPLES AND EXIT CODES',
    literal(afterOf(program)),
  ].join('\n')}\n`
}
