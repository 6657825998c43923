/** Checks a connection: address, token and workspace key, one after the other. */
import { Halfkey, HalfkeyError } from '@halfkey/sdk'
import type { Workspace } from '@halfkey/sdk'
import type { CommonOptions, Connection } from './context.ts'
import { signalOf, timeoutOf } from './context.ts'
import { explain } from './failure.ts'
import type { Io } from './io.ts'

export interface Check {
  name: 'address' | 'token' | 'workspace key'
  /** null: not checked, because there is none or it can't be determined. */
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
    // A Halfkey server answers a call without a token with AUTHENTICATION_ERROR.
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
  if (token === undefined) return { check: { name, ok: null, says: 'none: secrets are created anonymously' } }
  try {
    const client = new Halfkey({ baseUrl: url, token, timeout: timeoutOf(options) })
    const workspace = await client.getWorkspace(signalOf(io))
    return { check: { name, ok: true, says: `valid for the workspace ${workspace.name}` }, workspace }
  } catch (error) {
    if (error instanceof HalfkeyError && error.code === 'PERMISSION_DENIED')
      return { check: { name, ok: true, says: 'valid, but it may not read the workspace' } }
    return { check: failed(name, error) }
  }
}

async function checkKey(
  { url, workspaceKey, formerWorkspaceKeys }: Connection,
  workspace: Workspace | undefined,
): Promise<Check> {
  const name = 'workspace key'
  if (workspaceKey === undefined) return { name, ok: null, says: "none: descriptions can't be encrypted or decrypted" }
  const checkOf = (key: string): Promise<string> => new Halfkey({ baseUrl: url, workspaceKey: key }).workspaceCheck()
  try {
    const [newest, ...former] = await Promise.all([workspaceKey, ...formerWorkspaceKeys].map(checkOf))
    if (!workspace)
      return { name, ok: null, says: "well-formed; it can't be checked without a token that may read the workspace" }
    const { workspaceCheck } = workspace
    if (workspaceCheck === null)
      return { name, ok: null, says: 'the workspace has no key yet: run halfkey workspace init' }
    if (workspaceCheck === newest) return { name, ok: true, says: 'matches the workspace' }
    if (former.includes(workspaceCheck))
      return { name, ok: true, says: 'the workspace still uses the previous key: run halfkey workspace rekey' }
    return { name, ok: false, says: 'wrong: the workspace uses another key' }
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
 * Fails before a workspace key is generated if the token may not set its check value, which needs tokens:admin, as listing
 * tokens does.
 *
 * @throws HalfkeyError PERMISSION_DENIED
 */
export async function requireTokensAdmin(client: Halfkey, io: Io): Promise<void> {
  await client.tokens.list(signalOf(io))
}
