export type { AuditEntry, AuditFilter, AuditHead, AuditOptions, AuditPage, AuditVerified } from './audit.ts'
export { Halfkey } from './client.ts'
export type { DeleteOptions, HalfkeyOptions, ListOptions, ManageOptions, PatchOptions } from './client-options.ts'
export type { CreateOptions } from './create.ts'
export type { WorkspaceKey } from './keys.ts'
export type { Kms } from './kms-calls.ts'
export type {
  KmsEventsOptions,
  KmsListOptions,
  KmsPutOptions,
  KmsRevealOptions,
  KmsUpdateOptions,
} from './kms-options.ts'
export type { KmsEntry, KmsEvent, KmsRevealed, KmsVersion } from './kms-records.ts'
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
  ReadFileOptions,
  RequestCodeOptions,
  RevealOptions,
  SaveFileOptions,
  SentCode,
  SolveCaptcha,
  SolveOptions,
  TransportOptions,
} from './open.ts'
export type { Pagination, SecretDetails, SecretEvent, Workspace } from './records.ts'
export type { Stats } from './stats.ts'
export type { RekeyOptions, RekeyReport } from './rekey.ts'
export type { SharedSecret } from './secret.ts'
export type { Attachment, ByteStream, StreamAttachment } from './sources.ts'
export type { MailerOptions, SendTo, SendToResult } from './send-to.ts'
export type { NewToken, Token, TokenOptions, Tokens } from './tokens.ts'
export type { DeliveriesOptions, Delivery, Webhook, Webhooks, WebhookSecret } from './webhooks.ts'
export type * from './wire.ts'
