import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, needWorkspaceKey, numberOf, openClient, say, signalOf, writeJson } from '../../context.ts'
import { presentRequest } from '../../details.ts'
import { UsageError } from '../../failure.ts'
import type { Io } from '../../io.ts'
import { isLink } from '../../open-request.ts'

interface Options extends CommonOptions {
  hours?: string
  answers?: string
  description?: string
}

const examples = `
Examples:
  halfkey request patch SLUG --hours 2                  takes answers for two more hours
  halfkey request patch SLUG --answers 1                takes no more than one
  halfkey request patch SLUG --description 'New hire'

The time can only be shortened, and the number of answers only lowered, to those that are there at the least.`

export const patch = (io: Io): Command =>
  addCommon(
    new Command('patch')
      .summary('shorten a request, or lower its number of answers')
      .description("Changes a request of the token's workspace. Nothing can be extended.")
      .argument('<slug>', 'the slug of a request of yours')
      .option('--hours <n>', 'hours from now that it takes answers')
      .option('--answers <n>', 'how many answers it takes')
      .option('--description <text>', 'a private note for your own list (needs a workspace key)')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((slug: string, options: Options) => run(slug, options, io))

async function run(slug: string, options: Options, io: Io): Promise<void> {
  const { hours, answers, description } = options
  if (isLink(slug)) throw new UsageError('This needs the slug and a token, not the collect link.')
  if (hours === undefined && answers === undefined && description === undefined)
    throw new UsageError('Nothing to change: give --hours, --answers or --description.')
  if (description !== undefined) await needWorkspaceKey('--description needs', options, io)
  const details = await openClient(options, io).patchRequest(slug, {
    ...(hours !== undefined && { hours: numberOf('--hours', hours) }),
    ...(answers !== undefined && { answers: numberOf('--answers', answers) }),
    description,
    ...signalOf(io),
  })
  if (options.json) return writeJson(io, presentRequest(details))
  const { maximumAnswers, expiration } = details
  const many = maximumAnswers === 1 ? 'one answer' : `${maximumAnswers} answers`
  await say(io, `Changed ${slug}. It takes ${many}, until ${expiration.toISOString()}.`)
}
