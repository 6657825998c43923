/** What lists, exports and checks read of the access log. */
import { and, desc, eq, gt, gte, inArray, isNull, lt, ne, or, sql } from 'drizzle-orm'
import type { AuditEntry } from '../../domain/audit/entry.ts'
import type { KmsEvent } from '../../domain/kms/entry.ts'
import type { SecretEvent } from '../../domain/secrets/secret.ts'
import type { AuditQuery } from '../store.ts'
import type { Drizzle } from './database.ts'
import { requests } from './requests-schema.ts'
import { matchesAny } from './rows.ts'
import { events, secrets } from './schema.ts'

/** Refusals of a secret that its owner's list shows: anybody who knows a slug can make more. */
const maxDenialsListed = 1000

const said = {
  type: events.type,
  reason: events.reason,
  at: events.at,
  ip: events.ip,
  userAgent: events.userAgent,
  country: events.country,
}

export function openAuditReads(db: Drizzle) {
  return {
    ofKms(kmsId: number, before: number | undefined, limit: number): KmsEvent[] {
      const { id, version, tokenId, token } = events
      const rows = db
        .select({ ...said, id, version, tokenId, token })
        .from(events)
        .where(and(eq(events.kmsId, kmsId), before === undefined ? undefined : lt(id, before)))
        .orderBy(desc(id))
        .limit(limit)
        .all()
      return rows as KmsEvent[]
    },

    ofSecret(secretId: number): SecretEvent[] {
      const newestDenials = db
        .select({ id: events.id })
        .from(events)
        .where(and(eq(events.secretId, secretId), eq(events.type, 'denied')))
        .orderBy(desc(events.id))
        .limit(maxDenialsListed)
      const rows = db
        .select(said)
        .from(events)
        .where(and(eq(events.secretId, secretId), or(ne(events.type, 'denied'), inArray(events.id, newestDenials))))
        // By time: a refusal is recorded a moment after it, when later events may be there already.
        .orderBy(events.at, events.id)
        .all()
      return rows as SecretEvent[]
    },

    read({ workspaceId, patterns, after, limit, since, until, type, slug, handler }: AuditQuery): AuditEntry[] {
      const { id, nonce, basis, entryHash, chain, purgeMark, purgedBy, version, tokenId, token } = events
      const ofNamedSecret = { handler: events.handler, version, tokenId, token }
      return db
        .select({
          ...said,
          ...ofNamedSecret,
          id,
          nonce,
          basis,
          entryHash,
          chain,
          purgeMark,
          purgedBy,
          slug: sql<string | null>`coalesce(${secrets.slug}, ${requests.slug})`,
        })
        .from(events)
        .leftJoin(secrets, and(eq(secrets.id, events.secretId), sql`${secrets.workspaceId} IS ${events.workspaceId}`))
        .leftJoin(
          requests,
          and(eq(requests.id, events.requestId), sql`${requests.workspaceId} IS ${events.workspaceId}`),
        )
        .where(
          and(
            sql`${events.workspaceId} IS ${workspaceId}`,
            gt(id, after),
            patterns ? or(isNull(events.handler), matchesAny(events.handler, patterns)) : undefined,
            since === undefined ? undefined : gte(events.at, since),
            until === undefined ? undefined : lt(events.at, until),
            type && eq(events.type, type),
            slug === undefined ? undefined : or(eq(secrets.slug, slug), eq(requests.slug, slug)),
            handler === undefined ? undefined : eq(events.handler, handler),
          ),
        )
        .orderBy(id)
        .limit(limit)
        .all()
    },

    chains: (): (number | null)[] =>
      db
        .selectDistinct({ workspaceId: events.workspaceId })
        .from(events)
        .all()
        .map(({ workspaceId }) => workspaceId),
  }
}
