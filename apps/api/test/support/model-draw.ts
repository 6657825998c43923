/** Secrets and steps of the model's random walks. */
import { randomBytes } from 'node:crypto'
import type { Action, ModelSecret, PatchFields, Plan } from './model.ts'
import { graceMs } from './model.ts'
import type { Random } from './random.ts'
import { b64, newId } from './sender.ts'

export const retentionMs = 86_400_000

export interface Drawn extends ModelSecret {
  /** The reveal_ids of the clients that have the link. */
  ids: string[]
}

export const sealedText = (): string => b64(randomBytes(300))

/** What the sender chooses, before it is sealed. */
export const drawPlan = (random: Random): Omit<Plan, 'sealed'> => ({
  owned: random.chance(0.7),
  maximumViews: random.pick([1, 1, 2, 3, null]),
  password: random.chance(0.4),
  maxAttempts: 1 + random.below(3),
  onLockout: random.pick(['lock', 'burn']),
  lifetime: 1000 * random.pick([60, 600, 3600, 7200]),
  note: sealedText(),
  meta: sealedText(),
  fileId: random.chance(0.4) ? newId() : null,
})

export const drawIds = (): string[] => Array.from({ length: 4 }, newId)

/** Milliseconds until the next step. */
export function drawPause(random: Random): number {
  const ms = random.pick([1, 1000, 30_000, 30_000, graceMs - 1, graceMs, 3_600_000, retentionMs + 3_600_000])
  return random.chance(0.9) ? Math.min(ms, graceMs) : ms
}

function drawPatch(random: Random): PatchFields {
  const fields: PatchFields = {}
  if (random.chance(0.4)) fields.expires_in = random.pick([60, 300, 3600])
  if (random.chance(0.4)) fields.maximum_views = 1 + random.below(4)
  if (random.chance(0.5)) fields.unlock = true
  if (random.chance(0.2)) fields.meta = sealedText()
  return fields
}

const drawAccess = (random: Random): 'right' | 'wrong' => (random.chance(0.95) ? 'right' : 'wrong')

/** What two clients may do at the same moment. */
export function drawRacing(random: Random, { ids, plan, record }: Drawn): Action {
  // Of a burn and a file's request during an upload only the log tells which came first.
  const file = plan.fileId === null || record?.uploading ? 0 : 5
  const kind = random.weighted({ reveal: 10, ack: 4, burn: 0.3, file })
  if (kind === 'burn') return { kind }
  const access = drawAccess(random)
  const id = random.pick(ids)
  if (kind !== 'reveal') return { kind, access, id }
  return { kind, access, id, proof: random.weighted({ right: 6, wrong: 2, missing: 1 }) }
}

export function drawAction(random: Random, secret: Drawn): Action {
  if (!secret.record && random.chance(0.8)) return { kind: 'create', bytes: 'same', owner: 'same' }
  if (secret.record?.uploading && random.chance(0.5)) return { kind: random.pick(['part', 'complete']) }
  const upload = secret.plan.fileId === null ? 0 : 0.5
  const kind = random.weighted({
    part: upload,
    complete: upload,
    race: 12,
    create: 2,
    status: 3,
    details: 3,
    events: 1,
    patch: 2,
    purge: 0.2,
  })
  if (kind === 'race') return drawRacing(random, secret)
  if (kind === 'patch') return { kind, fields: drawPatch(random) }
  if (kind === 'status') return { kind, access: drawAccess(random) }
  if (kind !== 'create') return { kind }
  // Whoever meets an unknown slug first owns it: only known ones are tried with other bytes or by another owner.
  if (!secret.record) return { kind, bytes: 'same', owner: 'same' }
  return { kind, bytes: random.pick(['same', 'other']), owner: random.pick(['same', 'same', 'other']) }
}
