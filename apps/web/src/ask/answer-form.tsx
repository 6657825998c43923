import { useRef } from 'preact/hooks'
import { FileList } from '../compose/file-list.tsx'
import { withFreeNames } from '../compose/files.ts'
import { useFirstError, useOnline } from '../compose/hooks.ts'
import { SecretText } from '../compose/secret-text.tsx'
import { Sent, Submit, type Sending } from '../compose/sending.tsx'
import { plainSize } from '../compose/sizes.ts'
import { Alert } from '../ui/alert.tsx'
import { Title } from '../ui/title.tsx'
import type { Asked, Draft } from './conversation.ts'
import { explain } from './explain.ts'
import { usePage } from './page.ts'
import type { Refusal } from './problems.ts'
import { RequestFacts } from './request-facts.tsx'

interface AnswerFormProps {
  asked: Asked
  draft: Draft
  onChange: (patch: Partial<Draft>) => void
  onSend: () => Promise<void>
  refusal?: Refusal
  sending?: Sending
  /** Cancelled, before the server had taken the answer or while it took its files. */
  stopped?: 'before' | 'during'
}

/** The request, and what is sent for it. */
export function AnswerForm({ asked: { ask }, draft, onChange, onSend, refusal, sending, stopped }: AnswerFormProps) {
  const page = usePage()
  const { words, formats } = page
  const form = useRef<HTMLFormElement>(null)
  const isOnline = useOnline()
  useFirstError(form, refusal)
  const { maximumFiles, maximumBytes } = ask.limits
  const limit =
    maximumFiles === 0
      ? words.noFiles
      : words.filesLimit(formats.number(maximumFiles), formats.size(plainSize(maximumBytes)))
  const { text, files } = refusal?.problems ?? {}
  const textError = text && { missing: words.nothing, exceeded: words.textExceeded }[text.kind as string]
  const filesError =
    files && (files.kind === 'unreadable' ? words.unreadable(files.names?.join(', ') ?? '') : undefined)
  return (
    <>
      <Title text={words.title} />
      <RequestFacts ask={ask} />
      <form ref={form} class="compose" noValidate autoComplete="off" onSubmit={(event) => event.preventDefault()}>
        <h2>{words.yourAnswer}</h2>
        <div class="stack" inert={sending !== undefined}>
          <SecretText
            text={draft.text}
            onText={(typed) => onChange({ text: typed })}
            error={text && (textError ?? words.textWrong)}
          />
          <FileList
            files={draft.files}
            onAdd={(added) => onChange({ files: [...draft.files, ...withFreeNames(added, draft.files)] })}
            onChange={(left) => onChange({ files: left })}
            error={files && (filesError ?? (files.kind === 'exceeded' ? words.filesExceeded(limit) : words.filesWrong))}
            limit={limit}
            takesNone={maximumFiles === 0}
            isLocked={sending !== undefined}
          />
        </div>
        {refusal?.error !== undefined && (
          <Alert tone="bad">
            <p>
              {words.notSent} {explain(refusal.error, page, words.offline).text} {words.kept}
            </p>
            {refusal.isIncomplete === true && <p>{words.incomplete}</p>}
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
          <Submit
            id="send"
            label={words.send}
            said={stopped === undefined ? '' : stopped === 'before' ? words.stopped : words.stoppedUpload}
            onSubmit={onSend}
          />
        )}
      </form>
    </>
  )
}
