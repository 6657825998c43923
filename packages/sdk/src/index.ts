export type {
  Audit,
  AuditEntry,
  AuditFilter,
  AuditHead,
  AuditOptions,
  AuditPage,
  AuditVerified,
} from './workspace/audit.ts'
export { Halfkey } from './client.ts'
export type { DeleteOptions, HalfkeyOptions, ListOptions, ManageOptions, PatchOptions } from './client-options.ts'
export type { CreateOptions } from './create/create.ts'
export type { WorkspaceKey } from './protocol/keys.ts'
export type { Kms } from './kms/calls.ts'
export type {
  KmsEventsOptions,
  KmsListOptions,
  KmsPutOptions,
  KmsRevealOptions,
  KmsUpdateOptions,
} from './kms/options.ts'
export type { KmsEntry, KmsEvent, KmsRevealed, KmsVersion } from './kms/records.ts'
export { HalfkeyError, openLink, parseLink, solveCaptcha } from './open.ts'
export type {
  CallOptions,
  ErrorCode,
  Link,
  LocalErrorCode,
  Needs,
  Opened,
  OpenedFile,
  OpenOptions,
  ParsedLink,
  Progress,
  ProgressOptions,
  ReadFileOptions,
  RequestCodeOptions,
  RevealOptions,
  SaveFileOptions,
  SentCode,
  SolveCaptcha,
  SolveOptions,
  TransportOptions,
} from './open.ts'
export { openAsk, openCollect, openReceipt } from './request/lazy.ts'
export type { Ask } from './request/answer.ts'
export type { SharedRequest, SharedRequestJson } from './request/asked.ts'
export type { Collect } from './request/collect.ts'
export type { Answer, OpenAnswerOptions } from './request/collected.ts'
export type {
  AnswerLimitsOptions,
  AnswerOptions,
  CreateRequestOptions,
  DeleteRequestOptions,
  KemOptions,
  ListRequestsOptions,
  OpenRequestOptions,
  PatchRequestOptions,
  WatchOptions,
} from './request/options.ts'
export type { Receipt, ReceiptStatus } from './request/receipt.ts'
export type { AnswerLimits, RequestDetails, RequestStats } from './request/records.ts'
export type { Kem } from './protocol/request-kem.ts'
export type { Pagination, SecretDetails, SecretEvent, Workspace } from './workspace/records.ts'
export type { Stats } from './workspace/workspace.ts'
export type { RekeyOptions, RekeyReport } from './workspace/rekey.ts'
export type { SharedSecret, SharedSecretJson } from './create/secret.ts'
export type { Attachment, ByteStream, StreamAttachment } from './create/sources.ts'
export type { MailerOptions, SendTo, SendToResult } from './create/send-to.ts'
export type { NewToken, RevokedTokens, RevokeOptions, Token, TokenOptions, Tokens } from './workspace/tokens.ts'
export type { DeliveriesOptions, Delivery, Webhook, Webhooks, WebhookSecret } from './workspace/webhooks.ts'
export type * from './platform.ts'
export type * from './wire.ts'
