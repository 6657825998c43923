import type { Call, Reply, TransportOptions } from '../transport/http.ts'
import type { WorkspaceKey } from '../protocol/keys.ts'
import type { KmsKey } from '../protocol/kms-keys.ts'
import type { PlatformAbortSignal } from '../platform.ts'
import type { Fields } from '../transport/spelling.ts'
import type { ManageOptions } from '../client-options.ts'

/** What the client lends to those of an owner's calls that stand in files of their own. */
export interface OwnerCalls {
  /** `path` after `/api/v1`. */
  call: (
    method: Call['method'],
    path: string,
    options?: ManageOptions & { body?: string; once?: boolean; fields?: Fields },
  ) => Promise<Reply>
  /** For a reply that is a file. */
  prepare: (path: string, options: ManageOptions) => { call: Call; transport: TransportOptions }
  /** W alone, for what owners note; during a rekey the first is the new one. */
  workspaceKeys: readonly WorkspaceKey[]
  /** For named secrets: W, folder and entry keys. Checked before the first request. */
  kmsKeys: () => Promise<readonly KmsKey[]>
  /** The workspace key to seal owner metadata with. */
  sealingKey: (what: string, signal: PlatformAbortSignal | undefined) => Promise<WorkspaceKey>
}
