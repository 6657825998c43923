import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { useDocumentEvent } from './document-event.ts'

interface ExactProps extends Omit<JSX.IntrinsicElements['pre'], 'children' | 'ref' | 'role' | 'translate'> {
  text: string
}

/**
 * A text that people copy. A selection of it gives exactly its characters, and a translator neither gets nor changes it.
 */
export function Exact({ text, ...rest }: ExactProps) {
  const shown = useRef<HTMLPreElement>(null)
  useDocumentEvent('copy', (event) => copyExactly(event, shown.current))
  return (
    <pre {...rest} ref={shown} translate={false} tabIndex={0} role="region">
      {text}
    </pre>
  )
}

/** A browser adds a line feed to a block that is selected whole by a triple click, and drops one that the text ends with. */
function copyExactly(event: ClipboardEvent, shown: HTMLElement | null): void {
  const selection = getSelection()
  if (!shown || !selection || selection.rangeCount === 0) return
  const selected = selection.getRangeAt(0)
  if (!selected.intersectsNode(shown)) return
  const whole = document.createRange()
  whole.selectNodeContents(shown)
  const inside = selected.cloneRange()
  if (inside.compareBoundaryPoints(Range.START_TO_START, whole) < 0) inside.setStart(shown, 0)
  if (inside.compareBoundaryPoints(Range.END_TO_END, whole) > 0) inside.setEnd(shown, shown.childNodes.length)
  const text = inside.toString()
  const isAlone = selection.toString().trim() === text.trim()
  if (text === '' || !isAlone) return
  event.clipboardData?.setData('text/plain', text)
  event.preventDefault()
}
