import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, openClient, signalOf, writeJson } from '../../context.ts'
import { fieldTable, presentRequest } from '../../details.ts'
import type { Io } from '../../io.ts'
import { write } from '../../io.ts'
import { isLink, openRequest, requestArgument } from '../../open-request.ts'

const examples = `
Examples:
  halfkey request get SLUG
  halfkey request get 'https://HOST/collect/SLUG#KEY'   without a token
  halfkey request get SLUG --json | jq -r .status`

export const get = (io: Io): Command =>
  addCommon(
    new Command('get')
      .summary('show the details of a request')
      .description('Shows everything about a request but its answers.')
      .argument(...requestArgument)
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((request: string, options: CommonOptions) => run(request, options, io))

async function run(request: string, options: CommonOptions, io: Io): Promise<void> {
  const details = isLink(request)
    ? await (await openRequest(request, options, io)).details(signalOf(io))
    : await openClient(options, io).getRequest(request, signalOf(io))
  const fields = presentRequest(details)
  if (options.json) await writeJson(io, fields)
  else await write(io.stdout, fieldTable(fields))
}
