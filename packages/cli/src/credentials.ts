/**
 * Halfkey's own environment variables that hold a credential, of the CLI, the bridge and the server. `halfkey run` doesn't
 * pass them on. Every new setting must be classified here (test/credentials.test.ts).
 */
export const credentials: readonly string[] = [
  'HALFKEY_TOKEN',
  'HALFKEY_WORKSPACE_KEY',
  'HALFKEY_MANAGE_KEY',
  'HALFKEY_SMTP_URL',
  'HALFKEY_BRIDGE_API_TOKEN',
  'HALFKEY_SMS_URL',
  'HALFKEY_SMS_TOKEN',
  'HALFKEY_RATE_LIMIT_URL',
  'HALFKEY_DATABASE_URL',
  'HALFKEY_BLOB_URL',
]
