import { Command } from 'commander'
import type { CommonOptions } from '../context.ts'
import { addCommon, openClient, signalOf, writeJson } from '../context.ts'
import { table } from '../details.ts'
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

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

async function stats(options: CommonOptions, io: Io): Promise<void> {
  const counts = Object.entries(await openClient(options, io).getStats(signalOf(io)))
  const fields = counts.map(([name, count]): [string, number] => [snakeCase(name), count as number])
  if (options.json) return writeJson(io, Object.fromEntries(fields))
  await write(io.stdout, table(fields.map(([name, count]) => [name.replaceAll('_', ' '), String(count)])))
}
