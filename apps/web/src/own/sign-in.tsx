import { useRef, useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Title } from '../ui/title.tsx'
import { explain } from './explain.ts'
import { usePage } from './page.ts'
import { signIn, WrongEntry, type Ending, type Session } from './session.ts'

interface SignInProps {
  /** Why somebody who worked here doesn't any more. */
  ending: Ending | undefined
  onSession: (session: Session) => void
}

export function SignIn({ ending, onSession }: SignInProps) {
  const { words } = usePage()
  const form = useRef<HTMLFormElement>(null)
  const [token, setToken] = useState('')
  const [key, setKey] = useState('')
  const [forLong, setForLong] = useState(false)
  const [isTrying, setTrying] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const wrong = failure instanceof WrongEntry ? failure : undefined

  const enter = async (): Promise<void> => {
    if (!form.current?.reportValidity()) return
    setFailure(undefined)
    setTrying(true)
    try {
      onSession(await signIn(token.trim(), key.trim(), forLong))
    } catch (error) {
      setFailure(error)
      setTrying(false)
    }
  }
  const errorOf = (field: WrongEntry['field']): string | undefined => {
    if (wrong?.field !== field) return undefined
    return wrong.isMalformed ? words.malformed[field] : words.wrong[field]
  }
  return (
    <>
      <Title text={words.title} focused={ending !== undefined} />
      {ending !== undefined && (
        <Alert tone={ending === 'refused' ? 'bad' : 'good'}>
          <p role="status">{words.ended[ending]}</p>
        </Alert>
      )}
      <p>{words.intro}</p>
      <form ref={form} class="narrow" onSubmit={(event) => event.preventDefault()}>
        <Field
          id="token"
          type="password"
          label={words.token}
          hint={words.tokenHint}
          error={errorOf('token')}
          value={token}
          onValue={setToken}
          required
        />
        <Field
          id="workspace-key"
          type="password"
          label={words.workspaceKey}
          hint={words.workspaceKeyHint}
          error={errorOf('workspaceKey')}
          value={key}
          onValue={setKey}
        />
        <label class="check">
          <input type="checkbox" checked={forLong} onChange={(event) => setForLong(event.currentTarget.checked)} />
          {words.keep}
        </label>
        {failure !== undefined && !wrong && (
          <Alert tone="bad">
            <p>{explain(failure, words)}</p>
          </Alert>
        )}
        <div class="actions">
          <Button kind="primary" submit aria-disabled={isTrying} onPress={enter}>
            {words.enter}
          </Button>
          <p class="said" role="status">
            {isTrying ? words.entering : ''}
          </p>
        </div>
      </form>
    </>
  )
}
