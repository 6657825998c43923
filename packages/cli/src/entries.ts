/** Formats a named secret's details for output. */
import type { KmsEntry } from '@halfkey/sdk'

export const presentEntry = (entry: KmsEntry) => ({
  handler: entry.handler,
  version: entry.version,
  versions: entry.versions,
  name: entry.name ?? null,
  properties: entry.properties === undefined ? null : JSON.stringify(entry.properties),
  whitelist: entry.whitelist.join(','),
  created_at: entry.createdAt.toISOString(),
  updated_at: entry.updatedAt.toISOString(),
  expires_at: entry.expiresAt?.toISOString() ?? null,
  destroyed_at: entry.destroyedAt?.toISOString() ?? null,
  rotate_after: entry.rotateAfter,
  rotation_due_at: entry.rotationDueAt?.toISOString() ?? null,
  rotation_due: entry.rotationDue,
})
