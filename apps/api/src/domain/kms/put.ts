/** A new version: the newest + 1 and no other. What it doesn't name rolls forward from the version before. */
import { unchanged } from '../secrets/decision.ts'
import type { KmsDecision, KmsName } from './decision.ts'
import { dueAt, log } from './decision.ts'
import type { KmsActor, KmsContent, KmsRecord } from './entry.ts'
import type { Rekeyed } from './workspace-key.ts'
import { rekeyed } from './workspace-key.ts'

export interface KmsPut extends KmsName, KmsActor {
  version: number
  content: KmsContent
  /** SHA-256 of the request's bytes: the same bytes sent again get the same reply. */
  digest: Buffer
  /** undefined: as it was. */
  meta: string | undefined
  /** CIDR blocks; null: from anywhere; undefined: as it was. */
  whitelist: string[] | null | undefined
  /** undefined: never, or with `sameValue` as the version before. */
  expiresAt: number | undefined
  /** Milliseconds; null: never; undefined: as it was. */
  rotateAfter: number | null | undefined
  /** The value of the version before, sealed anew: its expiry and its time of rotation stay. */
  sameValue: boolean
  /** Of the key that sealed it: where the workspace has a check value, another or none is refused. */
  workspaceCheck: string | undefined
  now: number
  /** The most bytes that the workspace may use afterwards. */
  quota: { storedBytes: number }
}

export interface KmsPutFacts {
  /** null: there never was one. */
  entry: KmsRecord | null
  /** The version with the command's number; null: there is none. */
  known: { digest: Buffer; createdAt: number } | null
  /** The workspace's; null: it has none. */
  workspaceCheck: string | null
  /** That the workspace uses. */
  storedBytes: number
}

export type KmsPutOutcome =
  | { kind: 'put' | 'repeated'; createdAt: number }
  /** Not the newest + 1, or there already with other bytes. */
  | { kind: 'conflict'; newest: number }
  | { kind: 'exceeded'; quota: 'storedBytes'; maximum: number; used: number }
  | Rekeyed

export function put(facts: KmsPutFacts, command: KmsPut): KmsDecision<KmsPutOutcome> {
  const { entry, known, workspaceCheck, storedBytes } = facts
  const { version, digest, content, meta, token, now, quota } = command
  const newest = entry?.newest ?? 0
  if (known?.digest.equals(digest)) return unchanged({ kind: 'repeated', createdAt: known.createdAt })
  if (version !== newest + 1) return unchanged({ kind: 'conflict', newest })
  const refused = rekeyed(command.workspaceCheck, workspaceCheck)
  if (refused) return unchanged(refused)
  const bytes = Math.floor((content.envelope.ciphertext.length * 3) / 4)
  const { storedBytes: maximum } = quota
  if (storedBytes + bytes > maximum)
    return unchanged({ kind: 'exceeded', quota: 'storedBytes', maximum, used: storedBytes })
  const added = { version, at: now, content, digest, creator: token.name, ...rolledForward(entry, command) }
  return {
    outcome: { kind: 'put', createdAt: now },
    changes: [
      { kind: 'reserve bytes', bytes, maximum },
      { kind: entry ? 'add version' : 'make', ...added },
      ...(meta === undefined ? [] : [{ kind: 'replace meta', meta } as const]),
      log('kms.put', now, version, command),
    ],
  }
}

/**
 * The configuration of the newest version. Its time of rotation begins anew, and it never expires unless the command says
 * so; the same value, sealed anew, keeps both, and isn't reminded of twice.
 */
function rolledForward(entry: KmsRecord | null, { whitelist, rotateAfter, expiresAt, sameValue, now }: KmsPut) {
  const after = rotateAfter === undefined ? (entry?.rotateAfter ?? null) : rotateAfter
  const before = sameValue ? entry : null
  const rotateFrom = before?.rotateFrom ?? now
  const isReminded = before !== null && before.rotateAfter === after
  return {
    ...(whitelist !== undefined && { whitelist }),
    rotateAfter: after,
    rotateFrom,
    ...(!isReminded && { remindAt: dueAt(rotateFrom, after) }),
    expiresAt: expiresAt ?? before?.expiresAt ?? null,
  }
}
