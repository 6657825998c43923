import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, openClient, signalOf, writeJson } from '../context.ts'
import { fieldTable, presentCounts } from '../details.ts'
import type { Io } from '../io.ts'
import { write } from '../io.ts'

const examples = `
Examples:
  halfkey stats
  halfkey stats --json | jq -r .active_secrets`

export function command(io: Io): Command {
  return addCommon(
    new Command('stats')
      .summary('show numbers of secrets and views')
      .description("Counts the secrets of the token's workspace. Days are in UTC, and weeks start on Monday.")
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => stats(options, io))
}

async function stats(options: CommonOptions, io: Io): Promise<void> {
  const counts = presentCounts(await openClient(options, io).getStats(signalOf(io)))
  if (options.json) await writeJson(io, counts)
  else await write(io.stdout, fieldTable(counts))
}
