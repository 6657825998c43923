/** The answers to a request as they come, each opened as on the page at /SLUG. */
import type { Answer, Collect } from '@halfkey/sdk'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { View } from '../open/app.tsx'
import { STARTING, type State } from '../open/conversation.ts'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { offer, uploading, type Seen } from './conversation.ts'
import { useCurrent } from './current.ts'
import { explainWatching } from './explain.ts'
import { usePage } from './page.ts'
import { AnswerRow } from './row.tsx'
import { useWatch } from './watch.ts'

type States = ReadonlyMap<string, State>

interface AnswersProps {
  collect: Collect
  first: Seen
  /** What stands above the list. `again` looks at the server at once. */
  children: (seen: Seen, again: () => void) => ComponentChildren
}

export function Answers({ collect, first, children }: AnswersProps) {
  const { seen, error, again } = useWatch(collect, first)
  const [states, setStates] = useState<States>(new Map())
  const { current, go, back } = useCurrent()
  const news = useNews(seen)
  const isOpen = seen.answers.some(({ slug }) => slug === current)
  useReturn(isOpen ? current : undefined)

  const setState = (slug: string, state: State): void => {
    setStates((before) => new Map(before).set(slug, state))
    if (state.at === 'secret' || state.at === 'end') again()
  }
  useEffect(() => {
    const answer = seen.answers.find(({ slug }) => slug === current)
    const known = current === undefined ? undefined : states.get(current)
    if (!answer || (known && known.at !== 'failure')) return
    setState(answer.slug, STARTING)
    void offer(answer).then((state) => setState(answer.slug, state))
  }, [current])

  return (
    <>
      {isOpen && current !== undefined ? (
        <Opened
          key={current}
          state={states.get(current) ?? STARTING}
          onState={(state) => setState(current, state)}
          onBack={back}
        />
      ) : (
        <>
          {children(seen, again)}
          <List seen={seen} states={states} onOpen={({ slug }) => go(slug)} />
        </>
      )}
      <Watching error={error} news={news} />
    </>
  )
}

/** The sentence of the newest arrival, which screen readers say; none for what was there at first. */
function useNews({ answers: { length: count } }: Seen): string {
  const { words } = usePage()
  const first = useRef(count)
  return count > first.current ? words.collect.arrived(count) : ''
}

/** The focus goes back to the answer that was looked at. */
function useReturn(open: string | undefined): void {
  const last = useRef(open)
  useLayoutEffect(() => {
    if (open === undefined && last.current !== undefined) document.getElementById(`answer-${last.current}`)?.focus()
    last.current = open
  }, [open])
}

function Opened({ state, onState, onBack }: { state: State; onState: (state: State) => void; onBack: () => void }) {
  const { words } = usePage()
  useLayoutEffect(() => document.getElementById('title')?.focus(), [state.at])
  return (
    <>
      <p class="back">
        <Button kind="quiet" onPress={onBack}>
          {words.collect.back}
        </Button>
      </p>
      <View state={state} onState={onState} />
    </>
  )
}

function List({ seen, states, onOpen }: { seen: Seen; states: States; onOpen: (answer: Answer) => void }) {
  const { words } = usePage()
  const { details, answers } = seen
  const uploads = uploading(seen)
  const none = details.status === 'open' || uploads > 0 ? words.collect.noneYet : words.collect.none
  return (
    <section class="stack" aria-labelledby="answers-title">
      <h2 id="answers-title">{words.collect.answers}</h2>
      {answers.length === 0 && <p>{none}</p>}
      <ol class="answers">
        {answers.map((answer, index) => (
          <AnswerRow
            key={answer.slug}
            answer={answer}
            number={index + 1}
            state={states.get(answer.slug)}
            onOpen={() => onOpen(answer)}
          />
        ))}
      </ol>
      {uploads > 0 && <p class="hint">{words.collect.uploading(uploads)}</p>}
    </section>
  )
}

function Watching({ error, news }: { error: unknown; news: string }) {
  const page = usePage()
  return (
    <>
      <p id="news" role="status" class="said">
        {news}
      </p>
      {error !== undefined && (
        <Alert tone="note">
          <p id="watching">{explainWatching(error, page)}</p>
        </Alert>
      )}
    </>
  )
}
