/** What the page says of problems and failures, in the sender's words. */
import { HalfkeyError, type WireLimits } from '@halfkey/sdk'
import { explainCommon } from '../compose/failure.ts'
import { plainSize } from '../compose/sizes.ts'
import { formatDuration } from '../i18n/duration.ts'
import type { Formats } from '../i18n/formats.ts'
import type { Language } from '../i18n/language.ts'
import type { Draft } from './draft.ts'
import type { SendWords } from './page.ts'
import type { FieldName, Problem } from './problems.ts'

export interface Voice {
  words: SendWords
  formats: Formats
  language: Language
}

/** How many files of which size this server takes. */
export function explainLimits(
  { attachments, file_bytes, files_bytes }: WireLimits,
  { words: w, formats }: Voice,
): string {
  if (attachments === 0) return w.filesNone
  const count = formats.number(attachments)
  return files_bytes !== null && files_bytes <= file_bytes
    ? w.filesLimit(count, formats.size(plainSize(files_bytes)))
    : w.filesLimitEach(count, formats.size(plainSize(file_bytes)))
}

/** @param limits  undefined: not known */
export function explainProblem(
  field: FieldName,
  { kind, said, names = [] }: Problem,
  draft: Draft,
  limits: WireLimits | undefined,
  voice: Voice,
): string {
  const { words: w } = voice
  const sentence = sentenceOf(field, kind, names, draft, limits, voice)
  return said === undefined ? sentence : `${sentence} ${w.serverSays(said)}`
}

function sentenceOf(
  field: FieldName,
  kind: Problem['kind'],
  names: string[],
  { otp, token }: Draft,
  limits: WireLimits | undefined,
  voice: Voice,
): string {
  const { words: w, language } = voice
  const withToken = (sentence: string): string => (token === '' ? `${sentence} ${w.needsToken}` : sentence)
  switch (field) {
    case 'text':
      return kind === 'missing' ? w.nothing : kind === 'exceeded' ? w.textExceeded : w.textWrong
    case 'files':
      if (kind === 'unreadable') return w.unreadable(names.join(', '))
      return kind === 'exceeded' ? w.filesExceeded(limits ? explainLimits(limits, voice) : '') : w.filesWrong
    case 'expiry':
      return kind === 'exceeded' && limits
        ? w.expiryExceeded(formatDuration(limits.expires_in, language))
        : w.expiryWrong
    case 'views':
      return w.viewsWrong
    case 'password':
      return kind === 'missing' ? w.passwordNeeded : w.passwordWrong
    case 'note':
      return w.noteWrong
    case 'otp':
      if (kind === 'unenforceable') return withToken(w.otpUnenforceable)
      return otp === 'email' ? w.otpEmailWrong : otp === 'sms' ? w.otpSmsWrong : w.otpSecretWrong
    case 'networks':
      return w.networksWrong
    case 'countries':
      return w.countriesUnenforceable
    case 'captcha':
      return w.captchaWrong
    case 'attempts':
      return w.attemptsWrong
    case 'notify':
      return kind === 'unenforceable' ? withToken(w.notifyUnenforceable) : w.notifyWrong
    case 'token':
      return kind === 'missing' ? w.tokenAsked : kind === 'denied' ? w.tokenDenied : w.tokenWrong
    case 'workspaceKey':
      return kind === 'other' ? w.workspaceKeyOther : w.workspaceKeyWrong
    case 'description':
      return w.descriptionWrong
  }
}

/** Of a failure that no control is to blame for. */
export function explainFailure(error: unknown, w: SendWords): string {
  const code = error instanceof HalfkeyError ? error.code : undefined
  return code === 'RATE_LIMITED' || code === 'QUOTA_EXCEEDED' ? w[code] : explainCommon(error, w, w.offline)
}
