/** The commands that there are, as `--help` tells: a new one can't be forgotten by the tests that walk them. */
import type { Halfkey } from './halfkey.ts'

export interface CommandHelp {
  /** `['token', 'create']`; empty: the program itself. */
  words: string[]
  /** What `--help` prints. */
  text: string
}

const namesIn = (text: string): string[] =>
  [...(text.split(/^Commands:\n/m)[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z]+)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help')

/** The command and all under it, by asking the program. */
export async function helpOf(halfkey: Halfkey, words: string[] = []): Promise<CommandHelp[]> {
  const { code, text, stderr } = await halfkey.run([...words, '--help'])
  if (code !== 0) throw new Error(`halfkey ${words.join(' ')} --help ended with ${code}: ${stderr}`)
  const below: CommandHelp[] = []
  for (const name of namesIn(text)) below.push(...(await helpOf(halfkey, [...words, name])))
  return [{ words, text }, ...below]
}

/** The command lines under `Examples:`, without the remark that two spaces part from them. */
export const examplesIn = ({ text }: CommandHelp): string[] =>
  (text.split('Examples:\n')[1]?.split('\n\n')[0] ?? '')
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/)[0] ?? '')
    .filter((line) => line !== '')
