import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import type { CommonOptions } from '../../context.ts'
import { addCommon, collect, openKeyedClient, repeat, say, signalOf, wholeNumber, writeJson } from '../../context.ts'
import { secondsOf } from '../../duration.ts'
import { UsageError } from '../../failure.ts'
import type { Io } from '../../io.ts'
import { readAll } from '../../io.ts'
import { askHidden } from '../../terminal.ts'

interface Options extends CommonOptions {
  file?: string
  name?: string
  property?: string[]
  ip?: string[]
  expires?: string
  rotateAfter?: string
  version?: string
}

const examples = `
Examples:
  halfkey kms put prod/db < password.txt
  printf %s 'correct horse' | halfkey kms put prod/api --name 'API of the shop' --property owner=ada
  halfkey kms put prod/tls --file key.pem --ip 127.0.0.1 --rotate-after 90d`

export const put = (io: Io): Command =>
  addCommon(
    new Command('put')
      .summary('store a value as a new version')
      .description(
        'Encrypts a value with the workspace key and stores it as the newest version. The bytes are kept unchanged, including a trailing line break.',
      )
      .argument('<handler>', 'such as prod/db')
      .option('--file <file>', 'read the value from a file instead of stdin')
      .option('--name <text>', 'a name to show in lists (encrypted)')
      .option('--property <name=value>', 'further information (encrypted, repeatable)', repeat)
      .option('--ip <address>', 'reveal only to this address or CIDR block (repeatable)', collect)
      .option('--expires <duration>', 'how long it can be revealed, such as 90d')
      .option('--rotate-after <duration>', 'when to remind you to rotate it, such as 90d')
      .option('--version <n>', 'store only if this is the next version number')
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((handler: string, options: Options) => run(handler, options, io))

function propertiesOf(entries: string[] | undefined): Record<string, string> | undefined {
  return (
    entries &&
    Object.fromEntries(
      entries.map((entry) => {
        const at = entry.indexOf('=')
        if (at < 1) throw new UsageError(`--property must be NAME=VALUE, not ${entry}.`)
        return [entry.slice(0, at), entry.slice(at + 1)]
      }),
    )
  )
}

/** Rejects an empty value: it usually comes from a failed program at the other end of the pipe. */
async function valueOf(options: Options, io: Io): Promise<Buffer> {
  const value = await readValue(options, io)
  if (value.length === 0) throw new UsageError('The value is empty. Nothing was stored.')
  return value
}

async function readValue({ file }: Options, { stdin }: Io): Promise<Buffer> {
  if (file !== undefined)
    return readFile(file).catch((error: unknown) => {
      throw new UsageError(`--file: ${(error as Error).message}`)
    })
  if (!stdin.isTTY) return readAll(stdin)
  return Buffer.from(await askHidden('Value (not shown): ', 'Provide the value on stdin, or with --file FILE.'))
}

async function run(handler: string, options: Options, io: Io): Promise<void> {
  const { name, property, ip, expires, rotateAfter, version } = options
  const fields = {
    name,
    properties: propertiesOf(property),
    whitelist: ip,
    expiresIn: expires === undefined ? undefined : secondsOf('--expires', expires),
    rotateAfter: rotateAfter === undefined ? undefined : secondsOf('--rotate-after', rotateAfter),
    version: version === undefined ? undefined : wholeNumber('--version', version),
  }
  const client = await openKeyedClient(options, io)
  const value = await valueOf(options, io)
  const entry = await client.kms.put(handler, value, { ...fields, ...signalOf(io) })
  if (options.json) await writeJson(io, { handler: entry.handler, version: entry.version })
  else await say(io, `Stored ${entry.handler} as version ${entry.version}.`)
}
