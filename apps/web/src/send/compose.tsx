import type { WireLimits } from '@halfkey/sdk'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { UNTOUCHED } from '../ui/field.tsx'
import { Progress } from '../ui/progress.tsx'
import type { Sending } from './app.tsx'
import type { Draft } from './draft.ts'
import { explainFailure, explainProblem } from './explain.ts'
import { FileList } from './file-list.tsx'
import type { Form } from './form.ts'
import { useDocumentEvent } from '../ui/document-event.ts'
import { useOnline } from './hooks.ts'
import { Expiry, Views } from './lifetime.tsx'
import { More } from './more.tsx'
import { usePage } from './page.ts'
import { PasswordField, StrengthMeter } from './password.tsx'
import type { FieldName, Refusal } from './problems.ts'
import { TokenField } from './token.tsx'

interface ComposeProps {
  draft: Draft
  onChange: (patch: Partial<Draft>) => void
  onFiles: (files: File[]) => void
  limits: WireLimits | undefined
  /** Called when a token was typed. */
  onToken: () => void
  refusal: Refusal | undefined
  sending: Sending | undefined
  isStopped: boolean
  onShare: () => Promise<void>
}

/** Everything that can be shared and chosen, and the button that does it. */
export function Compose({
  draft,
  onChange,
  onFiles,
  limits,
  onToken,
  refusal,
  sending,
  isStopped,
  onShare,
}: ComposeProps) {
  const page = usePage()
  const { words } = page
  const form = useRef<HTMLFormElement>(null)
  const isOnline = useOnline()
  const errorOf = (field: FieldName): string | undefined => {
    const problem = refusal?.problems[field]
    return problem && explainProblem(field, problem, draft, limits, page)
  }
  const all: Form = { draft, change: onChange, addFiles: onFiles, errorOf, limits, isLocked: sending !== undefined }
  useFirstError(form, refusal)

  useDocumentEvent('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !event.isTrusted) return
    event.preventDefault()
    void onShare()
  })
  return (
    <form ref={form} class="compose" noValidate autoComplete="off" onSubmit={(event) => event.preventDefault()}>
      <div class="intro">
        <h1 id="title">{words.title}</h1>
        <p class="hint">{words.lead}</p>
      </div>
      <div class="stack" inert={sending !== undefined}>
        {limits?.anonymous === false && <TokenField form={all} onToken={onToken} isAsked />}
        <SecretText form={all} />
        <FileList form={all} />
        <div class="choices">
          <Expiry form={all} />
          <Views form={all} />
          <PasswordField form={all} />
        </div>
        <StrengthMeter form={all} />
        <More form={all} onToken={onToken} />
      </div>
      {refusal?.error !== undefined && (
        <Alert tone="bad">
          <p>
            {words.notSent} {explainFailure(refusal.error, words)} {words.kept}
          </p>
        </Alert>
      )}
      {!isOnline && refusal?.error === undefined && (
        <Alert tone="note">
          <p role="status">{sending ? words.offlineSending : words.offline}</p>
        </Alert>
      )}
      {sending ? (
        <Sent sending={sending} hasFiles={draft.files.length > 0} />
      ) : (
        <Submit onShare={onShare} isStopped={isStopped} />
      )}
    </form>
  )
}

/** Takes the sender to the first control that is wrong. */
function useFirstError(form: { current: HTMLFormElement | null }, refusal: Refusal | undefined): void {
  const seen = useRef<Refusal>(undefined)
  useEffect(() => {
    const isNew = refusal !== undefined && seen.current === undefined
    seen.current = refusal
    if (isNew) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [refusal])
}

function SecretText({ form: { draft, change, errorOf } }: { form: Form }) {
  const { words } = usePage()
  const error = errorOf('text')
  const area = useRef<HTMLTextAreaElement>(null)
  // As tall as its text, up to a limit of the style sheet's.
  useLayoutEffect(() => {
    const { current } = area
    if (!current) return
    current.style.height = 'auto'
    current.style.height = `${current.scrollHeight + 2}px`
  }, [draft.text])
  return (
    <div class="field">
      <textarea
        ref={area}
        id="text"
        class="secret"
        dir="auto"
        rows={6}
        aria-label={words.text}
        placeholder={words.textPlaceholder}
        value={draft.text}
        onInput={(event) => change({ text: event.currentTarget.value })}
        {...UNTOUCHED}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : 'text-error'}
      />
      <p id="text-error" class="error" role="alert">
        {error}
      </p>
    </div>
  )
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent)

function Submit({ onShare, isStopped }: { onShare: () => Promise<void>; isStopped: boolean }) {
  const { words } = usePage()
  return (
    <div class="actions submit">
      <Button kind="primary" submit id="share" onPress={onShare}>
        {words.create}
      </Button>
      <span class="hint shortcut">{words.shortcut(isApple ? '⌘ ↵' : 'Ctrl ↵')}</span>
      <p id="status" class="said" role="status">
        {isStopped ? words.stopped : ''}
      </p>
    </div>
  )
}

function Sent({ sending: { done, total, cancel }, hasFiles }: { sending: Sending; hasFiles: boolean }) {
  const { words, formats } = usePage()
  return (
    <div class="stack sending">
      <p id="status" role="status">
        {words.sealing}
      </p>
      {hasFiles && total > 0 && (
        <Progress
          label={words.sending}
          done={done}
          total={total}
          text={words.ofTotal(formats.size(done), formats.size(total))}
        />
      )}
      <Button onPress={cancel}>{words.cancel}</Button>
    </div>
  )
}
