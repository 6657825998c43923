import type { ComponentChildren, LooseInputHTMLAttributes, InputHTMLAttributes } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

export interface ControlProps {
  id: string
  label: string
  hint?: string | undefined
  /** Said aloud when it appears. */
  error?: string | undefined
  /** At the end of the label's line. */
  aside?: ComponentChildren
}

/**
 * For every field: a browser or an extension that checks, corrects or rewrites what is typed may send it elsewhere, or
 * change a password.
 */
export const UNTOUCHED = {
  autoComplete: 'off',
  autoCapitalize: 'none',
  autoCorrect: 'off',
  spellcheck: false,
  'data-gramm': 'false',
} as const

interface ControlAttributes {
  id: string
  'aria-invalid': boolean
  'aria-describedby': string | undefined
}

type FieldAttributes = typeof UNTOUCHED & ControlAttributes

/** A form's control with its label, hint and error; `children` draws the control itself. */
export function Control({
  id,
  label,
  hint,
  error,
  aside,
  children,
}: ControlProps & { children: (attributes: FieldAttributes) => ComponentChildren }) {
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class="field">
      {aside === undefined ? (
        <label for={id}>{label}</label>
      ) : (
        <div class="label">
          <label for={id}>{label}</label>
          {aside}
        </div>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {children({
        ...UNTOUCHED,
        id,
        'aria-invalid': error !== undefined,
        'aria-describedby': described === '' ? undefined : described,
      })}
      <p id={`${id}-error`} class="error" role="alert">
        {error}
      </p>
    </div>
  )
}

interface FieldProps
  extends ControlProps, Omit<LooseInputHTMLAttributes, 'id' | 'label' | 'onInput' | 'value' | 'ref'> {
  value: string
  onValue: (value: string) => void
}

/** What was typed is selected when an error appears, to be typed again. */
export function Field({ id, label, hint, error, value, onValue, ...rest }: FieldProps) {
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    if (error === undefined) return
    input.current?.focus()
    input.current?.select()
  }, [error])
  return (
    <Control id={id} label={label} hint={hint} error={error}>
      {(attributes) => (
        <input
          {...attributes}
          {...(rest as InputHTMLAttributes)}
          ref={input}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Control>
  )
}
