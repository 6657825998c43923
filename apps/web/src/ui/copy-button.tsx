import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { clearClipboard, clearLater, copyText } from './clipboard.ts'
import type { SharedWords } from './words.ts'

interface CopyProps {
  words: SharedWords
  text: string
  /** id of the element that shows the text: selected where the browser doesn't let the page copy. */
  shownBy: string
  kind?: 'primary' | 'plain'
  label?: string
  onCopied?: () => void
  /** The browser doesn't let the page copy: called before the text is selected. */
  onRefused?: () => void
  /** What is copied is secret: it is taken off the clipboard after a minute where that is possible, or by a button. */
  secret?: boolean
}

type State = 'idle' | 'copied' | 'selected' | 'cleared'

export function CopyButton({
  words,
  text,
  shownBy,
  kind = 'plain',
  label,
  onCopied,
  onRefused,
  secret = false,
}: CopyProps) {
  const [state, setState] = useState<State>('idle')
  const stop = useRef<() => void>(undefined)
  useEffect(() => () => stop.current?.(), [])

  const copy = async (): Promise<void> => {
    stop.current?.()
    const copied = await copyText(text)
    if (copied) {
      onCopied?.()
    } else {
      onRefused?.()
      await new Promise(requestAnimationFrame)
      const shown = document.getElementById(shownBy)
      if (shown) getSelection()?.selectAllChildren(shown)
    }
    setState(copied ? 'copied' : 'selected')
    if (copied && secret) stop.current = clearLater(text, () => setState('cleared'))
  }
  const clear = async (): Promise<void> => {
    stop.current?.()
    if (await clearClipboard()) setState('cleared')
  }
  const said = { idle: '', copied: words.copied, selected: words.selected, cleared: words.clipboardCleared }[state]
  return (
    <>
      <Button kind={kind} onPress={copy}>
        {label ?? words.copy}
      </Button>
      {secret && state === 'copied' && (
        <Button kind="quiet" onPress={clear}>
          {words.clearClipboard}
        </Button>
      )}
      <p class="said" role="status">
        {said}
      </p>
    </>
  )
}
