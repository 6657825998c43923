import type { LooseInputHTMLAttributes, InputHTMLAttributes } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

interface FieldProps extends Omit<LooseInputHTMLAttributes, 'id' | 'onInput' | 'value' | 'ref'> {
  id: string
  label: string
  hint?: string | undefined
  /** Said aloud when it appears; what was typed is then selected, to be typed again. */
  error?: string | undefined
  value: string
  onValue: (value: string) => void
}

export function Field({ id, label, hint, error, value, onValue, ...rest }: FieldProps) {
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    if (error === undefined) return
    input.current?.focus()
    input.current?.select()
  }, [error])
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      <input
        {...(rest as InputHTMLAttributes)}
        id={id}
        ref={input}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
        aria-invalid={error !== undefined}
        aria-describedby={described === '' ? undefined : described}
      />
      <p id={`${id}-error`} class="error" role="alert">
        {error}
      </p>
    </div>
  )
}
