import type { Collect, RequestDetails } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { explainPassing } from '../open/explain.ts'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Exact } from '../ui/exact.tsx'
import { Title } from '../ui/title.tsx'
import { usePage } from './page.ts'

interface RequestProps {
  collect: Collect
  details: RequestDetails
  /** Called once the request was withdrawn. */
  onChanged: () => void
}

/** What was asked for, until when, and what the asker may do about it. */
export function RequestView({ collect, details, onChanged }: RequestProps) {
  const { words, formats } = usePage()
  const { status, message, expiration, endedAt, answersLeft, maximumAnswers } = details
  const w = words.collect
  const isOpen = status === 'open'
  return (
    <>
      <Title icon={isOpen ? 'lock' : 'done'} text={w.title} />
      {message !== undefined && message !== '' && (
        <figure class="message">
          <figcaption>{w.asked}</figcaption>
          <blockquote id="note-text" dir="auto" translate={false}>
            {message}
          </blockquote>
        </figure>
      )}
      <dl class="facts">
        <dt>{w.state}</dt>
        <dd id="status">{w.states[status]}</dd>
        <dt>{isOpen ? w.until : w.ended}</dt>
        <dd>{words.moment(...momentOf(isOpen ? expiration : (endedAt ?? expiration), formats))}</dd>
        {isOpen && (
          <>
            <dt>{w.places}</dt>
            <dd>{w.placesOf(formats.number(answersLeft), formats.number(maximumAnswers))}</dd>
          </>
        )}
      </dl>
      <Links collect={collect} isOpen={isOpen} />
      {isOpen && <Withdraw collect={collect} onDone={onChanged} />}
    </>
  )
}

const momentOf = (at: Date, formats: ReturnType<typeof usePage>['formats']): [string, string] => [
  formats.moment(at),
  formats.relative(at),
]

/** The address bar no longer has the collect link, and the ask link may have to be sent again. */
function Links({ collect, isOpen }: { collect: Collect; isOpen: boolean }) {
  const { words } = usePage()
  const w = words.collect
  return (
    <details>
      <summary>{w.links}</summary>
      <div class="stack links">
        {isOpen && <Link id="ask-link" label={w.askLink} hint={w.askLinkHint} link={collect.askUrl} />}
        <Link id="collect-link" label={w.collectLink} hint={w.collectLinkHint} link={collect.collectUrl} />
      </div>
    </details>
  )
}

function Link({ id, label, hint, link }: { id: string; label: string; hint: string; link: string }) {
  const { words } = usePage()
  return (
    <div class="stack">
      <h2 id={`${id}-title`}>{label}</h2>
      <p class="hint">{hint}</p>
      <Exact id={id} dir="ltr" aria-labelledby={`${id}-title`} text={link} />
      <div class="actions">
        <CopyButton words={words} text={link} shownBy={id} secret />
      </div>
    </div>
  )
}

function Withdraw({ collect, onDone }: { collect: Collect; onDone: () => void }) {
  const { words } = usePage()
  const w = words.collect
  const [isAsking, setAsking] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const withdraw = async (): Promise<void> => {
    setFailure(undefined)
    try {
      await collect.withdraw()
      setAsking(false)
      onDone()
    } catch (error) {
      setFailure(error)
    }
  }
  return (
    <div class="actions">
      <Button onPress={() => setAsking(true)}>{w.withdraw}</Button>
      {isAsking && (
        <Dialog title={w.withdrawTitle} closeLabel={w.cancel} onClose={() => setAsking(false)}>
          <p>{w.withdrawText}</p>
          {failure !== undefined && (
            <Alert tone="bad">
              <p>{explainPassing(failure, words)}</p>
            </Alert>
          )}
          <Button kind="primary" onPress={withdraw}>
            {w.withdraw}
          </Button>
        </Dialog>
      )}
    </div>
  )
}
