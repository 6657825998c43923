/** Creating, finding, listing and changing secrets. */
import type { Placeholder } from 'drizzle-orm'
import { and, asc, desc, eq, getTableColumns, gte, inArray, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/sqlite-core'
import type { Caller, NewSecret, Secret, State } from '../../domain/secrets/secret.ts'
import { hasEnded } from '../../domain/secrets/secret.ts'
import type {
  CreateOutcome,
  ListQuery,
  Patch,
  PatchOutcome,
  SecretList,
  SecretRecord,
  SecretVerifiers,
  Usage,
} from '../store.ts'
import type { Attachments } from './attachments.ts'
import type { Audit } from './audit.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import { fromUtf8, storedBytes, toSecret, toVaultRow, utf8 } from './rows.ts'
import { codes, metas, secrets, tokens, vault } from './schema.ts'
import type { Scrubber } from './scrubber.ts'

/** `{ name: placeholder(name) }` for every column of a table but those left out. */
function placeholders<Columns extends Record<string, unknown>, Without extends keyof Columns & string = never>(
  columns: Columns,
  without: readonly Without[] = [],
) {
  const names = Object.keys(columns).filter((name) => !(without as readonly string[]).includes(name))
  return Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as {
    [Name in Exclude<keyof Columns & string, Without>]: Placeholder<Name>
  }
}

const nobodys: SecretVerifiers = {
  slug: '',
  workspaceId: null,
  accessVerifier: Buffer.alloc(32),
  manageVerifier: Buffer.alloc(32),
}

/** `expires_in` counts from when it arrives: a repeat of a lost reply asks for a little later, and changes nothing. */
const repeatedWithinMs = 120_000

const limitsOf = ({ expiresAt, maximumViews }: Pick<Secret, 'expiresAt' | 'maximumViews'>) => ({
  expires_at: new Date(expiresAt).toISOString(),
  maximum_views: maximumViews,
})

export interface SecretParts {
  counters: Counters
  audit: Pick<Audit, 'record'>
  scrubber: Scrubber
  attachments: Pick<Attachments, 'add'>
}

export function openSecrets(db: Drizzle, { counters, audit, scrubber, attachments }: SecretParts) {
  const insertSecret = db
    .insert(secrets)
    .values(
      placeholders(getTableColumns(secrets), [
        'id',
        'views',
        'failedAttempts',
        'otpLastStep',
        'cause',
        'endedAt',
        'destroyAt',
        'destroyFilesAt',
      ]),
    )
    .onConflictDoNothing({ target: secrets.slug })
    .returning({ id: secrets.id })
    .prepare()
  const insertVault = db
    .insert(vault)
    .values(placeholders(getTableColumns(vault)))
    .prepare()
  const selectBySlug = db
    .select()
    .from(secrets)
    .where(eq(secrets.slug, sql.placeholder('slug')))
    .prepare()
  const verifierColumns = {
    slug: secrets.slug,
    workspaceId: secrets.workspaceId,
    accessVerifier: secrets.accessVerifier,
    manageVerifier: secrets.manageVerifier,
  }
  /** The slug's or, where there is none, the next one's: one seek and one row read either way. */
  const selectVerifiers = db
    .select(verifierColumns)
    .from(secrets)
    .where(gte(secrets.slug, sql.placeholder('slug')))
    .orderBy(asc(secrets.slug))
    .limit(1)
    .prepare()
  const newestMeta = db
    .select({ meta: metas.meta })
    .from(metas)
    .where(eq(metas.secretId, secrets.id))
    .orderBy(desc(metas.id))
    .limit(1)
  const recordColumns = {
    secret: secrets,
    note: vault.note,
    sealedOtp: vault.sealedOtp,
    meta: sql<Buffer | null>`(${newestMeta})`,
  }
  const selectRecord = db
    .select(recordColumns)
    .from(secrets)
    .leftJoin(vault, eq(vault.id, secrets.id))
    .where(eq(secrets.id, sql.placeholder('id')))
    .prepare()

  type RecordRow = NonNullable<ReturnType<typeof selectRecord.get>>
  const toRecord = ({ secret, note, meta, sealedOtp }: RecordRow): SecretRecord => ({
    ...toSecret(secret),
    note: fromUtf8(note),
    meta: fromUtf8(meta),
    sealedOtp,
  })

  const replaceMeta = (secretId: number, meta: string): void => {
    db.update(metas).set({ meta: null }).where(eq(metas.secretId, secretId)).run()
    scrubber.overwritten()
    db.insert(metas)
      .values({ secretId, meta: utf8(meta) })
      .run()
  }

  return {
    create(secret: NewSecret, caller: Caller, quota?: Usage): CreateOutcome {
      const { content, meta, attachments: files, ...fields } = secret
      const state = files.length > 0 ? 'uploading' : 'active'
      const [inserted] = insertSecret.all({ ...fields, state })
      if (!inserted) {
        const known = selectBySlug.get({ slug: secret.slug })
        const same = known?.workspaceId === secret.workspaceId && known.createDigest.equals(secret.createDigest)
        return same ? { kind: 'repeated', createdAt: known.createdAt } : { kind: 'conflict' }
      }
      const stored = toVaultRow(inserted.id, content)
      const fileBytes = files.reduce((sum, { size }) => sum + size, 0)
      const exceeded = counters.reserve(secret, storedBytes(stored) + fileBytes, quota)
      if (exceeded) {
        db.delete(secrets).where(eq(secrets.id, inserted.id)).run()
        return { kind: 'exceeded', ...exceeded }
      }
      insertVault.run({ ...stored })
      attachments.add(inserted.id, files)
      if (meta !== null)
        db.insert(metas)
          .values({ secretId: inserted.id, meta: utf8(meta) })
          .run()
      audit.record({ ...secret, id: inserted.id }, 'created', secret.createdAt, caller, null, limitsOf(secret))
      counters.created(secret, state, secret.createdAt)
      return { kind: 'created', createdAt: secret.createdAt }
    },

    find(slug: string): Secret | undefined {
      const row = selectBySlug.get({ slug })
      return row && toSecret(row)
    },

    /** Past the last slug it starts again at the first, and has a row of nobody's only while there is none at all. */
    findVerifiers: (slug: string): SecretVerifiers =>
      selectVerifiers.get({ slug }) ?? selectVerifiers.get({ slug: '' }) ?? nobodys,

    readRecord(id: number): SecretRecord | undefined {
      const row = selectRecord.get({ id })
      return row && toRecord(row)
    },

    list({ workspaceId, states, creator, page, perPage }: ListQuery): SecretList {
      const tokenIds =
        creator === undefined
          ? undefined
          : db
              .select({ id: tokens.id })
              .from(tokens)
              .where(and(eq(tokens.workspaceId, workspaceId), eq(tokens.name, creator)))
              .all()
              .map(({ id }) => id)
      const idsIn = (state?: State) =>
        db
          .select({ id: secrets.id })
          .from(secrets)
          .where(
            and(
              eq(secrets.workspaceId, workspaceId),
              state && eq(secrets.state, state),
              tokenIds && inArray(secrets.tokenId, tokenIds),
            ),
          )
      // The page's ids come from an index alone, so that a deep page doesn't read every row before it; those of several
      // states, each in order, are merged.
      const [first, second, ...rest] = (states ?? []).map(idsIn)
      const all = first && second ? unionAll(first, second, ...rest) : (first ?? idsIn())
      const ids = all
        .orderBy(desc(secrets.id))
        .limit(perPage)
        .offset((page - 1) * perPage)
      const rows = db
        .select(recordColumns)
        .from(secrets)
        .leftJoin(vault, eq(vault.id, secrets.id))
        .where(inArray(secrets.id, ids))
        .orderBy(desc(secrets.id))
        .all()
      return { secrets: rows.map(toRecord), total: counters.present(workspaceId, { states, tokenIds }) }
    },

    patch(id: number, patch: Patch, now: number, caller: Caller): PatchOutcome {
      const row = db.select().from(secrets).where(eq(secrets.id, id)).get()
      if (!row) return { kind: 'ended' }
      if (hasEnded(row) || row.expiresAt <= now) {
        // The owner's metadata stays with the record, and so must be able to follow a new workspace key.
        if (patch.meta === undefined || Object.keys(patch).length > 1) return { kind: 'ended' }
        replaceMeta(id, patch.meta)
        return { kind: 'patched' }
      }
      const loosened: (keyof Patch)[] = []
      const expiresAt = Math.min(patch.expiresAt ?? Infinity, row.expiresAt)
      if (patch.expiresAt !== undefined && patch.expiresAt > row.expiresAt + repeatedWithinMs)
        loosened.push('expiresAt')
      if (patch.maximumViews !== undefined) {
        const ceiling = row.maximumViews ?? Infinity
        if (patch.maximumViews > ceiling || patch.maximumViews <= row.views) loosened.push('maximumViews')
      }
      if (loosened.length > 0) return { kind: 'loosened', fields: loosened }
      const unlocked = patch.unlock && row.state === 'locked'
      const maximumViews = patch.maximumViews ?? row.maximumViews
      db.update(secrets)
        .set({
          updatedAt: now,
          expiresAt,
          maximumViews,
          ...(patch.unlock && { failedAttempts: 0 }),
          ...(unlocked && { state: 'active' as const }),
        })
        .where(eq(secrets.id, id))
        .run()
      if (unlocked) counters.moved(row, 'locked', 'active')
      if (patch.unlock) db.delete(codes).where(eq(codes.secretId, id)).run()
      if (patch.meta !== undefined) replaceMeta(id, patch.meta)
      if (expiresAt !== row.expiresAt || maximumViews !== row.maximumViews || patch.unlock)
        audit.record(row, 'changed', now, caller, unlocked ? 'unlocked' : null, limitsOf({ expiresAt, maximumViews }))
      return { kind: 'patched' }
    },
  }
}
