export { Halfkey } from './client.ts'
export type { DeleteOptions, HalfkeyOptions, ListOptions, ManageOptions, PatchOptions } from './client.ts'
export type { CreateOptions } from './create.ts'
export { HalfkeyError, openLink, parseLink } from './open.ts'
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
  RevealOptions,
  TransportOptions,
} from './open.ts'
export type { Pagination, SecretDetails, SecretEvent, Stats, Workspace } from './records.ts'
export type { SharedSecret } from './secret.ts'
export type * from './wire.ts'
