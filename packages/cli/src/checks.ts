/** Whether a connection works: address, token and workspace key, each tried and named. */
import { Halfkey, HalfkeyError } from '@halfkey/sdk'
import type { Workspace } from '@halfkey/sdk'
import type { CommonOptions, Connection } from './context.ts'
import { signalOf, timeoutOf } from './context.ts'
import { explain } from './failure.ts'
import type { Io } from './io.ts'

export interface Check {
  name: 'address' | 'token' | 'workspace key'
  /** null: not tried, because there is none or what comes before it failed. */
  ok: boolean | null
  says: string
}

const failed = (name: Check['name'], error: unknown): Check => ({
  name,
  ok: false,
  says: explain(error, false).message,
})

async function checkAddress({ url }: Connection, options: CommonOptions, io: Io): Promise<Check> {
  const client = new Halfkey({ baseUrl: url, timeout: timeoutOf(options), retries: 0 })
  try {
    await client.getWorkspace(signalOf(io))
  } catch (error) {
    // Without a token, a server that is one of Halfkey's says that it wants one.
    if (!(error instanceof HalfkeyError) || error.code !== 'AUTHENTICATION_ERROR') return failed('address', error)
  }
  return { name: 'address', ok: true, says: url }
}

async function checkToken(
  { url, token }: Connection,
  options: CommonOptions,
  io: Io,
): Promise<{ check: Check; workspace?: Workspace }> {
  const name = 'token'
  if (token === undefined) return { check: { name, ok: null, says: 'none: secrets are made anonymously' } }
  try {
    const client = new Halfkey({ baseUrl: url, token, timeout: timeoutOf(options) })
    const workspace = await client.getWorkspace(signalOf(io))
    return { check: { name, ok: true, says: `of the workspace ${workspace.name}` }, workspace }
  } catch (error) {
    if (error instanceof HalfkeyError && error.code === 'PERMISSION_DENIED')
      return { check: { name, ok: true, says: 'valid; it may not read the workspace' } }
    return { check: failed(name, error) }
  }
}

async function checkKey(
  { url, workspaceKey, formerWorkspaceKeys }: Connection,
  workspace: Workspace | undefined,
): Promise<Check> {
  const name = 'workspace key'
  if (workspaceKey === undefined) return { name, ok: null, says: 'none: descriptions are neither sealed nor opened' }
  const checkOf = (key: string): Promise<string> => new Halfkey({ baseUrl: url, workspaceKey: key }).workspaceCheck()
  try {
    const [newest, ...former] = await Promise.all([workspaceKey, ...formerWorkspaceKeys].map(checkOf))
    if (!workspace) return { name, ok: null, says: 'well-formed; whether it is this workspace’s can’t be told' }
    const { workspaceCheck } = workspace
    if (workspaceCheck === null)
      return { name, ok: null, says: 'the workspace has none yet: halfkey workspace init sets it' }
    if (workspaceCheck === newest) return { name, ok: true, says: 'the workspace’s' }
    if (former.includes(workspaceCheck))
      return { name, ok: true, says: 'the workspace still has the older one: halfkey workspace rekey replaces it' }
    return { name, ok: false, says: 'wrong: the workspace has another' }
  } catch (error) {
    return failed(name, error)
  }
}

export async function checkConnection(connection: Connection, options: CommonOptions, io: Io): Promise<Check[]> {
  const address = await checkAddress(connection, options, io)
  if (!address.ok) return [address]
  const { check, workspace } = await checkToken(connection, options, io)
  return [address, check, await checkKey(connection, workspace)]
}

/**
 * Before a workspace key is made: setting its check value needs the scope that listing tokens does.
 *
 * @throws HalfkeyError PERMISSION_DENIED
 */
export async function requireKeyMaker(client: Halfkey, io: Io): Promise<void> {
  await client.tokens.list(signalOf(io))
}
