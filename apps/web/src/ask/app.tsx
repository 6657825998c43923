import { HalfkeyError, type Receipt } from '@halfkey/sdk'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useLeaveWarning } from '../compose/hooks.ts'
import type { Sending } from '../compose/sending.tsx'
import { Frame } from '../ui/frame.tsx'
import { Title } from '../ui/title.tsx'
import { AnswerForm } from './answer-form.tsx'
import { Answered } from './answered.tsx'
import { EMPTY_DRAFT, type Asked, type Draft } from './conversation.ts'
import { mayPass } from './explain.ts'
import { Failure } from './failure.tsx'
import { Help } from './help.tsx'
import { usePage } from './page.ts'
import { findProblems, refusalOf, type Refusal } from './problems.ts'

type State =
  | { at: 'start' }
  | { at: 'asked'; asked: Asked; refusal?: Refusal; sending?: Sending; stopped?: 'before' | 'during' }
  | { at: 'answered'; asked: Asked; receipt: Receipt }
  | { at: 'failure'; error: unknown }

/** `opening` starts before the page is drawn. */
export function App({ opening }: { opening: Promise<Asked> }) {
  const page = usePage()
  const [state, setState] = useState<State>({ at: 'start' })
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT)
  const current = useRef<AbortController>(undefined)
  useLayoutEffect(() => {
    opening.then(
      (asked) => setState({ at: 'asked', asked }),
      (error: unknown) => setState({ at: 'failure', error }),
    )
  }, [opening])
  useReturn(state)
  useLeaveWarning(state.at === 'asked' && (draft.text !== '' || draft.files.length > 0))

  const change = (patch: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...patch }))
    setState((before) => (before.at === 'asked' ? { at: 'asked', asked: before.asked } : before))
  }

  const send = async (asked: Asked): Promise<void> => {
    if (current.current) return
    const stop = new AbortController()
    current.current = stop
    const settle = (next: State): void => {
      current.current = undefined
      setState(next)
    }
    const cancel = (): void => stop.abort()
    const show = (done: number, total: number): void => {
      if (current.current === stop) setState({ at: 'asked', asked, sending: { done, total, cancel } })
    }
    const problems = findProblems(draft, asked.ask.limits)
    if (Object.keys(problems).length > 0) return settle({ at: 'asked', asked, refusal: { problems } })
    show(0, 0)
    try {
      const receipt = await asked.send(draft, show, stop.signal)
      setDraft(EMPTY_DRAFT)
      settle({ at: 'answered', asked, receipt })
    } catch (error) {
      const isIncomplete = asked.isTaken()
      if (error instanceof HalfkeyError && error.code === 'ABORTED')
        return settle({ at: 'asked', asked, stopped: isIncomplete ? 'during' : 'before' })
      settle({ at: 'asked', asked, refusal: { ...(await refusalOf(error, draft)), isIncomplete } })
    }
  }

  return (
    <Frame page={page} footer={<Help />} home="../">
      {state.at === 'start' && (
        <>
          <Title text={page.words.title} />
          <p id="status" role="status">
            {page.words.checking}
          </p>
        </>
      )}
      {state.at === 'asked' && (
        <AnswerForm {...state} draft={draft} onChange={change} onSend={() => send(state.asked)} />
      )}
      {state.at === 'answered' && <Answered {...state} />}
      {state.at === 'failure' && <Failure error={state.error} />}
    </Frame>
  )
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
