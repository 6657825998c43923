import type { ComponentChildren } from 'preact'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { explain } from './explain.ts'
import type { Loading } from './owner.ts'
import { usePage } from './page.ts'

/** What came of asking for something, or why it didn't. */
export function Loaded<T>({ of, children }: { of: Loading<T>; children: (value: T) => ComponentChildren }) {
  const { words } = usePage()
  const { value, error, isLoading, again } = of
  return (
    <div class="stack" aria-busy={isLoading}>
      <Failure error={error} onRetry={again} />
      {value !== undefined && children(value)}
      {value === undefined && error === undefined && <p role="status">{words.loading}</p>}
    </div>
  )
}

interface FailureProps {
  /** undefined: nothing failed, and nothing is shown. */
  error: unknown
  /** Instead of what the error's code says. */
  text?: string | undefined
  onRetry?: () => void
}

export function Failure({ error, text, onRetry }: FailureProps) {
  const { words } = usePage()
  if (error === undefined) return null
  return (
    <Alert tone="bad">
      <p>{text ?? explain(error, words)}</p>
      {onRetry && (
        <div class="actions">
          <Button onPress={onRetry}>{words.retry}</Button>
        </div>
      )}
    </Alert>
  )
}
