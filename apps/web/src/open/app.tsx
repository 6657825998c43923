import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Frame } from '../ui/frame.tsx'
import { mayPass, STARTING, type State } from './conversation.ts'
import { EndView } from './end.tsx'
import { FailureView } from './failure.tsx'
import { Help } from './help.tsx'
import { OfferView } from './offer.tsx'
import { usePage } from './page.ts'
import { SecretView } from './secret.tsx'
import { Title } from '../ui/title.tsx'

/** `beginning` starts before the page is drawn. */
export function App({ beginning }: { beginning: Promise<State> }) {
  const page = usePage()
  const [state, setState] = useState(STARTING)
  useLayoutEffect(() => void beginning.then(setState), [beginning])
  useReturn(state)

  return (
    <Frame page={page} footer={<Help />}>
      {state.escaped && (
        <Alert tone="note" id="escaped">
          <p>{page.words.escaped}</p>
        </Alert>
      )}
      <View state={state} onState={setState} />
    </Frame>
  )
}

/** A secret, wherever it is in its conversation. */
export function View({ state, onState }: { state: State; onState: (state: State) => void }) {
  const { words } = usePage()
  // The focus follows what happens, but for the first view, which takes it from nobody.
  const drawn = useRef(false)
  useEffect(() => {
    drawn.current ||= state.at !== 'start'
  }, [state.at])
  const focused = drawn.current

  switch (state.at) {
    case 'start':
      return (
        <>
          <Title text={words.title} />
          <p id="status" role="status">
            {words.checking}
          </p>
        </>
      )
    case 'offer':
      return <OfferView offer={state} onState={onState} />
    case 'secret':
      return <SecretView revealed={state} onState={onState} />
    case 'end':
      return <EndView {...state} focused={focused} />
    case 'failure':
      return <FailureView {...state} focused={focused} />
  }
}

/** A page that couldn't ask the server for want of a network asks again when there is one. */
function useReturn(state: State): void {
  useEffect(() => {
    if (state.at !== 'failure' || !mayPass(state.error)) return
    const again = (): void => location.reload()
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [state])
}
