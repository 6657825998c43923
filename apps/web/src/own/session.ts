/** Who works here: a token and a workspace key that the server and the workspace know. */
import { Halfkey, HalfkeyError, type Workspace } from '@halfkey/sdk'
import { forget, importWorkspaceKey, keep, recall, type Credentials, type Entered, type Keeping } from './vault.ts'

export interface Session {
  client: Halfkey
  /** Without the workspace key: for calls that have nothing to unseal. */
  plain: Halfkey
  /** undefined: the token may not read it. */
  workspace: Workspace | undefined
  hasKey: boolean
  keeping: Keeping
  /** Of the token in use. */
  tokenId: string
}

/** Which of the two that were entered is wrong, and how. */
export class WrongEntry extends Error {
  readonly field: 'token' | 'workspaceKey'
  readonly isMalformed: boolean

  constructor(field: WrongEntry['field'], isMalformed: boolean) {
    super(field)
    this.field = field
    this.isMalformed = isMalformed
  }
}

/** Why nobody works here any more. */
export type Ending = 'forgotten' | 'refused'

const baseUrl = new URL('./', location.href).href

const channel = new BroadcastChannel('halfkey:own')

/** Called when another tab forgets what the browser kept. */
export function onForgotten(act: () => void): () => void {
  const listen = (): void => act()
  channel.addEventListener('message', listen)
  return () => channel.removeEventListener('message', listen)
}

/**
 * Asks the server and the workspace's check value about both (spec/protocol.md section 7), then keeps them.
 *
 * @throws WrongEntry; HalfkeyError where the server can't be asked.
 */
export async function signIn(token: string, key: string, forLong: boolean): Promise<Session> {
  const entered = readEntry(token, key)
  const workspaceKey = entered.workspaceKey && (await importWorkspaceKey(entered.workspaceKey))
  const credentials = { token: entered.token, workspaceKey }
  const workspace = await check(credentials)
  return begin(credentials, workspace, await keep(entered, forLong))
}

/** What was kept before, if the server still takes it. */
export async function resume(): Promise<Session | Ending | undefined> {
  const kept = await recall()
  if (!kept) return undefined
  try {
    return begin(kept, await check(kept), kept.keeping)
  } catch (error) {
    if (!(error instanceof WrongEntry)) throw error
    await forget(kept.keeping)
    return 'refused'
  }
}

export async function end({ keeping }: Session): Promise<void> {
  await forget(keeping)
  if (keeping === 'browser') channel.postMessage('forgotten')
}

/** Whether the server doesn't take the token any more. */
export const isRefused = (error: unknown): boolean =>
  error instanceof HalfkeyError && error.code === 'AUTHENTICATION_ERROR'

function readEntry(token: string, key: string): Entered {
  if (!/^hkt_[A-Za-z\d]+_[\w-]+$/.test(token)) throw new WrongEntry('token', true)
  if (key === '') return { token, workspaceKey: undefined }
  // Folder and entry keys, which have a colon, are for machines.
  if (key.includes(':') || key.includes(',')) throw new WrongEntry('workspaceKey', true)
  try {
    new Halfkey({ baseUrl, workspaceKey: key })
  } catch {
    throw new WrongEntry('workspaceKey', true)
  }
  const binary = atob(key.replaceAll('-', '+').replaceAll('_', '/'))
  return { token, workspaceKey: Uint8Array.from(binary, (character) => character.charCodeAt(0)) }
}

async function check(credentials: Credentials): Promise<Workspace | undefined> {
  const client = clientOf(credentials)
  try {
    const workspace = await client.getWorkspace()
    const { workspaceCheck } = workspace
    const isWrong =
      credentials.workspaceKey && workspaceCheck !== null && (await client.workspaceCheck()) !== workspaceCheck
    if (isWrong) throw new WrongEntry('workspaceKey', false)
    return workspace
  } catch (error) {
    if (isRefused(error)) throw new WrongEntry('token', false)
    if (error instanceof HalfkeyError && error.code === 'PERMISSION_DENIED') return undefined
    throw error
  }
}

const clientOf = ({ token, workspaceKey }: Credentials): Halfkey =>
  new Halfkey({ baseUrl, token, workspaceKey, retries: 1 })

function begin(credentials: Credentials, workspace: Workspace | undefined, keeping: Keeping): Session {
  return {
    client: clientOf(credentials),
    plain: clientOf({ ...credentials, workspaceKey: undefined }),
    workspace,
    hasKey: credentials.workspaceKey !== undefined,
    keeping,
    tokenId: credentials.token.split('_')[1] ?? '',
  }
}
