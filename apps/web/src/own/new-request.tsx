/** Asking somebody for a secret. */
import type { SharedRequest } from '@halfkey/sdk'
import { useEffect, useRef, useState } from 'preact/hooks'
import { workerKem } from '../kem/kem.ts'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Exact } from '../ui/exact.tsx'
import { Field } from '../ui/field.tsx'
import { ahead, SHORT } from './durations.ts'
import { concernsField, explain } from './explain.ts'
import { useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { ActionForm, Choice, Lines } from './pieces.tsx'

const WEEK = String(7 * 86_400)
const MEGABYTE = 1_000_000

const hoursOf = (seconds: string): number => Number(seconds) / 3600
const numberOf = (text: string): number | undefined => (text === '' ? undefined : Number(text))

export function NewRequest({ onMade }: { onMade: (made: SharedRequest) => void }) {
  const { words, formats } = usePage()
  const { client, hasKey } = useOwner()
  const [message, setMessage] = useState('')
  const [description, setDescription] = useState('')
  const [answers, setAnswers] = useState('1')
  const [expiresIn, setExpiresIn] = useState(WEEK)
  const [views, setViews] = useState('1')
  const [keptFor, setKeptFor] = useState(WEEK)
  const [files, setFiles] = useState('')
  const [megabytes, setMegabytes] = useState('')
  const [notify, setNotify] = useState('')
  const [keepSeed, setKeepSeed] = useState(true)
  const w = words.requests
  const lengths = ahead(SHORT, formats)

  const make = async (): Promise<void> => {
    const maxMegabytes = numberOf(megabytes)
    onMade(
      await client.createRequest({
        message: message === '' ? undefined : message,
        description: description === '' ? undefined : description,
        answers: Number(answers),
        hours: hoursOf(expiresIn),
        answer: {
          views: Number(views),
          hours: hoursOf(keptFor),
          maxFiles: numberOf(files),
          maxBytes: maxMegabytes === undefined ? undefined : Math.round(maxMegabytes * MEGABYTE),
        },
        notify: notify === '' ? undefined : notify.trim(),
        keepSeed: hasKey ? keepSeed : undefined,
        kem: workerKem,
      }),
    )
    setMessage('')
    setDescription('')
  }
  const explained = (error: unknown): string => (concernsField(error, 'notify') ? w.notifyWrong : explain(error, words))
  return (
    <section class="stack" aria-labelledby="new-title">
      <h2 id="new-title">{w.new}</h2>
      <p>{w.newText}</p>
      <ActionForm label={w.make} act={make} onDone={() => undefined} explained={explained}>
        <Lines id="message" label={w.message} hint={w.messageHint} value={message} onValue={setMessage} />
        {hasKey && (
          <Field
            id="description"
            label={w.description}
            hint={w.descriptionHint}
            value={description}
            onValue={setDescription}
            dir="auto"
          />
        )}
        <Count id="answers" label={w.answersTaken} most={100} value={answers} onValue={setAnswers} required />
        <Choice id="expires-in" label={words.expiresAt} value={expiresIn} options={lengths} onValue={setExpiresIn} />
        <details>
          <summary>{w.eachAnswer}</summary>
          <div class="stack limits">
            <Count id="answer-views" label={w.openings} most={10} value={views} onValue={setViews} required />
            <Choice id="kept-for" label={words.expiresAt} value={keptFor} options={lengths} onValue={setKeptFor} />
            <Count id="max-files" label={w.maxFiles} least={0} most={100} value={files} onValue={setFiles} />
            <Count id="max-size" label={w.maxMegabytes} most={1_000_000} value={megabytes} onValue={setMegabytes} />
          </div>
        </details>
        <Field
          id="notify"
          type="email"
          label={w.notify}
          hint={w.notifyHint}
          value={notify}
          onValue={setNotify}
          dir="ltr"
        />
        {hasKey && (
          <label class="check">
            <input type="checkbox" checked={keepSeed} onChange={(event) => setKeepSeed(event.currentTarget.checked)} />
            <span>{w.keepSeed}</span>
          </label>
        )}
      </ActionForm>
    </section>
  )
}

interface CountProps {
  id: string
  label: string
  least?: number
  most: number
  value: string
  onValue: (value: string) => void
  required?: boolean
}

/** A whole number. Empty: as the server has it. */
function Count({ least = 1, most, required = false, ...field }: CountProps) {
  const { words, formats } = usePage()
  const range = words.fromTo(formats.number(least), formats.number(most))
  const hint = required ? range : `${range} ${words.requests.emptyIsDefault}`
  return <Field {...field} type="number" inputMode="numeric" hint={hint} min={least} max={most} required={required} />
}

/** Both links of a request that was just made. Without the workspace key's copy, the second exists nowhere else. */
export function NewLinks({ made, onClose }: { made: SharedRequest; onClose: () => void }) {
  const { words } = usePage()
  const w = words.requests
  // The form that made it may be far below.
  const shown = useRef<HTMLDivElement>(null)
  useEffect(() => shown.current?.focus(), [made])
  return (
    <Alert tone="good">
      <div ref={shown} class="stack" tabIndex={-1}>
        <p role="status">{w.madeText}</p>
        <Link id="ask-link" label={w.askLink} link={made.askUrl} />
        <Link id="collect-link" label={w.collectLink} link={made.collectUrl} />
        <div class="actions">
          <Button onPress={onClose}>{words.haveIt}</Button>
        </div>
      </div>
    </Alert>
  )
}

function Link({ id, label, link }: { id: string; label: string; link: string }) {
  const { words } = usePage()
  return (
    <>
      <h2 id={`${id}-title`}>{label}</h2>
      <Exact id={id} class="once" dir="ltr" aria-labelledby={`${id}-title`} text={link} />
      <div class="actions">
        <CopyButton words={words} text={link} shownBy={id} kind="primary" secret />
      </div>
    </>
  )
}
