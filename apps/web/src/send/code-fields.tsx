import { Control, Field } from '../ui/field.tsx'
import type { Draft } from './draft.ts'
import type { Form } from './form.ts'
import { usePage } from './page.ts'

const loadGenerator = () => import('./generate.ts')

/** The one-time code: how the recipient gets it, and where to. */
export function CodeFields({ form: { draft, change, errorOf, limits } }: { form: Form }) {
  const { words } = usePage()
  const kinds = { none: words.otpNone, email: words.otpEmail, sms: words.otpSms, totp: words.otpTotp }
  const error = errorOf('otp')
  const isUnenforceable = draft.otp !== 'none' && limits?.otp.includes(draft.otp) === false
  const hint = isUnenforceable
    ? draft.token === ''
      ? `${words.otpUnenforceable} ${words.needsToken}`
      : words.otpUnenforceable
    : undefined
  const choose = async (otp: Draft['otp']): Promise<void> => {
    change({ otp })
    if (otp === 'totp' && draft.otpSecret === '') {
      const { generateTotpSecret } = await loadGenerator()
      change({ otpSecret: generateTotpSecret() })
    }
  }
  return (
    <>
      <Control
        id="otp"
        label={words.otp}
        hint={error === undefined ? hint : undefined}
        error={isUnenforceable ? error : undefined}
      >
        {(attributes) => (
          <select
            {...attributes}
            value={draft.otp}
            onChange={(event) => void choose(event.currentTarget.value as Draft['otp'])}
          >
            {Object.entries(kinds).map(([kind, name]) => (
              <option key={kind} value={kind}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Control>
      {draft.otp === 'email' && (
        <Field
          id="otp-email"
          type="email"
          label={words.otpEmailTo}
          error={isUnenforceable ? undefined : error}
          value={draft.otpEmail}
          onValue={(otpEmail) => change({ otpEmail })}
          dir="ltr"
        />
      )}
      {draft.otp === 'sms' && (
        <Field
          id="otp-phone"
          type="tel"
          label={words.otpSmsTo}
          hint={words.otpSmsHint}
          error={isUnenforceable ? undefined : error}
          value={draft.otpPhone}
          onValue={(otpPhone) => change({ otpPhone })}
          dir="ltr"
        />
      )}
      {draft.otp === 'totp' && (
        <Field
          id="otp-secret"
          label={words.otpSecret}
          hint={words.otpSecretHint}
          error={error}
          value={draft.otpSecret}
          onValue={(otpSecret) => change({ otpSecret })}
          class="mono"
          dir="ltr"
          autoCapitalize="characters"
        />
      )}
    </>
  )
}
