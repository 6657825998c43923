import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, say, signalOf, writeJson } from '../../context.ts'
import type { Io } from '../../io.ts'
import { answerArgument, openAnswer, requestArgument } from '../../open-request.ts'

const examples = `
Examples:
  halfkey request unlock SLUG ANSWER
  halfkey request unlock 'https://HOST/collect/SLUG#KEY' ANSWER`

export const unlock = (io: Io): Command =>
  addCommon(
    new Command('unlock')
      .summary('unlock an answer after too many wrong passwords')
      .description("Lets an answer's password be tried again, after too many wrong ones locked it.")
      .argument(...requestArgument)
      .argument(...answerArgument)
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((request: string, slug: string, options: CommonOptions) => run(request, slug, options, io))

async function run(request: string, slug: string, options: CommonOptions, io: Io): Promise<void> {
  const answer = await openAnswer(request, slug, options, io)
  await answer.unlock(signalOf(io))
  if (options.json) await writeJson(io, { slug, unlocked: true })
  else await say(io, `Unlocked the answer ${slug}. To open it: halfkey request collect REQUEST --answer ${slug}`)
}
