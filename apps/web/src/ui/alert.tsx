import type { ComponentChildren } from 'preact'

/** `good` and `note` are read in their place; `bad` is said aloud when it appears. */
export function Alert({
  tone,
  id,
  children,
}: {
  tone: 'note' | 'bad' | 'good'
  id?: string
  children: ComponentChildren
}) {
  return (
    <div id={id} class={`alert ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      {children}
    </div>
  )
}
