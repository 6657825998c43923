import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, collect, numberOf, openClient, signalOf, wholeNumber } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { write } from '../io.ts'
import type { ShowOptions } from '../shared.ts'
import { print, viewsOf } from '../shared.ts'
import type { CharacterClass } from '../strong-values.ts'
import { classes, drawCharacters, drawWords, parseClasses } from '../strong-values.ts'

interface Options extends CommonOptions, ShowOptions {
  length?: string
  classes?: string[]
  words?: string
  hours: string
  views: string
  show?: boolean
}

const examples = `
Examples:
  halfkey generate                                      24 characters; prints the link
  halfkey generate --length 40 --classes lower,digits
  halfkey generate --words 6 --show                     words instead; also prints them on stderr
  halfkey generate --json | jq -r .value`

export function command(io: Io): Command {
  return addCommon(
    new Command('generate')
      .summary('generate a strong value, share it, and print its link')
      .description('Generates a uniformly random value on this machine, shares it, and prints the link.')
      .option('--length <n>', 'number of characters, up to 1024 (24)')
      .option(
        '--classes <names>',
        `any of ${Object.keys(classes).join(', ')} (all); each occurs at least once`,
        collect,
      )
      .option('--words <n>', 'that many words from a list of 2048, joined by dashes')
      .option('--hours <n>', 'hours until it expires, up to 1000', '24')
      .option('--views <n>', 'how many times it can be opened, or "unlimited"', '1')
      .option('--show', 'print the value on stderr')
      .option('--qr', 'show the link as a QR code, on stderr')
      .option('--copy', 'copy the link to the clipboard')
      .option('--json', 'print one JSON object, including the value'),
  )
    .addHelpText('after', examples)
    .action((options: Options) => generate(options, io))
}

async function generate(options: Options, io: Io): Promise<void> {
  const value = draw(options)
  const secret = await openClient(options, io).createSecret(value, {
    hours: numberOf('--hours', options.hours),
    views: viewsOf(options.views),
    ...signalOf(io),
  })
  await print(secret, { value }, options, io)
  if (options.show) await write(io.stderr, `Value: ${value}\n`)
}

function draw({ length, classes: names, words }: Options): string {
  if (words === undefined) {
    const all = Object.keys(classes) as CharacterClass[]
    return drawCharacters(wholeNumber('--length', length ?? '24', 1024), names ? parseClasses(names) : all)
  }
  if (length !== undefined || names) throw new UsageError('Use --words, or --length and --classes, not both.')
  return drawWords(wholeNumber('--words', words, 128))
}
