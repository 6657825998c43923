import { Command } from 'commander'
import type { Check } from '../checks.ts'
import { checkConnection } from '../checks.ts'
import type { CommonOptions } from '../context.ts'
import { addCommon, connectionOf, writeJson } from '../context.ts'
import { table } from '../details.ts'
import { Failed } from '../failure.ts'
import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'

const examples = `
Examples:
  halfkey test
  halfkey test --url http://127.0.0.1:8787
  halfkey test --json`

export function command(io: Io): Command {
  return addCommon(
    new Command('test')
      .summary('check the server address, token and workspace key')
      .description('Checks the server address, the token and the workspace key, and says what is wrong with them.')
      .option('--json', 'print one JSON object per line'),
  )
    .addHelpText('after', examples)
    .action((options: CommonOptions) => test(options, io))
}

const exitCodes: Record<Check['name'], number> = { address: 8, token: 6, 'workspace key': 7 }

const words = (ok: boolean | null): string => (ok === null ? '-' : ok ? 'ok' : 'FAILED')

async function test(options: CommonOptions, io: Io): Promise<void> {
  const checks = await checkConnection(connectionOf(options, io), options, io)
  if (options.json) for (const { name, ok, says } of checks) await writeJson(io, { check: name, ok, says })
  else await write(io.stdout, table(checks.map(({ name, ok, says }) => [name, words(ok), printable(says)])))
  const wrong = checks.find(({ ok }) => ok === false)
  if (wrong) throw new Failed(exitCodes[wrong.name])
}
