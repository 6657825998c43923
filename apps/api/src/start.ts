/** Assembles the server: configuration → adapters → app → HTTP. Doesn't read the environment or exit. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { createApp } from './app.ts'
import { keepAddress } from './domain/audit/address.ts'
import type { Mac } from './domain/audit/entry.ts'
import { AwaitedAnswers } from './jobs/awaited-answers.ts'
import { LateDenials } from './jobs/late-denials.ts'
import type { Config } from './config.ts'
import type { Deps } from './http/context.ts'
import { createMetrics } from './http/observe.ts'
import { readAsset } from './http/pages.ts'
import type { LimitName } from './http/limit-names.ts'
import { rateLimits } from './http/limit-names.ts'
import { startDelivering } from './jobs/deliver.ts'
import { startSweeper } from './jobs/sweep.ts'
import type { Clock } from './adapters/clock.ts'
import { createCaptcha } from './adapters/captcha.ts'
import { createAddressOf } from './adapters/client-address.ts'
import type { GeoFile } from './adapters/geo.ts'
import { openGeoFile } from './adapters/geo.ts'
import type { Mailer } from './adapters/mail.ts'
import { createSmtpMailer } from './adapters/mail.ts'
import type { RateLimiter } from './adapters/rate-limiter.ts'
import { createRateLimiter } from './adapters/rate-limiter.ts'
import { openRateStore } from './adapters/rate-store.ts'
import { openServerKey } from './adapters/server-key.ts'
import type { ServerKey } from './domain/server-key.ts'
import { StartRefused } from './start-refused.ts'
import { createSmsGateway } from './adapters/sms.ts'
import { createWebhookSender } from './adapters/webhook.ts'
import type { RunningServer } from './server.ts'
import { listen } from './server.ts'
import type { BlobStore } from './store/blobs/blobs.ts'
import { openFileBlobs } from './store/blobs/files.ts'
import { openS3Blobs } from './store/blobs/s3.ts'
import type { AuditSettings } from './store/sqlite/audit-chain.ts'
import { asStoreError } from './store/sqlite/committer.ts'
import type { OpenSettings } from './store/sqlite/database.ts'
import { openSqliteStore } from './store/sqlite/store.ts'
import { DatabaseRefused } from './store/sqlite/wal-mark.ts'
import type { Store } from './store/store.ts'
import { StoreDamaged, StoreUnavailable } from './store/store.ts'
import { TokenUse } from './jobs/last-used.ts'
import { newToken, scopes } from './domain/tokens/token.ts'

export interface Started {
  address: string
  /** The first admin token's text, at first start only. */
  firstToken: string | null
  stop(): Promise<void>
}

const dayLength = 86_400_000
/** How soon owners are notified. */
const deliverEveryMs = 1000

/**
 * Opens the store and the server key, which depend on each other: the key needs its check value, and the store the MAC
 * for its log. Commands only open them; the server also creates them.
 */
export async function openStore(
  config: Config,
  opening: OpenSettings = { mayCreate: true },
): Promise<{ store: Store; serverKey: ServerKey }> {
  let serverKey: ServerKey | undefined
  const store = openDatabase(config, opening, (label, ...parts) => {
    if (!serverKey) throw new Error('an event was recorded before the server key was read')
    return serverKey.mac(label, ...parts)
  })
  try {
    serverKey = await openServerKey(config.HALFKEY_SERVER_KEY_FILE, store, opening)
    return { store, serverKey }
  } catch (error) {
    await store.close()
    throw error
  }
}

function openDatabase(config: Config, opening: OpenSettings, mac: Mac): Store {
  const audit: AuditSettings = { mac, keepAddress: (address) => keepAddress(config.HALFKEY_LOG_ADDRESSES, address) }
  try {
    return openSqliteStore(config.HALFKEY_DATA_DIR, audit, opening)
  } catch (error) {
    if (error instanceof DatabaseRefused) throw new StartRefused(error.message)
    if (asStoreError(error) instanceof StoreDamaged) throw new StartRefused(damaged(config))
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartRefused(
      `HALFKEY_DATA_DIR: can't open the database in ${config.HALFKEY_DATA_DIR}: ${reason}. ` +
        'The directory must be writable by the server and have free space.',
    )
  }
}

export const damaged = ({ HALFKEY_DATA_DIR }: Config): string =>
  `The database in ${HALFKEY_DATA_DIR} is damaged. Stop the server and restore a backup: halfkey-api restore FILE.`

/** Opens the storage of attachments. */
export async function openBlobs({ HALFKEY_BLOB_URL: url, HALFKEY_DATA_DIR, s3 }: Config): Promise<BlobStore> {
  if (url !== undefined) return openS3Blobs({ url, credentials: s3 })
  const folder = path.join(HALFKEY_DATA_DIR, 'blobs')
  try {
    return await openFileBlobs(folder)
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    throw new StartRefused(`HALFKEY_DATA_DIR: can't use the folder ${folder}: ${error.message}.`)
  }
}

/** Creates a token with all scopes in the first workspace, which is created if there is none. */
export async function makeToken(store: Store, clock: Clock, name: string): Promise<string> {
  const now = clock.now()
  const workspace = await store.firstWorkspace('default', now)
  const { token, text } = newToken({
    workspaceId: workspace.id,
    name,
    scopes: [...scopes],
    createdAt: now,
    expiresAt: null,
  })
  await store.createToken(token)
  return text
}

/** A built file next to this one; undefined when running from source. */
function beside(relative: string): string | undefined {
  const file = fileURLToPath(new URL(relative, import.meta.url))
  return existsSync(file) ? file : undefined
}

const openGeo = async ({ HALFKEY_GEO_DB: file }: Config, log: Logger): Promise<GeoFile | null> =>
  file === undefined ? null : openGeoFile({ file, onProblem: (reason) => log.error(reason) })

/** readConfig makes sure that both or neither are set. */
const createMailer = ({ HALFKEY_SMTP_URL: url, HALFKEY_MAIL_FROM: from }: Config): Mailer | null =>
  url === undefined || from === undefined ? null : createSmtpMailer({ url, from })

const createSms = ({ HALFKEY_SMS_URL: url, HALFKEY_SMS_BODY: body, HALFKEY_SMS_TOKEN: token }: Config) =>
  url === undefined ? null : createSmsGateway({ url, body, token })

/** null: rate limits are off. */
export async function openRateLimiter(
  config: Config,
  { mac }: ServerKey,
  log: Logger,
): Promise<RateLimiter<LimitName> | null> {
  if (config.HALFKEY_RATE_LIMIT === 'off') return null
  const url = config.HALFKEY_RATE_LIMIT_URL
  return createRateLimiter({
    limits: rateLimits(config),
    hash: (key) => mac('rate limit', key),
    store: url === undefined ? null : await openRateStore(url),
    log,
  })
}

export async function start(config: Config, clock: Clock, log: Logger, metrics = createMetrics()): Promise<Started> {
  const { store, serverKey } = await openStore(config)
  let blobs: BlobStore | null = null
  let geo: GeoFile | null = null
  let rateLimiter: RateLimiter<LimitName> | null = null
  try {
    blobs = await openBlobs(config)
    geo = await openGeo(config, log)
    rateLimiter = await openRateLimiter(config, serverKey, log)
    const denials = new LateDenials({ store, clock, log, onDropped: () => metrics.denialsDropped.inc() })

    const tokenUse = new TokenUse({ store, log })
    const awaited = new AwaitedAnswers({ store, clock, log })

    let server: RunningServer | undefined
    const deps: Deps = {
      config,
      store,
      blobs,
      log,
      serverKey,
      clock,
      denials,
      tokenUse,
      awaited,
      geo,
      mailer: createMailer(config),
      sms: createSms(config),
      captcha: createCaptcha(serverKey, clock, config.HALFKEY_CAPTCHA_COST),
      rateLimiter,
      addressOf: createAddressOf({
        trusted: config.HALFKEY_TRUSTED_PROXIES,
        header: config.HALFKEY_CLIENT_IP_HEADER,
      }),
      publicUrl: () => config.HALFKEY_PUBLIC_URL ?? server?.address ?? '',
    }
    const pages = beside('./pages')
    const scalar = beside('./scalar.js')
    const app = createApp({
      deps,
      log,
      metrics,
      ...(pages !== undefined && { pages }),
      ...(scalar !== undefined && { scalar: readAsset(scalar) }),
    })
    const running = (server = await listen(app.fetch, config))
    const firstToken = (await store.hasTokens()) ? null : await makeToken(store, clock, 'admin')
    const sweeper = startSweeper({
      ...deps,
      everyMs: config.HALFKEY_SWEEP_SECONDS * 1000,
      retentionMs: config.HALFKEY_RETENTION_DAYS * dayLength,
      onSwept: (report) => {
        for (const [what, count] of Object.entries({ ...report })) if (count > 0) metrics.swept.inc({ what }, count)
      },
    })
    const webhooks = createWebhookSender({ allowPrivate: config.HALFKEY_WEBHOOKS_PRIVATE === 'allow' })
    const delivering = startDelivering({ ...deps, log, webhooks }, deliverEveryMs)
    return {
      address: running.address,
      firstToken,
      async stop() {
        awaited.stop()
        await running.stop()
        await Promise.all([sweeper.stop(), delivering.stop()])
        await denials
          .stop()
          .catch((error: unknown) => log.error({ err: error }, 'denied attempts could not be recorded'))
        await tokenUse.flush()
        geo?.close()
        await rateLimiter?.close()
        await deps.blobs.close()
        await store.close()
      },
    }
  } catch (error) {
    geo?.close()
    await rateLimiter?.close()
    await blobs?.close()
    await store.close()
    throw error
  }
}
