import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, say, signalOf, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'
import { answerArgument, openAnswer, requestArgument } from '../../open-request.ts'

const examples = `
Examples:
  halfkey request destroy SLUG ANSWER
  halfkey request destroy 'https://HOST/collect/SLUG#KEY' ANSWER`

export const destroy = (io: Io): Command =>
  addCommon(
    new Command('destroy')
      .summary('destroy an answer')
      .description(
        'Destroys an answer immediately, opened or not. The request takes no other in its place. Destroying it again is not an error.',
      )
      .argument(...requestArgument)
      .argument(...answerArgument)
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((request: string, slug: string, options: CommonOptions) => run(request, slug, options, io))

async function run(request: string, slug: string, options: CommonOptions, io: Io): Promise<void> {
  const answer = await openAnswer(request, slug, options, io)
  await answer.destroy(signalOf(io))
  if (options.json) await writeJson(io, { slug, destroyed: true })
  else await say(io, `Destroyed the answer ${slug}.`)
}
