import { Command } from 'commander'
import type { BridgeSettings } from '@halfkey/bridge'
import type { CommonOptions } from '../context.ts'
import { addCommon, connectionOf, timeoutOf } from '../context.ts'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'
import { write } from '../io.ts'

interface Options extends CommonOptions {
  settings?: string
  listen?: string
}

const examples = `
Examples:
  halfkey bridge
  halfkey bridge --settings bridge.json --listen 127.0.0.1:8788`

const about =
  'Serves programs that were written for Onetime Secret or Donutwork, which need nothing but another host: seals what they send, here, and stores it at the Halfkey server. Runs until it is interrupted, and keeps nothing. It is sent secrets in plaintext, so it listens on this machine alone unless it is told otherwise. docs/bridge.md lists its settings.'

export function command(io: Io): Command {
  return addCommon(
    new Command('bridge')
      .summary('serve programs written for other services')
      .description(about)
      .option('--settings <file>', 'a JSON file: accounts, regions, mail … (HALFKEY_BRIDGE_SETTINGS)')
      .option('--listen <address:port>', '127.0.0.1:8788 unless HALFKEY_BRIDGE_LISTEN says otherwise'),
    { timeout: '10' },
  )
    .addHelpText('after', examples)
    .action((options: Options) => bridge(options, io))
}

/** The file wins over the saved profile, the environment over both, and options over all. */
async function bridge(options: Options, io: Io): Promise<void> {
  const { readSettings, serveBridge, SettingsRefused } = await import('@halfkey/bridge')
  const { url, token, workspaceKey, formerWorkspaceKeys } = connectionOf(options, io)
  const warn = (text: string): void => void io.stderr.write(`${text}\n`)
  try {
    const settings: Partial<BridgeSettings> = {
      server: url,
      ...(workspaceKey !== undefined && { workspaceKey: [workspaceKey, ...formerWorkspaceKeys] }),
      ...readSettings({ ...io.env, HALFKEY_TOKEN: token }, options.settings, warn),
      ...(options.url !== undefined && { server: options.url }),
      ...(options.listen !== undefined && { listen: options.listen }),
    }
    const running = await serveBridge(settings as BridgeSettings, {
      warn,
      log: (problem) => warn(`${new Date().toISOString()} halfkey bridge: ${problem}`),
      timeout: timeoutOf(options),
    })
    await write(io.stdout, `The bridge listens on ${running.address}\n`)
    await interrupted(io)
    await running.stop()
  } catch (error) {
    throw error instanceof SettingsRefused ? new UsageError(error.message) : error
  }
}

const interrupted = ({ signal }: Io): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve()
    else signal?.addEventListener('abort', () => resolve(), { once: true })
  })
