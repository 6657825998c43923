import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useDocumentEvent } from '../ui/document-event.ts'
import { Frame } from '../ui/frame.tsx'
import { Title } from '../ui/title.tsx'
import { lookAgain, takeBack, type Known } from './conversation.ts'
import { explainFailure, explainStatus, mayPass } from './explain.ts'
import { usePage } from './page.ts'

type State = { at: 'start' } | { at: 'known'; known: Known } | { at: 'failure'; error: unknown }

/** `looking` starts before the page is drawn. */
export function App({ looking }: { looking: Promise<Known> }) {
  const page = usePage()
  const { words } = page
  const [state, setState] = useState<State>({ at: 'start' })
  useLayoutEffect(() => {
    looking.then(
      (known) => setState({ at: 'known', known }),
      (error: unknown) => setState({ at: 'failure', error }),
    )
  }, [looking])
  useEffect(() => {
    if (state.at !== 'failure' || !mayPass(state.error)) return
    const again = (): void => location.reload()
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [state])
  const failure = state.at === 'failure' ? explainFailure(state.error, words) : undefined

  return (
    <Frame page={page} footer={<p>{words.about}</p>} home="../">
      {state.at === 'start' && (
        <>
          <Title text={words.title} />
          <p id="status" role="status">
            {words.checking}
          </p>
        </>
      )}
      {state.at === 'known' && <Receipt known={state.known} onKnown={(known) => setState({ at: 'known', known })} />}
      {state.at === 'failure' && failure && (
        <>
          <Title icon="stop" text={failure.title} />
          <p id="status" role="status">
            {failure.text}
          </p>
          {mayPass(state.error) && (
            <Button kind="primary" onPress={() => location.reload()}>
              {words.retry}
            </Button>
          )}
        </>
      )}
    </Frame>
  )
}

const ICONS = { uploading: 'lock', waiting: 'lock', collected: 'done', expired: 'stop', burned: 'stop' } as const

/** What became of the answer, and until it is opened the way to take it back. */
function Receipt({ known, onKnown }: { known: Known; onKnown: (known: Known) => void }) {
  const page = usePage()
  const { words, formats } = page
  const [isAsking, setAsking] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const { receipt, status, at } = known
  const { title, text } = explainStatus(status, page)
  const isOpen = status.state === 'waiting' || status.state === 'uploading'

  const run = async (call: () => Promise<Known>): Promise<void> => {
    setAsking(false)
    setFailure(undefined)
    try {
      onKnown(await call())
    } catch (error) {
      setFailure(error)
    }
  }
  // Somebody who comes back to the page wants to know how it stands now.
  useDocumentEvent('visibilitychange', () => {
    if (isOpen && document.visibilityState === 'visible') void run(() => lookAgain(receipt))
  })
  return (
    <>
      <Title icon={ICONS[status.state]} text={title} />
      <p id="status" role="status">
        {text}
      </p>
      {failure !== undefined && (
        <Alert tone="bad">
          <p>{explainFailure(failure, words).text}</p>
        </Alert>
      )}
      {isOpen && (
        <>
          <div class="actions">
            <Button kind="primary" onPress={() => run(() => lookAgain(receipt))}>
              {words.refresh}
            </Button>
            <Button onPress={() => setAsking(true)}>{words.takeBack}</Button>
            <p id="checked" class="said">
              {words.checked(formats.time(at))}
            </p>
          </div>
        </>
      )}
      {isAsking && (
        <Dialog title={words.takeBackTitle} closeLabel={words.close} onClose={() => setAsking(false)}>
          <p>{words.takeBackText}</p>
          <Button onPress={() => run(() => takeBack(receipt))}>{words.takeBack}</Button>
        </Dialog>
      )}
    </>
  )
}
