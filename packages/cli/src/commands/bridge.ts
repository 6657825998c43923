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
  'Serves programs written for the APIs of Onetime Secret or Donutwork: point them at this host. The bridge encrypts what they send and stores it on the Halfkey server; it keeps nothing itself, and runs until it is interrupted. Programs send it secrets in plaintext, so by default it listens on this machine only. The settings are described in docs/bridge.md.'

export function command(io: Io): Command {
  return addCommon(
    new Command('bridge')
      .summary('serve programs written for other services')
      .description(about)
      .option('--settings <file>', 'JSON file with accounts, regions and mail (HALFKEY_BRIDGE_SETTINGS)')
      .option('--listen <address:port>', 'where to listen (default: HALFKEY_BRIDGE_LISTEN, or 127.0.0.1:8788)'),
    { timeout: '10' },
  )
    .addHelpText('after', examples)
    .action((options: Options) => bridge(options, io))
}

/** Precedence: options, then the environment, the settings file, and the saved profile. */
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
