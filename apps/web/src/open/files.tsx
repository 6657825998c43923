/** What a secret with files takes beyond the rest of the page. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Progress } from '../ui/progress.tsx'
import { usePage } from './page.ts'
import { plainName, saveFile, type ReadableFile } from './save.ts'

type Saving = 'no' | 'saving' | 'saved' | 'stopped' | 'failed'

interface FilesProps {
  files: readonly ReadableFile[]
  /** Called with how many aren't saved. */
  onUnsaved: (count: number) => void
}

/** The files, each with its button. */
export function Files({ files, onUnsaved }: FilesProps) {
  const { words } = usePage()
  const [savings, setSavings] = useState<readonly Saving[]>(() => files.map(() => 'no'))
  const isSaving = savings.includes('saving')
  useEffect(() => onUnsaved(savings.filter((saving) => saving !== 'saved').length), [savings])
  useEffect(() => {
    if (!isSaving) return
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isSaving])
  return (
    <section class="stack" aria-labelledby="files-title">
      <h2 id="files-title">{words.filesTitle}</h2>
      <ul class="files">
        {files.map((file, index) => (
          <FileRow
            key={index}
            file={file}
            saving={savings[index] ?? 'no'}
            onSaving={(saving) => setSavings((all) => all.map((each, i) => (i === index ? saving : each)))}
          />
        ))}
      </ul>
    </section>
  )
}

interface FileRowProps {
  file: ReadableFile
  saving: Saving
  onSaving: (saving: Saving) => void
}

function FileRow({ file, saving, onSaving }: FileRowProps) {
  const { words, formats } = usePage()
  const [done, setDone] = useState(0)
  const abort = useRef<AbortController>(undefined)
  const name = plainName(file.name)
  const size = formats.size(file.size)

  const save = async (): Promise<void> => {
    abort.current = new AbortController()
    setDone(0)
    onSaving('saving')
    try {
      await saveFile(file, { onProgress: setDone, signal: abort.current.signal })
      onSaving('saved')
    } catch (error) {
      const isStopped = error instanceof DOMException && error.name === 'AbortError'
      onSaving(isStopped ? 'stopped' : 'failed')
    }
  }
  const said = { no: '', saving: '', saved: words.saved, stopped: words.stopped, failed: words.saveFailed }[saving]
  return (
    <li>
      <div class="file">
        <bdi translate={false} class="name">
          {name}
        </bdi>
        <span class="hint">{size}</span>
        {saving === 'saving' ? (
          <Button onPress={() => abort.current?.abort()}>{words.stop}</Button>
        ) : (
          <Button onPress={save} translate={false} aria-label={words.saveNamed(name)}>
            {words.save}
          </Button>
        )}
      </div>
      {saving === 'saving' && (
        <Progress
          label={words.saving(name)}
          done={done}
          total={file.size}
          text={words.ofTotal(formats.size(done), size)}
        />
      )}
      <p class={saving === 'failed' ? 'error' : 'said'} role="status">
        {said}
      </p>
    </li>
  )
}

interface ConfirmProps {
  count: number
  onConfirm: () => Promise<void>
  onClose: () => void
}

/** Asks before files that aren't saved are lost. */
export function ConfirmUnsaved({ count, onConfirm, onClose }: ConfirmProps) {
  const { words } = usePage()
  return (
    <Dialog title={words.unsavedTitle} closeLabel={words.close} onClose={onClose}>
      <p>{words.unsaved(count)}</p>
      <Button onPress={onConfirm}>{words.anyway}</Button>
    </Dialog>
  )
}
