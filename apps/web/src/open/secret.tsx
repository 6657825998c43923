import { useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Exact } from '../ui/exact.tsx'
import { finish, type Revealed, type State } from './conversation.ts'
import { explainPassing } from './explain.ts'
import { usePage } from './page.ts'
import { Title } from '../ui/title.tsx'

interface SecretProps {
  revealed: Revealed
  onState: (state: State) => void
}

/** What was revealed, until its reader lets it go. */
export function SecretView({ revealed, onState }: SecretProps) {
  const { words } = usePage()
  const { opened, files, fileParts, isLast, isKept } = revealed
  const [unsaved, setUnsaved] = useState(0)
  const [isAsking, setAsking] = useState(false)
  const [failure, setFailure] = useState<unknown>()

  const letGo = async (): Promise<void> => {
    setAsking(false)
    setFailure(undefined)
    try {
      onState(await finish(revealed))
    } catch (error) {
      setFailure(error)
    }
  }
  const finishLabel = isLast ? words.destroy : words.haveIt
  return (
    <>
      <Title icon="open" text={words.opened} focused />
      {opened.text !== undefined && <Text text={opened.text} isCovered={revealed.covered} />}
      {files.length > opened.files.length && <p id="text">{words.notText}</p>}
      {fileParts && <fileParts.Files files={files} onUnsaved={setUnsaved} />}
      <div class="finish stack">
        <p id="status">{!isKept ? words.notKept : isLast ? words.reloadLast : words.reload}</p>
        {failure !== undefined && (
          <Alert tone="bad">
            <p>{explainPassing(failure, words)}</p>
          </Alert>
        )}
        <Button id="finish" onPress={() => (unsaved > 0 ? setAsking(true) : letGo())}>
          {finishLabel}
        </Button>
      </div>
      {isAsking && fileParts && (
        <fileParts.ConfirmUnsaved count={unsaved} onConfirm={letGo} onClose={() => setAsking(false)} />
      )}
    </>
  )
}

function Text({ text, isCovered }: { text: string; isCovered: boolean }) {
  const { words } = usePage()
  const [covered, setCovered] = useState(isCovered)
  return (
    <div class="stack">
      {covered || text === '' ? (
        <p id="text" class="well">
          {covered ? words.covered : words.empty}
        </p>
      ) : (
        <Exact id="text" class="text" dir="auto" aria-labelledby="title" text={text} />
      )}
      <div class="actions">
        <CopyButton
          words={words}
          text={text}
          shownBy="text"
          kind="primary"
          secret
          onRefused={() => setCovered(false)}
        />
        <Button onPress={() => setCovered(!covered)}>{covered ? words.uncover : words.coverAgain}</Button>
      </div>
    </div>
  )
}
