import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface ExactProps extends Omit<JSX.IntrinsicElements['pre'], 'children' | 'ref' | 'role' | 'translate'> {
  text: string
}

/**
 * A text that people copy. A selection of it gives exactly its characters, and a translator neither gets nor changes it.
 */
export function Exact({ text, ...rest }: ExactProps) {
  const shown = useRef<HTMLPreElement>(null)
  useEffect(() => {
    const stop = new AbortController()
    // Loaded once there is something to copy: the page that asks first is as light as before.
    void import('./copy-exactly.ts').then(
      ({ copyExactly }) =>
        document.addEventListener('copy', (event) => copyExactly(event, shown.current), { signal: stop.signal }),
      () => undefined,
    )
    return () => stop.abort()
  }, [])
  return (
    <pre {...rest} ref={shown} translate={false} tabIndex={0} role="region">
      {text}
    </pre>
  )
}
