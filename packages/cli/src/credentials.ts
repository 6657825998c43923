/**
 * The variables of Halfkey's own that hold a credential, of the command line, the bridge and the server: a program that is
 * given named secrets needs none of these. A new setting must be told apart here (test/credentials.test.ts).
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
