/** What a one-time code takes beyond the rest of the page. */
import type { Link, SentCode } from '@halfkey/sdk/open'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { explainCode } from './explain.ts'
import { usePage } from './page.ts'

interface CodeProps {
  link: Link
  /** undefined: none is asked for. */
  password: string | undefined
  value: string
  onValue: (value: string) => void
  error: string | undefined
}

/** The one-time code, and where it is sent its sending, with the time that it stays valid. */
export function CodeField({ link, password, value, onValue, error }: CodeProps) {
  const { words } = usePage()
  const [sent, setSent] = useState<SentCode>()
  const [failure, setFailure] = useState<unknown>()
  const to = link.needs.otp?.to ?? undefined

  const send = async (): Promise<void> => {
    setFailure(undefined)
    try {
      setSent(await link.requestCode({ password: password === '' ? undefined : password }))
    } catch (thrown) {
      setFailure(thrown)
    }
  }
  const hint = sent ? words.codeSent(sent.to) : to === undefined ? words.codeFromApp : words.codeGoesTo(to)
  return (
    <div class="code">
      <Field
        id="otp"
        label={words.code}
        hint={hint}
        error={failure === undefined ? error : explainCode(failure, words)}
        value={value}
        onValue={onValue}
        required
        autoComplete="one-time-code"
        inputMode="numeric"
      />
      {to !== undefined && (
        <div class="actions">
          <Button onPress={send}>{sent ? words.sendAnother : words.sendCode}</Button>
          {sent && <Countdown until={sent.expiresAt} />}
        </div>
      )}
    </div>
  )
}

function Countdown({ until }: { until: Date }) {
  const { words, formats } = usePage()
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  const left = until.getTime() - now
  return (
    <p class="said" role="timer">
      {left > 0 ? words.codeValid(formats.countdown(left)) : words.codeExpired}
    </p>
  )
}
