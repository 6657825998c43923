import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { Frame } from '../ui/frame.tsx'
import { Title } from '../ui/title.tsx'
import { explain } from './explain.ts'
import { OwnerContext } from './owner.ts'
import { usePage } from './page.ts'
import { end, onForgotten, type Ending, type Session } from './session.ts'
import { Shell } from './shell.tsx'
import { SignIn } from './sign-in.tsx'

type State =
  | { at: 'start' }
  | { at: 'nobody'; ending?: Ending }
  | { at: 'owner'; session: Session; isNew: boolean }
  | { at: 'failure'; error: unknown }

/** `resumed` starts before the page is drawn. */
export function App({ resumed }: { resumed: Promise<Session | Ending | undefined> }) {
  const page = usePage()
  const [state, setState] = useState<State>({ at: 'start' })
  useLayoutEffect(() => {
    resumed.then(
      (found) => {
        if (found === undefined) setState({ at: 'nobody' })
        else if (typeof found === 'string') setState({ at: 'nobody', ending: found })
        else setState({ at: 'owner', session: found, isNew: false })
      },
      (error: unknown) => setState({ at: 'failure', error }),
    )
  }, [resumed])

  return (
    <Frame page={page} footer={<p class="help">{page.words.help}</p>}>
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
          <Title text={words.title} />
          <p role="status">{words.loading}</p>
        </>
      )
    case 'nobody':
      return globalThis.isSecureContext ? (
        <SignIn ending={state.ending} onSession={(session) => onState({ at: 'owner', session, isNew: true })} />
      ) : (
        <>
          <Title text={words.title} />
          <p role="status">{words.insecure}</p>
        </>
      )
    case 'owner':
      return <Signed {...state} onEnd={(ending) => onState({ at: 'nobody', ending })} />
    case 'failure':
      return <Failed error={state.error} />
  }
}

interface SignedProps {
  session: Session
  /** Somebody has just signed in: the focus goes where their way goes on. */
  isNew: boolean
  onEnd: (ending: Ending) => void
}

function Signed({ session, isNew, onEnd }: SignedProps) {
  const leave = async (ending: Ending): Promise<void> => {
    await end(session)
    onEnd(ending)
  }
  useEffect(() => (session.keeping === 'browser' ? onForgotten(() => onEnd('forgotten')) : undefined), [session])
  return (
    <OwnerContext.Provider value={{ ...session, leave }}>
      <Shell focused={isNew} />
    </OwnerContext.Provider>
  )
}

/** What was kept couldn't be tried; it still is kept. */
function Failed({ error }: { error: unknown }) {
  const { words } = usePage()
  const again = (): void => location.reload()
  useEffect(() => {
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [])
  return (
    <>
      <Title text={words.title} />
      <Alert tone="bad">
        <p>{explain(error, words)}</p>
      </Alert>
      <Button kind="primary" onPress={again}>
        {words.retry}
      </Button>
    </>
  )
}
