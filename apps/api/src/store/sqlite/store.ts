/** The store on better-sqlite3: synchronous work inside group-committed transactions. */
import type { Store, SweepReport } from '../store.ts'
import { StoreDamaged } from '../store.ts'
import type { AuditSettings } from './audit-chain.ts'
import { openAudit } from './audit.ts'
import { openAccounts } from './accounts.ts'
import { openAnswers } from './answers.ts'
import { openAttachments } from './attachments.ts'
import { asStoreError, Committer } from './committer.ts'
import { openChanges } from './changes.ts'
import { openCounters } from './counters.ts'
import type { OpenedDatabase, OpenSettings } from './database.ts'
import { compact, openDatabase } from './database.ts'
import { openEndings } from './endings.ts'
import { openFacts } from './facts.ts'
import { openGrants } from './grants.ts'
import { openKms } from './kms.ts'
import { openOutbox } from './outbox.ts'
import { openRequestChanges } from './request-changes.ts'
import { openRequestCounts } from './request-counts.ts'
import { openRequestFacts } from './request-facts.ts'
import { openRequests } from './requests.ts'
import { openReveals } from './reveals.ts'
import { openScrubber } from './scrubber.ts'
import { openSecrets } from './secrets.ts'
import { openWebhooks } from './webhooks.ts'

/** Bounds how long a sweep keeps the event loop. */
const sweepBatch = 200

/** Opens, and makes if needed, the database in `directory`. The settings bind the entries that this process writes. */
export function openSqliteStore(
  directory: string,
  settings: AuditSettings,
  opening: OpenSettings = { mayCreate: true },
): Store {
  return createSqliteStore(openDatabase(directory, opening), settings)
}

/** The store on a database that is open, which it closes. */
export function createSqliteStore({ db, close }: OpenedDatabase, settings: AuditSettings): Store {
  const counters = openCounters(db)
  const scrubber = openScrubber(db)
  const audit = openAudit(db, settings)
  const outbox = openOutbox(db, scrubber)
  const webhooks = openWebhooks(db)
  const attachments = openAttachments(db, counters)
  const facts = openFacts(db)
  const counts = openRequestCounts(db)
  const requestFacts = openRequestFacts(db)
  const applyRequest = openRequestChanges(db, { counters, counts, audit, outbox, scrubber, facts: requestFacts })
  const answers = openAnswers(db, requestFacts, applyRequest)
  const apply = openChanges(db, { counters, audit, outbox, scrubber, attachments, answers })
  const grants = openGrants(db, facts, apply)
  const secrets = openSecrets(db, { counters, facts, apply, attachments })
  const endings = openEndings(db, { audit, outbox, facts, apply })
  const requests = openRequests(db, {
    counters,
    counts,
    audit,
    facts: requestFacts,
    apply,
    applyRequest,
    secrets,
    endings,
  })
  const reveals = openReveals(facts, apply)
  const kms = openKms(db, { counters, audit, outbox, scrubber })
  const accounts = openAccounts(db)
  const committer = new Committer(db.$client, audit)

  let damage: StoreDamaged | undefined
  const noticeDamage = (error: unknown): never => {
    if (error instanceof StoreDamaged) damage ??= error
    throw error
  }
  const write = <T>(work: () => T): Promise<T> => committer.run(work).catch(noticeDamage)
  const settle = <T>(work: () => T): Promise<T> => {
    try {
      return Promise.resolve(work())
    } catch (error) {
      return Promise.reject(asStoreError(error)).catch(noticeDamage)
    }
  }
  const read = <T>(work: () => T): Promise<T> => settle(() => committer.read(work))

  return {
    createSecret: (secret, caller, quota) => write(() => secrets.create(secret, caller, quota)),
    findSecret: (slug) => read(() => secrets.find(slug)),
    findVerifiers: (slug) => read(() => secrets.findVerifiers(slug)),
    readRecord: (id) => read(() => secrets.readRecord(id)),
    reveal: (command) => write(() => reveals.reveal(command)),
    recordCode: (command) => write(() => reveals.recordCode(command)),
    ackReveal: (id, revealId, now, caller) => write(() => reveals.ack(id, revealId, now, caller)),
    burn: (id, now, caller, reason) => write(() => endings.burn(id, { now, caller, reason: reason ?? null })),
    purge: (id, now) => write(() => endings.purge(id, now)),
    patch: (id, command) => write(() => secrets.patch(id, command)),
    listSecrets: (query) => read(() => secrets.list(query)),
    listEvents: (id) => read(() => audit.ofSecret(id)),
    recordDenials: (denials, now) =>
      write(() => {
        accounts.writeSetting('denials_recorded_at', String(now))
        for (const denial of denials)
          if (denial.type === 'denied') secrets.recordDenial(denial)
          else requests.recordLate(denial)
      }),
    readAudit: (query) => read(() => audit.read(query)),
    readAuditHead: (workspaceId) => read(() => audit.head(workspaceId)),
    listAuditChains: () => read(() => audit.chains()),
    findDisputed: (workspaceId, { secret, named, request }, limit) =>
      read(() => {
        const found = [
          endings.findDisputed(workspaceId, secret, limit),
          kms.findDisputed(workspaceId, named, limit),
          requests.findDisputed(workspaceId, request, limit),
        ] as const
        const [ofSecrets, ofNamed, ofRequests] = found
        const next = { secret: ofSecrets.last, named: ofNamed.last, request: ofRequests.last }
        return { entries: found.flatMap(({ entries }) => entries), next: found.some(({ more }) => more) ? next : null }
      }),
    readStats: (workspaceId, now) => read(() => counters.stats(workspaceId, now)),

    listAttachments: (id) => read(() => attachments.list(id)),
    findAttachment: (id, fileId) => read(() => attachments.find(id, fileId)),
    findPart: (id, part) => read(() => attachments.findPart(id, part)),
    listParts: (id) => read(() => attachments.listParts(id)),
    announceBlob: (name, removeAt) => write(() => attachments.announce(name, removeAt)),
    adoptBlob: (command) => write(() => attachments.adopt(command)),
    completeUpload: (id, now) => write(() => secrets.completeUpload(id, now)),
    readGrant: (query) => read(() => grants.read(query)),
    extendGrant: (query) => write(() => grants.extend(query)),
    listRemovableBlobs: (now, after, limit) => read(() => attachments.listRemovable(now, after, limit)),
    forgetBlobs: (names) => write(() => attachments.forget(names)),
    listPartRecords: (after, limit) => read(() => attachments.listRecords(after, limit)),
    knownBlobs: (names) => read(() => attachments.known(names)),
    dropPart: (name, now) => write(() => attachments.drop(name, now)),

    createWebhook: (webhook, limit) => write(() => webhooks.create(webhook, limit)),
    listWebhooks: (workspaceId) => read(() => webhooks.list(workspaceId)),
    findWebhook: (id) => read(() => webhooks.find(id)),
    rotateWebhook: (id, sealedSecret, until) => write(() => webhooks.rotate(id, sealedSecret, until)),
    deleteWebhook: (id) => write(() => webhooks.delete(id)),

    addMessage: (message) => write(() => outbox.add(message)),
    addNotice: (message, limit, now) => write(() => outbox.addNotice(message, limit, now)),
    claimMessages: (query) => write(() => outbox.claim(query)),
    settleMessage: (claim, settlement) => write(() => outbox.settle(claim, settlement)),
    listDeliveries: (query) => read(() => outbox.list(query)),
    redeliver: (workspaceId, id, now) => write(() => outbox.redeliver(workspaceId, id, now)),

    putKms: (put) => write(() => kms.put(put)),
    revealKms: (command) => write(() => kms.reveal(command)),
    patchKms: (patch) => write(() => kms.patch(patch)),
    destroyKmsVersion: (name, actor, now) => write(() => kms.destroyVersion(name, actor, now)),
    deleteKms: (name, actor, now) => write(() => kms.delete(name, actor, now)),
    findKms: (name) => read(() => kms.find(name)),
    listKms: (query) => read(() => kms.list(query)),
    listKmsVersions: (query) => read(() => kms.listVersions(query)),
    listKmsEvents: (query) => read(() => kms.listEvents(query)),

    createRequest: (command) => write(() => requests.create(command)),
    findRequestVerifiers: (slug) => read(() => requests.findVerifiers(slug)),
    readRequest: (id) => read(() => requests.read(id)),
    listRequests: (query) => read(() => requests.list(query)),
    answerRequest: (command) => write(() => requests.answer(command)),
    listAnswers: (id) => read(() => answers.list(id)),
    readAwaited: (ids) => read(() => answers.awaited(ids)),
    readCollectedAt: (secretId) => read(() => answers.collectedAt(secretId)),
    takeBackAnswer: (secretId, now, caller) => write(() => requests.takeBack(secretId, now, caller)),
    patchRequest: (id, command) => write(() => requests.patch(id, command)),
    withdrawRequest: (id, now, caller, reason) =>
      write(() => requests.withdraw(id, { now, caller, reason: reason ?? null })),
    purgeRequest: (id, now) => write(() => requests.purge(id, now)),
    readRequestStats: (workspaceId) => read(() => counts.stats(workspaceId)),

    findToken: (id) => read(() => accounts.findToken(id)),
    createToken: (token) => write(() => accounts.createToken(token)),
    listTokens: (workspaceId) => read(() => accounts.listTokens(workspaceId)),
    revokeToken: (workspaceId, id, now, descendants) =>
      write(() => accounts.revokeToken(workspaceId, id, now, descendants)),
    recordTokenUse: (used) => write(() => accounts.recordTokenUse(used)),
    findWorkspace: (id) => read(() => accounts.findWorkspace(id)),
    firstWorkspace: (name, now) => write(() => accounts.firstWorkspace(name, now)),
    hasTokens: () => read(() => accounts.hasTokens()),
    setWorkspaceCheck: (id, check, previous) => write(() => accounts.setWorkspaceCheck(id, check, previous)),
    readSetting: (name) => read(() => accounts.readSetting(name)),
    writeSetting: (name, value) => write(() => accounts.writeSetting(name, value)),

    async sweep(now, purgeBefore) {
      const report: SweepReport = { expired: 0, destroyed: 0, purged: 0, requestsExpired: 0, reminded: 0, disputed: 0 }
      for (;;) {
        const [ended, named, asked] = await write(
          () =>
            [
              endings.sweep(now, purgeBefore, sweepBatch),
              kms.sweep(now, purgeBefore, sweepBatch),
              requests.sweep(now, purgeBefore, sweepBatch),
            ] as const,
        )
        report.expired += ended.expired
        report.destroyed += ended.destroyed + named.destroyed
        report.purged += ended.purged + named.purged + asked.purged
        report.requestsExpired += asked.expired
        report.reminded += named.reminded
        report.disputed += ended.disputed + named.disputed + asked.disputed
        const most = Math.max(named.reminded, named.destroyed, named.purged)
        if (!ended.more && !asked.more && most < sweepBatch) return report
      }
    },
    scrub: () => settle(() => committer.runAlone(() => scrubber.scrub())),
    compact: () => settle(() => committer.runAlone(() => compact(db))),
    async ping(now) {
      if (damage) throw damage
      await write(() => accounts.writeSetting('pinged_at', String(now)))
    },

    close() {
      committer.flush()
      return settle(close)
    },
  }
}
