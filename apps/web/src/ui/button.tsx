import type { ComponentChildren, JSX } from 'preact'
import { useRef } from 'preact/hooks'

interface ButtonProps extends Omit<JSX.IntrinsicElements['button'], 'onClick' | 'type' | 'ref'> {
  children: ComponentChildren
  /** Runs on a person's clicks alone (a script's are not trusted: DOM Standard, isTrusted), one at a time. */
  onPress: () => Promise<void> | void
  kind?: 'primary' | 'plain' | 'quiet'
  /** A submit button is the one that Enter in a field presses. */
  submit?: boolean
}

export function Button({ onPress, kind = 'plain', submit = false, ...rest }: ButtonProps) {
  const busy = useRef(false)
  const press = async (): Promise<void> => {
    busy.current = true
    try {
      await onPress()
    } finally {
      busy.current = false
    }
  }
  return (
    <button
      {...rest}
      type={submit ? 'submit' : 'button'}
      class={kind}
      onClick={(event) => {
        event.preventDefault()
        if (event.isTrusted && !busy.current) void press()
      }}
    />
  )
}
