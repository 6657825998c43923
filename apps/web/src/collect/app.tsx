import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { Help } from '../open/help.tsx'
import { mayPass } from '../open/conversation.ts'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Frame } from '../ui/frame.tsx'
import { Title } from '../ui/title.tsx'
import { Answers } from './answers.tsx'
import { openLink, STARTING, type State } from './conversation.ts'
import { explainRequest, isLinkError } from './explain.ts'
import { usePage } from './page.ts'
import { RequestView } from './request.tsx'

/** `beginning` starts before the page is drawn. */
export function App({ beginning }: { beginning: Promise<State> }) {
  const page = usePage()
  const [state, setState] = useState(STARTING)
  useLayoutEffect(() => void beginning.then(setState), [beginning])

  return (
    <Frame page={page} footer={<Help />} home="../">
      {state.escaped && (
        <Alert tone="note" id="escaped">
          <p>{page.words.escaped}</p>
        </Alert>
      )}
      <View state={state} onState={setState} />
    </Frame>
  )
}

function View({ state, onState }: { state: State; onState: (state: State) => void }) {
  const { words } = usePage()
  switch (state.at) {
    case 'start':
      return (
        <>
          <Title text={words.collect.title} />
          <p id="status" role="status">
            {words.collect.checking}
          </p>
        </>
      )
    case 'collecting':
      return (
        <Answers collect={state.collect} first={state.first}>
          {({ details }, again) => <RequestView collect={state.collect} details={details} onChanged={again} />}
        </Answers>
      )
    case 'failure':
      return <FailureView error={state.error} onState={onState} />
  }
}

/** Why the answers can't be had. */
function FailureView({ error, onState }: { error: unknown; onState: (state: State) => void }) {
  const page = usePage()
  const { title, text } = explainRequest(error, page)
  const again = (): void => location.reload()
  const isPassing = mayPass(error)
  useEffect(() => {
    if (!isPassing) return
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [isPassing])
  return (
    <>
      <Title icon="stop" text={title} />
      <p id="status" role="status">
        {text}
      </p>
      {isPassing && (
        <Button kind="primary" onPress={again}>
          {page.words.retry}
        </Button>
      )}
      {isLinkError(error) && <Paste onState={onState} />}
    </>
  )
}

/** For whoever kept the link, and lost what stood behind its #. */
function Paste({ onState }: { onState: (state: State) => void }) {
  const { words } = usePage()
  const [link, setLink] = useState('')
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <Field id="link" label={words.collect.wholeLink} value={link} onValue={setLink} dir="ltr" />
      <div class="actions">
        <Button kind="primary" submit onPress={async () => onState(await openLink(link))}>
          {words.collect.useLink}
        </Button>
      </div>
    </form>
  )
}
