import { useLayoutEffect, useRef } from 'preact/hooks'
import { UNTOUCHED } from '../ui/field.tsx'
import { usePage } from './page.ts'

interface SecretTextProps {
  text: string
  onText: (text: string) => void
  error: string | undefined
}

/** As tall as its text, up to a limit of the style sheet's. */
export function SecretText({ text, onText, error }: SecretTextProps) {
  const { words } = usePage()
  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    const { current } = area
    if (!current) return
    current.style.height = 'auto'
    current.style.height = `${current.scrollHeight + 2}px`
  }, [text])
  return (
    <div class="field">
      <textarea
        ref={area}
        id="text"
        class="secret"
        dir="auto"
        rows={6}
        aria-label={words.text}
        placeholder={words.textPlaceholder}
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
        {...UNTOUCHED}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : 'text-error'}
      />
      <p id="text-error" class="error" role="alert">
        {error}
      </p>
    </div>
  )
}
