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
  halfkey generate                                      24 characters, shared; prints the link
  halfkey generate --length 40 --classes lower,digits
  halfkey generate --words 6 --show                     words instead; shows them on stderr, too
  halfkey generate --json | jq -r .value`

export function command(io: Io): Command {
  return addCommon(
    new Command('generate')
      .summary('make a strong value and share it; prints its link')
      .description('Draws a strong value here, every one as likely as any other, shares it, and prints the link.')
      .option('--length <n>', 'characters, up to 1024 (24)')
      .option('--classes <names>', `of ${Object.keys(classes).join(', ')} (all); at least one of each`, collect)
      .option('--words <n>', 'that many words of a list of 2048 instead, with dashes between')
      .option('--hours <n>', 'until it expires, up to 1000', '24')
      .option('--views <n>', 'how often it can be opened, or "unlimited" until it expires', '1')
      .option('--show', 'show the value, on stderr')
      .option('--qr', 'show the link as a QR code, on stderr')
      .option('--copy', 'put the link on the clipboard')
      .option('--json', 'print one JSON object, with the value'),
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
  if (length !== undefined || names) throw new UsageError('Give --words, or --length and --classes, not both.')
  return drawWords(wholeNumber('--words', words, 128))
}
