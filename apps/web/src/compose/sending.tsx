import { Button } from '../ui/button.tsx'
import { useDocumentEvent } from '../ui/document-event.ts'
import { Progress } from '../ui/progress.tsx'
import { usePage } from './page.ts'

/** What is under way. */
export interface Sending {
  /** Encrypted bytes. */
  done: number
  total: number
  cancel: () => void
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent)

interface SubmitProps {
  id: string
  label: string
  /** What became of the last try, if that isn't shown elsewhere. */
  said: string
  onSubmit: () => Promise<void>
}

/** The button that sends, which Ctrl + Enter presses from everywhere. */
export function Submit({ id, label, said, onSubmit }: SubmitProps) {
  const { words } = usePage()
  useDocumentEvent('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !event.isTrusted) return
    event.preventDefault()
    void onSubmit()
  })
  return (
    <div class="actions submit">
      <Button kind="primary" submit id={id} onPress={onSubmit}>
        {label}
      </Button>
      <span class="hint shortcut">{words.shortcut(isApple ? '⌘ ↵' : 'Ctrl ↵')}</span>
      <p id="status" class="said" role="status">
        {said}
      </p>
    </div>
  )
}

/** How far it is, in place of the button. */
export function Sent({ sending: { done, total, cancel }, hasFiles }: { sending: Sending; hasFiles: boolean }) {
  const { words, formats } = usePage()
  return (
    <div class="stack sending">
      <p id="status" role="status">
        {words.sealing}
      </p>
      {hasFiles && total > 0 && (
        <Progress
          label={words.sending}
          done={done}
          total={total}
          text={words.ofTotal(formats.size(done), formats.size(total))}
        />
      )}
      <Button onPress={cancel}>{words.cancel}</Button>
    </div>
  )
}
