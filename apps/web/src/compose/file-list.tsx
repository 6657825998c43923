import { useRef, useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { hasFiles, pastedFiles, splitReadable } from './files.ts'
import { useDocumentEvent } from '../ui/document-event.ts'
import { usePage } from './page.ts'

interface FileListProps {
  files: readonly File[]
  onAdd: (added: File[]) => void
  onChange: (files: readonly File[]) => void
  error: string | undefined
  /** How many of which size. */
  limit: string
  takesNone: boolean
  /** They are on their way. */
  isLocked: boolean
}

/** The attached files, and the ways to attach more: picked, dropped anywhere on the page, or pasted. */
export function FileList({ files, onAdd, onChange, error: wrong, limit, takesNone, isLocked }: FileListProps) {
  const { words } = usePage()
  const input = useRef<HTMLInputElement>(null)
  const attach = useRef<HTMLButtonElement>(null)
  const [unreadable, setUnreadable] = useState<string[]>([])
  const error = wrong ?? (unreadable.length > 0 ? words.unreadable(unreadable.join(', ')) : undefined)

  const add = async (added: File[]): Promise<void> => {
    if (takesNone || isLocked) return
    const split = await splitReadable(added)
    setUnreadable(split.unreadable.map(({ name }) => name))
    if (split.readable.length > 0) onAdd(split.readable)
  }
  const remove = (file: File): void => {
    onChange(files.filter((each) => each !== file))
    setUnreadable([])
    // The button that had the focus is gone.
    attach.current?.focus()
  }
  const isOver = useIncoming((added) => void add(added))

  return (
    <div class="attachments">
      {files.length > 0 && <Attached files={files} onRemove={remove} />}
      <input
        ref={input}
        id="files"
        class="away"
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget }) => {
          const picked = [...(currentTarget.files ?? [])]
          // So that the same file can be picked again.
          currentTarget.value = ''
          void add(picked)
        }}
      />
      <div class="actions">
        <button
          ref={attach}
          type="button"
          class="plain"
          disabled={takesNone}
          aria-invalid={error !== undefined}
          aria-describedby={`files-hint${error === undefined ? '' : ' files-error'}`}
          onClick={() => input.current?.click()}
        >
          {words.attach}
        </button>
        <span class="hint" id="files-hint">
          {!takesNone && <span class="pointing">{words.attachHint} </span>}
          {limit}
        </span>
      </div>
      <p id="files-error" class="error" role="alert">
        {error}
      </p>
      {isOver && (
        <div class="drop" aria-hidden="true">
          <p>{words.dropHere}</p>
        </div>
      )}
    </div>
  )
}

function Attached({ files, onRemove }: { files: readonly File[]; onRemove: (file: File) => void }) {
  const { words, formats } = usePage()
  const together = files.reduce((sum, { size }) => sum + size, 0)
  return (
    <section aria-labelledby="files-title">
      <h2 id="files-title">{words.filesTitle}</h2>
      <ul class="files">
        {files.map((file, index) => (
          <li key={index}>
            <bdi translate={false} class="name">
              {file.name}
            </bdi>
            <span class="hint">{formats.size(file.size)}</span>
            <Button
              kind="quiet"
              translate={false}
              aria-label={words.removeNamed(file.name)}
              onPress={() => onRemove(file)}
            >
              <span aria-hidden="true">×</span>
            </Button>
          </li>
        ))}
      </ul>
      <p class="hint" id="files-sum" role="status">
        {words.filesTogether(files.length, formats.size(together))}
      </p>
    </section>
  )
}

/** Files that are dropped or pasted anywhere on the page; returns whether some hover over it. */
function useIncoming(onFiles: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false)
  useDocumentEvent('dragover', (event) => {
    if (!hasFiles(event)) return
    // Otherwise the browser would leave the page to open them.
    event.preventDefault()
    setOver(true)
  })
  useDocumentEvent('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) setOver(false)
  })
  useDocumentEvent('drop', (event) => {
    setOver(false)
    if (!hasFiles(event)) return
    event.preventDefault()
    onFiles([...(event.dataTransfer?.files ?? [])])
  })
  useDocumentEvent('paste', (event) => {
    const files = pastedFiles(event.clipboardData)
    if (files.length === 0) return
    event.preventDefault()
    onFiles(files)
  })
  return isOver
}
