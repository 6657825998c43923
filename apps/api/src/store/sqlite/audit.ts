/** The access log: one chain of entries a workspace, extended in the transaction of what they tell of. */
import type { Basis } from '../../domain/audit/entry.ts'
import type { KmsActor, KmsEventType, KmsRefusal } from '../../domain/kms/entry.ts'
import type { RequestEventType } from '../../domain/requests/request.ts'
import type { Caller, EventType, Secret } from '../../domain/secrets/secret.ts'
import type { AuditSettings } from './audit-chain.ts'
import { openChain } from './audit-chain.ts'
import type { KmsOwner, RequestOwner } from './audit-purge.ts'
import { openAuditPurge } from './audit-purge.ts'
import { openAuditReads } from './audit-reads.ts'
import type { Drizzle } from './database.ts'

/** A named secret that an entry is of, and the version if it is of one. */
export interface KmsSubject extends Omit<KmsOwner, 'id'> {
  /** null: there is no such handler. */
  id: number | null
  version: number | null
}

const noNamedSecret = { kmsId: null, handler: null, version: null, tokenId: null, token: null }

export function openAudit(db: Drizzle, settings: AuditSettings) {
  const chain = openChain(db, settings)
  const { append, begun, rolledBack, head } = chain
  return {
    begun,
    rolledBack,
    head,
    ...openAuditReads(db),
    ...openAuditPurge(db, settings.mac, chain),

    record(
      { id: secretId, slug, workspaceId }: Pick<Secret, 'id' | 'slug' | 'workspaceId'>,
      type: EventType,
      at: number,
      caller: Caller,
      reason: string | null = null,
      basis: Basis | null = null,
    ): void {
      append({ ...noNamedSecret, requestId: null, workspaceId, secretId, type, at, reason, basis }, caller, slug)
    },

    recordRequest(
      { id: requestId, slug, workspaceId }: RequestOwner,
      type: RequestEventType,
      at: number,
      caller: Caller,
      reason: string | null,
      basis: Basis | null,
    ): void {
      append({ ...noNamedSecret, secretId: null, workspaceId, requestId, type, at, reason, basis }, caller, slug)
    },

    recordKms(
      { id: kmsId, ...subject }: KmsSubject,
      type: KmsEventType,
      at: number,
      { token, caller }: KmsActor | { token: null; caller: Caller },
      reason: KmsRefusal | null = null,
    ): void {
      const named = { ...subject, kmsId, tokenId: token?.id ?? null, token: token?.name ?? null }
      append({ ...named, secretId: null, requestId: null, type, at, reason, basis: null }, caller, null)
    },
  }
}

export type Audit = ReturnType<typeof openAudit>
