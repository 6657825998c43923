import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, signalOf, writeJson } from '../../context.ts'
import { fieldTable, presentCounts } from '../../details.ts'
import type { Io } from '../../io.ts'
import { write } from '../../io.ts'

const examples = `
Examples:
  halfkey request stats
  halfkey request stats --json | jq -r .open_requests`

export const stats = (io: Io): Command =>
  addCommon(
    new Command('stats')
      .summary('show numbers of requests and answers')
      .description("Counts the requests of the token's workspace, and their answers.")
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => run(options, io))

async function run(options: CommonOptions, io: Io): Promise<void> {
  const counts = presentCounts(await openClient(options, io).getRequestStats(signalOf(io)))
  if (options.json) await writeJson(io, counts)
  else await write(io.stdout, fieldTable(counts))
}
