/** Shell completion scripts, generated from the command tree. */
import type { Command } from 'commander'
import { withSubcommands } from './program.ts'

export const shells = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof shells)[number]

interface Entry {
  /** `token create` for `halfkey token create`; empty for the program itself. */
  path: string
  words: { word: string; about: string; takesValue?: boolean }[]
}

function nameOf(command: Command): string {
  const parent = command.parent ? nameOf(command.parent) : ''
  return command.parent ? `${parent} ${command.name()}`.trim() : ''
}

const entriesOf = (program: Command): Entry[] =>
  withSubcommands(program).map((command) => {
    const help = command.createHelp()
    return {
      path: nameOf(command),
      words: [
        ...command.commands.map((child) => ({ word: child.name(), about: child.summary() })),
        ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
          argChoices.map((word) => ({ word, about: description })),
        ),
        ...help.visibleOptions(command).map(({ long, description, required }) => ({
          word: long ?? '',
          about: description,
          takesValue: required,
        })),
      ],
    }
  })

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** The shell pattern that matches every command path. */
const pathPattern = (entries: Entry[]): string => {
  const paths = entries.map(({ path }) => path).filter((path) => path !== '')
  return paths.map((path) => quoted(path)).join('|')
}

function bash(entries: Entry[]): string {
  const cases = entries.map(
    ({ path, words }) => `    ${quoted(path)}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`,
  )
  return `# halfkey completion for bash: source <(halfkey completion bash)
_halfkey() {
  local path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
    ${pathPattern(entries)}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _halfkey halfkey
`
}

function zsh(entries: Entry[]): string {
  const describe = ({ word, about }: Entry['words'][number]): string =>
    quoted(`${word.replaceAll(':', '\\:')}:${about.replaceAll(':', '\\:')}`)
  const cases = entries.map(({ path, words }) => `    ${quoted(path)}) entries=(${words.map(describe).join(' ')}) ;;`)
  return `#compdef halfkey
# halfkey completion for zsh: source <(halfkey completion zsh), or save as _halfkey in a folder of $fpath
_halfkey() {
  local at='' word
  local -a entries
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${at:+$at }$word" in
    ${pathPattern(entries)}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe 'halfkey' entries || _files
}
if [[ "\${funcstack[1]}" == _halfkey ]]; then _halfkey "$@"; else compdef _halfkey halfkey; fi
`
}

function fish(entries: Entry[]): string {
  const lines = entries.flatMap(({ path, words }) =>
    words.map(({ word, about, takesValue }) => {
      const condition = `-n ${quoted(`test (__halfkey_path) = "${path}"`)}`
      const what = word.startsWith('--') ? `-l ${word.slice(2)}${takesValue ? ' -r' : ''}` : `-a ${word}`
      return `complete -c halfkey ${condition} ${what} -d ${quoted(about)}`
    }),
  )
  const paths = entries.map(({ path }) => path).filter((path) => path !== '')
  return `# halfkey completion for fish: halfkey completion fish | source
function __halfkey_path
  set -l at ''
  for word in (commandline -opc)[2..]
    set -l next (string trim "$at $word")
    contains -- $next ${paths.map(quoted).join(' ')}; and set at $next
  end
  echo "$at"
end
${lines.join('\n')}
`
}

const writers: Record<Shell, (entries: Entry[]) => string> = { bash, zsh, fish }

export const completionOf = (shell: Shell, program: Command): string => writers[shell](entriesOf(program))
