/** The order of the middleware and the table of routes. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Logger } from 'pino'
import type { Deps, Env } from './http/context.ts'
import { answerRequest } from './http/asks/answer.ts'
import { askStatus } from './http/asks/status.ts'
import { listAudit } from './http/audit/list.ts'
import { verifyLog } from './http/audit/verify.ts'
import { shareWith } from './http/cors.ts'
import { addDocs } from './http/docs.ts'
import { ApiError } from './http/errors.ts'
import { addHealth } from './http/health.ts'
import { getKms } from './http/kms/config.ts'
import { deleteKms } from './http/kms/delete.ts'
import { listKmsEvents } from './http/kms/events.ts'
import { listKms } from './http/kms/list.ts'
import { patchKms } from './http/kms/patch.ts'
import { putKms } from './http/kms/put.ts'
import { revealKms } from './http/kms/reveal.ts'
import { destroyKmsVersion, listKmsVersions } from './http/kms/versions.ts'
import { ackLink } from './http/links/ack.ts'
import { getFile } from './http/links/file.ts'
import { sendCode } from './http/links/otp.ts'
import { revealLink } from './http/links/reveal.ts'
import { linkStatus } from './http/links/status.ts'
import type { Metrics } from './http/observe.ts'
import { noPage, wantsPage } from './http/no-page.ts'
import { observe } from './http/observe.ts'
import type { DefineOperation } from './http/operation.ts'
import { addOperation } from './http/operation.ts'
import type { Asset } from './http/pages.ts'
import { addPages } from './http/pages.ts'
import { checkRegion } from './http/region.ts'
import { failure } from './http/reply.ts'
import { listAnswers } from './http/requests/answers.ts'
import { createRequest } from './http/requests/ask.ts'
import { getRequest } from './http/requests/details.ts'
import { listRequests } from './http/requests/list.ts'
import { destroyAnswer, unlockAnswer } from './http/requests/owned-answer.ts'
import { patchRequest } from './http/requests/patch.ts'
import { getRequestStats } from './http/requests/stats.ts'
import { withdrawRequest } from './http/requests/withdraw.ts'
import { completeUpload } from './http/secrets/complete.ts'
import { createSecret } from './http/secrets/create.ts'
import { deleteSecret } from './http/secrets/delete.ts'
import { getSecret } from './http/secrets/details.ts'
import { listEvents } from './http/secrets/events.ts'
import { getLimits } from './http/secrets/limits.ts'
import { listSecrets } from './http/secrets/list.ts'
import { patchSecret } from './http/secrets/patch.ts'
import { sendNotice } from './http/secrets/notice.ts'
import { getStats } from './http/secrets/stats.ts'
import { listParts, putPart } from './http/secrets/upload.ts'
import { listDeliveries, redeliver } from './http/workspace/deliveries.ts'
import { createToken, listTokens, revokeToken } from './http/workspace/tokens.ts'
import { createWebhook, deleteWebhook, listWebhooks, rotateWebhook, testWebhook } from './http/workspace/webhooks.ts'
import { getWorkspace, setWorkspaceCheck } from './http/workspace/workspace.ts'
import { NotDelivered } from './adapters/delivery.ts'
import { StoreUnavailable } from './store/store.ts'

export const operations: DefineOperation[] = [
  createSecret,
  listSecrets,
  getSecret,
  patchSecret,
  deleteSecret,
  listEvents,
  putPart,
  listParts,
  completeUpload,
  getStats,
  getLimits,
  linkStatus,
  sendCode,
  revealLink,
  ackLink,
  getFile,
  createRequest,
  listRequests,
  getRequestStats,
  getRequest,
  patchRequest,
  withdrawRequest,
  listAnswers,
  unlockAnswer,
  destroyAnswer,
  askStatus,
  answerRequest,
  listKms,
  putKms,
  getKms,
  patchKms,
  deleteKms,
  listKmsVersions,
  destroyKmsVersion,
  revealKms,
  listKmsEvents,
  listAudit,
  verifyLog,
  getWorkspace,
  setWorkspaceCheck,
  listTokens,
  createToken,
  revokeToken,
  sendNotice,
  listWebhooks,
  createWebhook,
  rotateWebhook,
  testWebhook,
  deleteWebhook,
  listDeliveries,
  redeliver,
]

export interface AppParts {
  deps: Deps
  log: Logger
  metrics: Metrics
  /** The folder with the built pages. */
  pages?: string
  /** The script of the documentation page. */
  scalar?: Asset
}

export function createApp({ deps, log, metrics, pages, scalar }: AppParts): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>()
  app.use(observe(log, metrics))
  app.use('/api/v1/*', shareWith(deps.config.HALFKEY_CORS_ORIGINS))
  const { HALFKEY_REGION: region } = deps.config
  if (region !== undefined) app.use('/api/*', checkRegion(region))
  for (const define of operations) addOperation(app, define(deps))
  addHealth(app, deps, metrics)
  addDocs(app, scalar)
  if (pages !== undefined) addPages(app, pages)

  app.notFound((c) => (wantsPage(c) ? noPage(c) : failure(c, new ApiError('NOT_FOUND'))))
  app.onError((error, c) => {
    if (error instanceof ApiError) return failure(c, error)
    log.error({ request_id: c.get('requestId'), route: c.get('route'), err: error }, 'a request failed')
    const unavailable = error instanceof StoreUnavailable || error instanceof NotDelivered
    return failure(c, new ApiError(unavailable ? 'UNAVAILABLE' : 'SERVER_ERROR'))
  })
  return app
}
