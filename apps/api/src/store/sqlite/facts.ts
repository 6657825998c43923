/** What the rules of a secret's life are asked with, read in the transaction that writes what they answer. */
import { and, count, desc, eq, gt, isNull, max, ne, sql } from 'drizzle-orm'
import type { CodeFacts } from '../../domain/secrets/code.ts'
import type { HeldUntil } from '../../domain/secrets/endings.ts'
import type { RecordedReveal, RevealFacts } from '../../domain/secrets/reveal.ts'
import type { Content } from '../../domain/secrets/secret.ts'
import type { Drizzle } from './database.ts'
import type { SecretRow } from './rows.ts'
import { contentColumns, recordColumns, secretRow, toContent } from './rows.ts'
import { captchas, codes, reveals, secrets, vault } from './schema.ts'
import { prepare } from './statements.ts'

const placeholder = sql.placeholder
/** No reveal has this id: those of all are asked for. */
const noId: Buffer = Buffer.alloc(0)

export function openFacts(db: Drizzle) {
  const selectSecret = prepare(
    db,
    db
      .select(recordColumns)
      .from(secrets)
      .where(eq(secrets.id, placeholder('id'))),
  )
  // A statement for each table: one that joins them costs ten times what the three cost.
  const selectContent = prepare(
    db,
    db
      .select(contentColumns)
      .from(vault)
      .where(eq(vault.id, placeholder('id'))),
  )
  const selectReveal = prepare(
    db,
    db
      .select({ graceUntil: reveals.graceUntil, ackedAt: reveals.ackedAt, failedAttempts: reveals.failedAttempts })
      .from(reveals)
      .where(and(eq(reveals.secretId, placeholder('id')), eq(reveals.revealId, placeholder('revealId')))),
  )
  const selectNewestCode = prepare(
    db,
    db
      .select({ verifier: codes.verifier, expiresAt: codes.expiresAt })
      .from(codes)
      .where(eq(codes.secretId, placeholder('id')))
      .orderBy(desc(codes.id))
      .limit(1),
  )
  const countCodes = prepare(
    db,
    db
      .select({ unused: count() })
      .from(codes)
      .where(eq(codes.secretId, placeholder('id'))),
  )
  const selectCaptcha = prepare(
    db,
    db
      .select({ id: captchas.id })
      .from(captchas)
      .where(eq(captchas.id, placeholder('id'))),
  )
  const selectNotify = prepare(
    db,
    db
      .select({ sealedNotify: vault.sealedNotify })
      .from(vault)
      .where(eq(vault.id, placeholder('id'))),
  )
  const lastUntil = (until: typeof reveals.graceUntil | typeof reveals.filesUntil) =>
    prepare(
      db,
      db
        .select({ until: max(until) })
        .from(reveals)
        .where(
          and(
            eq(reveals.secretId, placeholder('id')),
            isNull(reveals.ackedAt),
            gt(until, placeholder('now')),
            ne(reveals.revealId, placeholder('but')),
          ),
        ),
    )
  const lastGrace = lastUntil(reveals.graceUntil)
  const lastGrant = lastUntil(reveals.filesUntil)

  const find = (id: number): SecretRow | undefined => {
    const row = selectSecret.get({ id })
    return row && secretRow(row)
  }

  const captchaIsUsed = (captcha: { id: Buffer } | string): boolean =>
    typeof captcha !== 'string' && selectCaptcha.get({ id: captcha.id }) !== undefined

  const newestCode = (id: number): RevealFacts['newestCode'] => {
    const row = selectNewestCode.get({ id })
    return row ? { verifier: row[0] as Buffer, expiresAt: row[1] as number } : null
  }

  const recorded = (id: number, revealId: Buffer): RecordedReveal | null => {
    const row = selectReveal.get({ id, revealId })
    if (!row) return null
    const [graceUntil, ackedAt, failedAttempts] = row as [number, number | null, number]
    return { graceUntil, ackedAt, failedAttempts }
  }

  const content = (id: number): Content | null => {
    const row = selectContent.get({ id })
    return row ? toContent(row) : null
  }

  return {
    find,

    /** Until when reveals that aren't acked hold content and files, all of them or all but one. */
    held: (id: number, now: number, but = noId): HeldUntil => ({
      content: (lastGrace.get({ id, now, but })?.[0] ?? null) as number | null,
      files: (lastGrant.get({ id, now, but })?.[0] ?? null) as number | null,
    }),

    /** The end of the last grant that is open, all of them or all but one; null: none is. */
    filesHeld: (id: number, now: number, but = noId): number | null =>
      (lastGrant.get({ id, now, but })?.[0] ?? null) as number | null,

    sealedNotify: (id: number): Buffer | null => (selectNotify.get({ id })?.[0] ?? null) as Buffer | null,

    recorded,

    ofReveal(id: number, revealId: Buffer, captcha: { id: Buffer } | string): RevealFacts {
      const secret = find(id) ?? null
      const asksForCode = secret !== null && secret.otpType !== null
      return {
        secret,
        content: content(id),
        recorded: recorded(id, revealId),
        newestCode: asksForCode ? newestCode(id) : null,
        captchaIsUsed: captchaIsUsed(captcha),
      }
    },

    ofCode: (id: number, captcha: { id: Buffer } | string): CodeFacts => ({
      secret: find(id) ?? null,
      content: content(id),
      unusedCodes: (countCodes.get({ id })?.[0] ?? 0) as number,
      captchaIsUsed: captchaIsUsed(captcha),
    }),
  }
}

export type FactsOf = ReturnType<typeof openFacts>
