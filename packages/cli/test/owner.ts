/** The command beside a server that runs, for whoever has a token and a workspace key there. */
import { randomBytes } from 'node:crypto'
import { Halfkey as Client } from '@halfkey/sdk'
import { beforeAll } from 'vitest'
import type { Result } from './halfkey.ts'
import type { RunningHalfkey } from './running.ts'
import { useHalfkey } from './running.ts'

type Input = string | Uint8Array

export interface Owner extends RunningHalfkey {
  workspaceKey: string
  /** There from the first test on, as all below. */
  env: () => Record<string, string>
  client: () => Client
  run: (args: string[], input?: Input, env?: Record<string, string>) => Promise<Result>
  /** What a command prints that must succeed. */
  print: (args: string[], input?: Input, env?: Record<string, string>) => Promise<string>
  /** The objects that it prints with --json. */
  json: (args: string[], input?: Input, env?: Record<string, string>) => Promise<Record<string, unknown>[]>
  /** A new token, as variables of the environment. */
  token: (...options: string[]) => Promise<{ HALFKEY_TOKEN: string }>
}

export function useOwner(settings: Record<string, string> = {}): Owner {
  const running = useHalfkey(settings)
  const { halfkey, server } = running
  const workspaceKey = randomBytes(32).toString('base64url')
  const client = () => new Client({ baseUrl: server().url, token: server().token, workspaceKey })
  beforeAll(() => client().setWorkspaceCheck())
  const env = () => ({ HALFKEY_TOKEN: server().token, HALFKEY_WORKSPACE_KEY: workspaceKey })
  const run: Owner['run'] = (args, input = '', more = {}) => halfkey.run(args, input, { ...env(), ...more })
  const print: Owner['print'] = async (...call) => {
    const { code, text, stderr } = await run(...call)
    if (code !== 0) throw new Error(`halfkey ${call[0].join(' ')} ended with ${code}: ${stderr}`)
    return text
  }
  const json: Owner['json'] = async (args, ...more) =>
    (await print([...args, '--json'], ...more))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return {
    ...running,
    workspaceKey,
    env,
    client,
    run,
    print,
    json,
    token: async (...options) => ({ HALFKEY_TOKEN: (await print(['token', 'create', 'other', ...options])).trim() }),
  }
}
