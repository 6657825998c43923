/** A server with named secrets, the command with a token and the workspace key, and programs that it runs. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Halfkey as Client } from '@halfkey/sdk'
import { beforeAll } from 'vitest'
import type { Halfkey, Running } from './halfkey.ts'
import type { RunningHalfkey } from './running.ts'
import { useHalfkey } from './running.ts'

export const newKey = (): string => randomBytes(32).toString('base64url')

export interface NamedSecrets extends RunningHalfkey {
  workspaceKey: string
  /** With all scopes and the workspace key; there from the first test on. */
  owner: () => Client
}

export function useNamedSecrets(settings: Record<string, string> = {}): NamedSecrets {
  const running = useHalfkey(settings)
  const workspaceKey = newKey()
  let owner: Client
  beforeAll(() => {
    const { url, token } = running.server()
    owner = new Client({ baseUrl: url, token, workspaceKey })
    Object.assign(running.halfkey.env, { HALFKEY_TOKEN: token, HALFKEY_WORKSPACE_KEY: workspaceKey })
  })
  return { ...running, workspaceKey, owner: () => owner }
}

/** The arguments that run a script with Node. */
export const node = (script: string): string[] => ['--', process.execPath, '-e', script]

export const print = (variable: string): string[] => node(`process.stdout.write(process.env.${variable})`)

/** Resolves once the command has printed `text`, as often as `times`; with all that it printed by then. */
export function printed({ child, ended }: Running, text: string, times = 1): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (output.split(text).length > times) resolve(output)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    void ended.then(({ code }) => reject(new Error(`ended with ${code} before it printed ${text}:\n${output}`)))
  })
}

/** Every file under a folder that holds one of these bytes. */
export const filesWith = (folder: string, needles: Buffer[]): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => needles.some((needle) => readFileSync(file).includes(needle)))

export const startOf = (halfkey: Halfkey, args: string[], env: Record<string, string> = {}): Running =>
  halfkey.start(['run', ...args], '', env)
