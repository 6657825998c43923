import type { WireLimits } from '@halfkey/sdk'
import { useRef } from 'preact/hooks'
import { FileList } from '../compose/file-list.tsx'
import { useFirstError, useOnline } from '../compose/hooks.ts'
import { SecretText } from '../compose/secret-text.tsx'
import { Sent, Submit, type Sending } from '../compose/sending.tsx'
import { Alert } from '../ui/alert.tsx'
import type { Draft } from './draft.ts'
import { explainFailure, explainLimits, explainProblem } from './explain.ts'
import type { Form } from './form.ts'
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
  const all: Form = { draft, change: onChange, errorOf, limits }
  useFirstError(form, refusal)

  return (
    <form ref={form} class="compose" noValidate autoComplete="off" onSubmit={(event) => event.preventDefault()}>
      <div class="intro">
        <h1 id="title">{words.title}</h1>
        <p class="hint">
          {words.lead}
          {limits?.requests === true && (
            <>
              {' '}
              <a href="./request">{words.askInstead}</a>
            </>
          )}
        </p>
      </div>
      <div class="stack" inert={sending !== undefined}>
        {limits?.anonymous === false && <TokenField form={all} onToken={onToken} isAsked />}
        <SecretText text={draft.text} onText={(text) => onChange({ text })} error={errorOf('text')} />
        <FileList
          files={draft.files}
          onAdd={onFiles}
          onChange={(files) => onChange({ files })}
          error={errorOf('files')}
          limit={limits ? explainLimits(limits, page) : ''}
          takesNone={limits?.attachments === 0}
          isLocked={sending !== undefined}
        />
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
        <Submit id="share" label={words.create} said={isStopped ? words.stopped : ''} onSubmit={onShare} />
      )}
    </form>
  )
}
