/** The store on better-sqlite3: synchronous work inside group-committed transactions. */
import type { Store, SweepReport } from '../store.ts'
import { openAccounts } from './accounts.ts'
import { asStoreError, Committer } from './committer.ts'
import { openCounters } from './counters.ts'
import { compact, openDatabase } from './database.ts'
import { openEndings } from './endings.ts'
import { openReveals } from './reveals.ts'
import { openScrubber } from './scrubber.ts'
import { openSecrets } from './secrets.ts'

/** Bounds how long a sweep keeps the event loop. */
const sweepBatch = 200

/** Opens, and makes if needed, the database in `directory`. */
export function openSqliteStore(directory: string): Store {
  const db = openDatabase(directory)
  const counters = openCounters(db)
  const scrubber = openScrubber(db)
  const secrets = openSecrets(db, counters, scrubber)
  const endings = openEndings(db, counters, secrets, scrubber)
  const reveals = openReveals(db, counters, secrets, endings)
  const accounts = openAccounts(db)
  const committer = new Committer(db.$client)

  const write = <T>(work: () => T): Promise<T> => committer.run(work)
  const read = <T>(work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      try {
        resolve(work())
      } catch (error) {
        reject(asStoreError(error))
      }
    })

  return {
    createSecret: (secret, caller) => write(() => secrets.create(secret, caller)),
    findSecret: (slug) => read(() => secrets.find(slug)),
    readRecord: (id) => read(() => secrets.readRecord(id)),
    reveal: (command) => write(() => reveals.reveal(command)),
    ackReveal: (id, revealId, now, caller) => write(() => reveals.ack(id, revealId, now, caller)),
    burn: (id, now, caller) => write(() => endings.burn(id, now, caller)),
    purge: (id) => write(() => endings.purge(id)),
    patch: (id, patch, now) => write(() => secrets.patch(id, patch, now)),
    recordDenial: (id, reason, now, caller) => write(() => secrets.record(id, 'denied', now, caller, reason)),
    listSecrets: (query) => read(() => secrets.list(query)),
    listEvents: (id) => read(() => secrets.listEvents(id)),
    readStats: (workspaceId, now) => read(() => counters.stats(workspaceId, now)),

    findToken: (id) => read(() => accounts.findToken(id)),
    createToken: (token) => write(() => accounts.createToken(token)),
    listTokens: (workspaceId) => read(() => accounts.listTokens(workspaceId)),
    revokeToken: (workspaceId, id, now) => write(() => accounts.revokeToken(workspaceId, id, now)),
    findWorkspace: (id) => read(() => accounts.findWorkspace(id)),
    firstWorkspace: (name, now) => write(() => accounts.firstWorkspace(name, now)),
    hasTokens: () => read(() => accounts.hasTokens()),
    setWorkspaceCheck: (id, check) => write(() => accounts.setWorkspaceCheck(id, check)),
    readSetting: (name) => read(() => accounts.readSetting(name)),
    writeSetting: (name, value) => write(() => accounts.writeSetting(name, value)),

    async sweep(now, purgeBefore) {
      const report: SweepReport = { expired: 0, destroyed: 0, purged: 0 }
      for (;;) {
        const { expired, destroyed, purged } = await write(() => endings.sweep(now, purgeBefore, sweepBatch))
        report.expired += expired
        report.destroyed += destroyed
        report.purged += purged
        if (Math.max(expired, destroyed, purged) < sweepBatch) return report
      }
    },
    scrub: () => read(() => scrubber.scrub()),
    compact: () => read(() => compact(db)),
    ping: (now) => write(() => accounts.writeSetting('pinged_at', String(now))),

    close() {
      committer.flush()
      return read(() => {
        db.$client.pragma('wal_checkpoint(TRUNCATE)')
        db.$client.close()
      })
    },
  }
}
