/** Small things that several parts show. */
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Pagination } from '@halfkey/sdk'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Exact } from '../ui/exact.tsx'
import { Control, type ControlProps } from '../ui/field.tsx'
import { Failure } from './loaded.tsx'
import { useAction } from './owner.ts'
import { usePage } from './page.ts'

/** A day and time, with how far off that is. */
export function Moment({ at }: { at: Date }) {
  const { words, formats } = usePage()
  return <time dateTime={at.toISOString()}>{words.moment(formats.moment(at), formats.relative(at))}</time>
}

/** How far off a day and time is, which itself shows to who points at it. */
export function Ago({ at }: { at: Date }) {
  const { formats } = usePage()
  return (
    <time dateTime={at.toISOString()} title={formats.moment(at)}>
      {formats.relative(at)}
    </time>
  )
}

export function Facts({ facts }: { facts: readonly (readonly [label: string, value: ComponentChildren] | false)[] }) {
  return (
    <dl class="known">
      {facts.map(
        (fact, index) =>
          fact && (
            <div key={index}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

export type Tone = 'good' | 'bad' | 'plain'

export function Chip({ tone, text }: { tone: Tone; text: string }) {
  return <span class={`chip ${tone}`}>{text}</span>
}

interface ChoiceProps<T extends string> extends ControlProps {
  value: T
  options: readonly (readonly [value: T, label: string])[]
  onValue: (value: T) => void
}

export function Choice<T extends string>({ value, options, onValue, ...control }: ChoiceProps<T>) {
  return (
    <Control {...control}>
      {(attributes) => (
        <select {...attributes} value={value} onChange={(event) => onValue(event.currentTarget.value as T)}>
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Control>
  )
}

interface LinesProps extends ControlProps {
  value: string
  onValue: (value: string) => void
  rows?: number
  required?: boolean
}

/** A text of several lines. */
export function Lines({ value, onValue, rows = 4, required = false, ...control }: LinesProps) {
  return (
    <Control {...control}>
      {(attributes) => (
        <textarea
          {...attributes}
          dir="auto"
          rows={rows}
          required={required}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Control>
  )
}

interface StepsProps {
  labels: readonly [back: string, forth: string]
  /** undefined: there is nothing in that direction. */
  onBack: (() => void) | undefined
  onForth: (() => void) | undefined
  children?: ComponentChildren
}

/** From one page of a list to the next. The buttons stay, so that the focus does. */
export function Steps({ labels: [back, forth], onBack, onForth, children }: StepsProps) {
  return (
    <div class="pager">
      <Button aria-disabled={!onBack} onPress={() => onBack?.()}>
        {back}
      </Button>
      {children}
      <Button aria-disabled={!onForth} onPress={() => onForth?.()}>
        {forth}
      </Button>
    </div>
  )
}

export function Pager({ pagination, onPage }: { pagination: Pagination; onPage: (page: number) => void }) {
  const { words, formats } = usePage()
  const { currentPage, lastPage, total } = pagination
  return (
    <Steps
      labels={[words.previous, words.next]}
      onBack={currentPage > 1 ? () => onPage(currentPage - 1) : undefined}
      onForth={currentPage < lastPage ? () => onPage(currentPage + 1) : undefined}
    >
      <p class="hint" role="status">
        {words.pageOf(formats.number(currentPage), formats.number(lastPage), formats.number(total))}
      </p>
    </Steps>
  )
}

interface ConfirmProps {
  title: string
  text: string
  /** What the button that does it says. */
  label: string
  act: () => Promise<void>
  onDone: () => void
  onClose: () => void
  /** Said instead of what the failure's code says. */
  explained?: ((error: unknown) => string) | undefined
  /** A choice to make before. */
  children?: ComponentChildren
}

/** Asks once more before something that can't be undone. */
export function Confirm({ title, text, label, act, onDone, onClose, explained, children }: ConfirmProps) {
  const { words } = usePage()
  const { failure, run } = useAction()
  const confirm = async (): Promise<void> => {
    if (await run(act)) onDone()
  }
  return (
    <Dialog title={title} closeLabel={words.cancel} onClose={onClose}>
      <p>{text}</p>
      {children}
      <Failure error={failure} text={failure === undefined ? undefined : explained?.(failure)} />
      <Button kind="primary" onPress={confirm}>
        {label}
      </Button>
    </Dialog>
  )
}

interface AskingProps {
  /** What the button says that asks. */
  label: string
  /** Said by screen readers instead of `label`, where several buttons say that. */
  fullLabel?: string
  title: string
  text: string
  act: () => Promise<void>
  onDone: () => void
  /** Said instead of what the failure's code says. */
  explained?: (error: unknown) => string
}

/** A button that asks once more. */
export function AskingButton({ label, fullLabel, title, text, act, onDone, explained }: AskingProps) {
  const [isAsking, setAsking] = useState(false)
  const done = (): void => {
    setAsking(false)
    onDone()
  }
  return (
    <>
      <Button aria-label={fullLabel} onPress={() => setAsking(true)}>
        {label}
      </Button>
      {isAsking && (
        <Confirm {...{ title, text, label, act, explained }} onDone={done} onClose={() => setAsking(false)} />
      )}
    </>
  )
}

interface FormProps {
  children: ComponentChildren
  label: string
  /** Runs only if the browser finds every field right. */
  act: () => Promise<void>
  onDone: () => void
  /** Said instead of what the failure's code says. */
  explained?: (error: unknown) => string | undefined
  /** One field, with its button beside it. */
  inline?: boolean
}

/** Fields, and the button that does something with them. */
export function ActionForm({ children, label, act, onDone, explained, inline = false }: FormProps) {
  const form = useRef<HTMLFormElement>(null)
  const { failure, run } = useAction()
  const submit = async (): Promise<void> => {
    if (form.current?.reportValidity() && (await run(act))) onDone()
  }
  return (
    <form ref={form} class={inline ? 'inline' : undefined} onSubmit={(event) => event.preventDefault()}>
      {children}
      <Failure error={failure} text={failure === undefined ? undefined : explained?.(failure)} />
      <div class="actions">
        <Button kind={inline ? 'plain' : 'primary'} submit onPress={submit}>
          {label}
        </Button>
      </div>
    </form>
  )
}

/** What the server shows this one time. */
export function ShownOnce({
  id,
  text,
  secret,
  onClose,
}: {
  id: string
  text: string
  secret: string
  onClose: () => void
}) {
  const { words } = usePage()
  return (
    <Alert tone="good">
      <div class="stack">
        <p role="status">{text}</p>
        <Exact id={id} class="once" dir="ltr" aria-label={words.shownOnce} text={secret} />
        <div class="actions">
          <CopyButton words={words} text={secret} shownBy={id} kind="primary" secret />
          <Button onPress={onClose}>{words.haveIt}</Button>
        </div>
      </div>
    </Alert>
  )
}

/** Comma, white space or line between entries. */
export const entriesOf = (text: string): string[] => text.split(/[\s,،、]+/).filter((entry) => entry !== '')
