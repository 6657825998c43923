/** Creating, finding, listing and changing secrets: domain/secrets/{create,patch}.ts decide. */
import { and, asc, desc, eq, gte, inArray, isNull, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/sqlite-core'
import { denyLate } from '../../domain/secrets/attempt.ts'
import type { CreateFacts } from '../../domain/secrets/create.ts'
import { create } from '../../domain/secrets/create.ts'
import { complete } from '../../domain/secrets/upload.ts'
import { patch } from '../../domain/secrets/patch.ts'
import type { Caller, NewSecret, OtpType, Secret, State } from '../../domain/secrets/secret.ts'
import type {
  CreateOutcome,
  LateDenial,
  ListQuery,
  PatchCommand,
  PatchOutcome,
  SecretList,
  SecretRecord,
  SecretVerifiers,
  Usage,
} from '../store.ts'
import type { CompleteOutcome } from '../attachments.ts'
import type { Attachments } from './attachments.ts'
import type { ApplyChanges } from './changes.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import type { FactsOf } from './facts.ts'
import type { SecretRow } from './rows.ts'
import { fromUtf8, recordColumns, secretRow, toSecret } from './rows.ts'
import { metas, secrets, tokens, vault } from './schema.ts'
import type { Row } from './statements.ts'
import { prepare } from './statements.ts'

const nobodys: SecretVerifiers = {
  slug: '',
  id: 0,
  workspaceId: null,
  accessVerifier: Buffer.alloc(32),
  manageVerifier: Buffer.alloc(32),
  state: 'active',
  captcha: false,
  otpType: null,
  expiresAt: 0,
  attachmentsCount: 0,
  requestId: null,
}

export interface SecretParts {
  counters: Pick<Counters, 'usage' | 'metaBytes' | 'present'>
  facts: Pick<FactsOf, 'find'>
  apply: ApplyChanges
  attachments: Pick<Attachments, 'uploaded'>
}

export function openSecrets(db: Drizzle, { counters, facts, apply, attachments }: SecretParts) {
  const selectBySlug = prepare(
    db,
    db
      .select(recordColumns)
      .from(secrets)
      .where(eq(secrets.slug, sql.placeholder('slug'))),
  )
  const selectKnown = prepare(
    db,
    db
      .select({
        requestId: secrets.requestId,
        workspaceId: secrets.workspaceId,
        createDigest: secrets.createDigest,
        createdAt: secrets.createdAt,
      })
      .from(secrets)
      .where(eq(secrets.slug, sql.placeholder('slug'))),
  )
  /** The slug's or, where there is none, the next one's: one seek and one row read either way. */
  const selectVerifiers = prepare(
    db,
    db
      .select({
        slug: secrets.slug,
        id: secrets.id,
        workspaceId: secrets.workspaceId,
        accessVerifier: secrets.accessVerifier,
        manageVerifier: secrets.manageVerifier,
        state: secrets.state,
        captcha: secrets.captcha,
        otpType: secrets.otpType,
        expiresAt: secrets.expiresAt,
        attachmentsCount: secrets.attachmentsCount,
        requestId: secrets.requestId,
      })
      .from(secrets)
      .where(gte(secrets.slug, sql.placeholder('slug')))
      .orderBy(asc(secrets.slug))
      .limit(1),
  )
  const verifiersOf = (row: Row): SecretVerifiers => ({
    slug: row[0] as string,
    id: row[1] as number,
    workspaceId: row[2] as number | null,
    accessVerifier: row[3] as Buffer,
    manageVerifier: row[4] as Buffer,
    state: row[5] as State,
    captcha: row[6] === 1,
    otpType: row[7] as OtpType | null,
    expiresAt: row[8] as number,
    attachmentsCount: row[9] as number,
    requestId: row[10] as number | null,
  })
  const newestMeta = db
    .select({ meta: metas.meta })
    .from(metas)
    .where(eq(metas.secretId, secrets.id))
    .orderBy(desc(metas.id))
    .limit(1)
  const listed = {
    secret: recordColumns,
    note: vault.note,
    sealedOtp: vault.sealedOtp,
    meta: sql<Buffer | null>`(${newestMeta})`,
  }
  const selectRecord = db
    .select(listed)
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

  const find = (slug: string): SecretRow | undefined => {
    const row = selectBySlug.get({ slug })
    return row && secretRow(row)
  }

  const known = (slug: string): CreateFacts['known'] => {
    const row = selectKnown.get({ slug })
    if (!row) return null
    const [requestId, workspaceId, createDigest, createdAt] = row as [number | null, number | null, Buffer, number]
    return { requestId, workspaceId, createDigest, createdAt }
  }

  return {
    known,

    create(secret: NewSecret, caller: Caller, quota?: Usage): CreateOutcome {
      const created = create({ known: known(secret.slug), usage: counters.usage(secret) }, { secret, caller, quota })
      apply(null, created.changes)
      return created.outcome
    },

    find(slug: string): Secret | undefined {
      const row = find(slug)
      return row && toSecret(row)
    },

    /** Past the last slug it starts again at the first, and has a row of nobody's only while there is none at all. */
    findVerifiers(slug: string): SecretVerifiers {
      const row = selectVerifiers.get({ slug }) ?? selectVerifiers.get({ slug: '' })
      return row ? verifiersOf(row) : nobodys
    },

    /** A refusal that is recorded after its reply: of the secret that had the slug by then, if there was one. */
    recordDenial({ slug, reason, at, caller }: LateDenial): void {
      const secret = find(slug)
      if (secret) apply(secret, denyLate(secret, { reason, at, caller }))
    },

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
              isNull(secrets.requestId),
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
        .select(listed)
        .from(secrets)
        .leftJoin(vault, eq(vault.id, secrets.id))
        .where(inArray(secrets.id, ids))
        .orderBy(desc(secrets.id))
        .all()
      return { secrets: rows.map(toRecord), total: counters.present(workspaceId, { states, tokenIds }) }
    },

    completeUpload(id: number, now: number): CompleteOutcome {
      const secret = facts.find(id) ?? null
      const completed = complete({ secret, files: attachments.uploaded(id) }, now)
      apply(secret, completed.changes)
      return completed.outcome
    },

    patch(id: number, command: PatchCommand): PatchOutcome {
      const secret = facts.find(id) ?? null
      const usage = counters.usage(secret ?? { workspaceId: null })
      const patched = patch({ secret, usage, metaBytes: counters.metaBytes(id) }, command)
      apply(secret, patched.changes)
      return patched.outcome
    },
  }
}

export type Secrets = ReturnType<typeof openSecrets>
