import { Command } from 'commander'
import { openReceipt } from '@halfkey/sdk'
import type { CommonOptions } from '../context.ts'
import { addCommon, say, signalOf, timeoutOf, writeJson } from '../context.ts'
import { fieldTable } from '../details.ts'
import type { Io } from '../io.ts'
import { write } from '../io.ts'

interface Options extends CommonOptions {
  withdraw?: boolean
}

const examples = `
Examples:
  halfkey status 'https://HOST/status/SLUG#KEY'
  halfkey status 'https://HOST/status/SLUG#KEY' --withdraw
  halfkey status 'https://HOST/status/SLUG#KEY' --json | jq -r .state

The state is uploading, waiting (to be collected), collected, expired or burned (destroyed by you, or unread by whoever
asked). It is what the server says. The link doesn't open the answer.`

export const command = (io: Io): Command =>
  addCommon(
    new Command('status')
      .summary('show what became of an answer you sent')
      .description('Shows whether an answer was collected, and withdraws it until then. Needs no token.')
      .argument('<link>', 'the status link that halfkey answer printed, in quotes')
      .option('--withdraw', 'destroy the answer, unless it was collected')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((link: string, options: Options) => run(link, options, io))

async function run(link: string, options: Options, io: Io): Promise<void> {
  const receipt = await openReceipt(link, { timeout: timeoutOf(options) })
  if (options.withdraw) await receipt.withdraw(signalOf(io))
  const { state, collectedAt, expiration } = await receipt.status(signalOf(io))
  const fields = {
    slug: receipt.slug,
    state,
    collected_at: collectedAt?.toISOString() ?? null,
    expiration: expiration.toISOString(),
  }
  if (options.json) return writeJson(io, fields)
  await write(io.stdout, fieldTable(fields))
  if (options.withdraw) await say(io, `Withdrew the answer ${receipt.slug}. Nobody can open it any more.`)
}
