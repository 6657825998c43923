/** What is read of named secrets. */
import { and, count, desc, eq, getTableColumns, gte, isNull, lt, sql } from 'drizzle-orm'
import type { KmsContent, KmsEntry, KmsEvent, KmsRecord, KmsVersion } from '../../domain/kms/entry.ts'
import type { KmsName } from '../../domain/kms/decision.ts'
import type { KmsEventQuery, KmsListQuery } from '../kms.ts'
import type { Audit } from './audit.ts'
import type { Drizzle } from './database.ts'
import { kmsEntries, kmsMetas, kmsVault, kmsVersions } from './kms-schema.ts'
import { b64, fromUtf8, matchesAny } from './rows.ts'

const placeholder = sql.placeholder

/** Follows every character that a handler may hold. */
const afterAll = '{'

const versionColumns = {
  version: kmsVersions.version,
  createdAt: kmsVersions.createdAt,
  creator: kmsVersions.creator,
  expiresAt: kmsVersions.expiresAt,
  destroyedAt: kmsVersions.destroyedAt,
}

type VaultRow = typeof kmsVault.$inferSelect

/** null: destroyed. */
function toContent(row: VaultRow | null): KmsContent | null {
  const { sealedKeyA, salt, iv, commitment, ciphertext } = row ?? {}
  if (!sealedKeyA || !salt || !iv || !commitment || !ciphertext) return null
  const envelope = {
    v: 1,
    salt: b64(salt),
    iv: b64(iv),
    commitment: b64(commitment),
    ciphertext: b64(ciphertext),
  } as const
  return { sealedKeyA, envelope }
}

export function openKmsReads(db: Drizzle, { ofKms }: Pick<Audit, 'ofKms'>) {
  const named = and(
    eq(kmsEntries.workspaceId, placeholder('workspaceId')),
    eq(kmsEntries.handler, placeholder('handler')),
  )
  const isNewest = and(eq(kmsVersions.entryId, kmsEntries.id), eq(kmsVersions.version, kmsEntries.newest))
  const newestMeta = db
    .select({ meta: kmsMetas.meta })
    .from(kmsMetas)
    .where(eq(kmsMetas.entryId, kmsEntries.id))
    .orderBy(desc(kmsMetas.id))
    .limit(1)
  const recordColumns = {
    ...getTableColumns(kmsEntries),
    expiresAt: kmsVersions.expiresAt,
    destroyedAt: kmsVersions.destroyedAt,
    meta: sql<Buffer | null>`(${newestMeta})`,
  }
  const selectRecord = db.select(recordColumns).from(kmsEntries).leftJoin(kmsVersions, isNewest).where(named).prepare()
  const selectVersion = db
    .select({ ...versionColumns, digest: kmsVersions.digest })
    .from(kmsVersions)
    .where(and(eq(kmsVersions.entryId, placeholder('entryId')), eq(kmsVersions.version, placeholder('version'))))
    .prepare()
  const asked = sql`coalesce(${placeholder('version')}, ${kmsEntries.newest})`
  const selectContent = db
    .select({ entry: kmsEntries, version: versionColumns, content: kmsVault })
    .from(kmsEntries)
    .leftJoin(kmsVersions, and(eq(kmsVersions.entryId, kmsEntries.id), eq(kmsVersions.version, asked)))
    .leftJoin(kmsVault, eq(kmsVault.id, kmsVersions.id))
    .where(named)
    .prepare()

  type RecordRow = NonNullable<ReturnType<typeof selectRecord.get>>
  const toRecord = ({ meta, remindAt: _remind, purged: _purged, ...row }: RecordRow): KmsRecord => ({
    ...row,
    meta: fromUtf8(meta),
  })

  /** Deleted ones included. */
  const findAny = ({ workspaceId, handler }: KmsName): KmsRecord | undefined => {
    const row = selectRecord.get({ workspaceId, handler })
    return row && toRecord(row)
  }

  return {
    findAny,

    find(name: KmsName): KmsRecord | undefined {
      const record = findAny(name)
      return record?.deletedAt === null ? record : undefined
    },

    findVersion: (entryId: number, version: number) => selectVersion.get({ entryId, version }),

    /** The entry with one version, null for the newest, and its content; null where there is none. */
    findContent({ workspaceId, handler }: KmsName, number: number | null) {
      const row = selectContent.get({ workspaceId, handler, version: number })
      if (!row) return undefined
      const entry: KmsEntry = row.entry
      const version: KmsVersion | null = row.version
      return { entry, version, content: toContent(row.content) }
    },

    list({ workspaceId, prefix, patterns, page, perPage }: KmsListQuery) {
      const wanted = and(
        eq(kmsEntries.workspaceId, workspaceId),
        isNull(kmsEntries.deletedAt),
        prefix === '' ? undefined : and(gte(kmsEntries.handler, prefix), lt(kmsEntries.handler, prefix + afterAll)),
        patterns === null ? undefined : matchesAny(kmsEntries.handler, patterns),
      )
      const rows = db
        .select(recordColumns)
        .from(kmsEntries)
        .leftJoin(kmsVersions, isNewest)
        .where(wanted)
        .orderBy(kmsEntries.handler)
        .limit(perPage)
        .offset((page - 1) * perPage)
        .all()
      const total = db.select({ total: count() }).from(kmsEntries).where(wanted).get()?.total ?? 0
      return { entries: rows.map(toRecord), total }
    },

    listVersions({ page, perPage, ...name }: KmsName & { page: number; perPage: number }) {
      const entry = findAny(name)
      if (!entry) return undefined
      const ofEntry = eq(kmsVersions.entryId, entry.id)
      const versions: KmsVersion[] = db
        .select(versionColumns)
        .from(kmsVersions)
        .where(ofEntry)
        .orderBy(desc(kmsVersions.version))
        .limit(perPage)
        .offset((page - 1) * perPage)
        .all()
      return { versions, total: db.select({ total: count() }).from(kmsVersions).where(ofEntry).get()?.total ?? 0 }
    },

    listEvents({ before, limit, ...name }: KmsEventQuery): KmsEvent[] | undefined {
      const entry = findAny(name)
      return entry && ofKms(entry.id, before, limit)
    },
  }
}
