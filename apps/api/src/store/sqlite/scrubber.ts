import type { Drizzle } from './database.ts'

/** Overwriting a row leaves its older page images in the WAL: whoever overwrites what must be unrecoverable says so here. */
export function openScrubber({ $client: client }: Drizzle) {
  let dirty = true

  return {
    overwritten(): void {
      dirty = true
    },

    /**
     * Copies every committed page into the database file and cuts the WAL to nothing, so that no page image from
     * before a destruction is left. Does nothing if nothing was overwritten since the last time.
     */
    scrub(): void {
      if (!dirty) return
      const [result] = client.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
      if (result?.busy === 0) dirty = false
    },
  }
}

export type Scrubber = ReturnType<typeof openScrubber>
