import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, say, signalOf, writeJson } from '../../context.ts'
import { minuteOf, table } from '../../details.ts'
import type { Io } from '../../io.ts'
import { write } from '../../io.ts'
import { openRequest, requestArgument } from '../../open-request.ts'
import { sizeOf } from '../../progress.ts'

const examples = `
Examples:
  halfkey request answers SLUG
  halfkey request answers 'https://HOST/collect/SLUG#KEY'
  halfkey request answers SLUG --json                   one JSON object per line`

export const answers = (io: Io): Command =>
  addCommon(
    new Command('answers')
      .summary('list the answers to a request')
      .description('Lists the answers to a request, oldest first, without opening any.')
      .argument(...requestArgument)
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((request: string, options: CommonOptions) => run(request, options, io))

async function run(request: string, options: CommonOptions, io: Io): Promise<void> {
  const collect = await openRequest(request, options, io)
  const found = await collect.answers(signalOf(io))
  if (found.length === 0) return say(io, 'No answers yet.')
  if (options.json) {
    for (const { slug, status, createdAt, collectedAt, attachmentsCount, size } of found)
      await writeJson(io, {
        slug,
        status,
        created_at: createdAt.toISOString(),
        collected_at: collectedAt?.toISOString() ?? null,
        attachments_count: attachmentsCount,
        size,
      })
    return
  }
  const rows = found.map(({ slug, status, createdAt, collectedAt, attachmentsCount, size }) => [
    slug,
    status,
    minuteOf(createdAt),
    collectedAt ? minuteOf(collectedAt) : '',
    String(attachmentsCount),
    sizeOf(size),
  ])
  await write(io.stdout, table([['SLUG', 'STATUS', 'SENT (UTC)', 'COLLECTED (UTC)', 'FILES', 'SIZE'], ...rows]))
}
