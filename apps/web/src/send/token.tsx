import { Field } from '../ui/field.tsx'
import type { Form } from './form.ts'
import { usePage } from './page.ts'

interface TokenFieldProps {
  form: Form
  /** Called when one was typed. */
  onToken: () => void
  /** The server takes nobody without one. */
  isAsked?: boolean
}

export function TokenField({ form: { draft, change, errorOf }, onToken, isAsked = false }: TokenFieldProps) {
  const { words } = usePage()
  return (
    <Field
      id="token"
      label={words.token}
      hint={isAsked ? `${words.tokenAsked} ${words.tokenHint}` : words.tokenHint}
      error={errorOf('token')}
      value={draft.token}
      onValue={(token) => change({ token })}
      onBlur={onToken}
      class="mono masked"
      dir="ltr"
    />
  )
}
