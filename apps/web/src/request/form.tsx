import type { WireLimits } from '@halfkey/sdk'
import { useEffect, useRef } from 'preact/hooks'
import { useOnline } from '../compose/hooks.ts'
import { formatDuration } from '../i18n/duration.ts'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { Control, Field } from '../ui/field.tsx'
import { TextArea } from '../ui/text-area.tsx'
import { ANSWERS, sizesWithin, timesWithin, VIEWS, type Draft } from './draft.ts'
import { usePage } from './page.ts'
import { explain, fieldOf, type FieldName } from './problems.ts'

interface FormProps {
  draft: Draft
  onChange: (patch: Partial<Draft>) => void
  /** undefined: not known. */
  limits: WireLimits | undefined
  /** Called when a token was typed. */
  onToken: () => void
  failure: unknown
  isCreating: boolean
  onCreate: () => Promise<void>
}

/** What is asked for, and what the answers may be. */
export function Form({ draft, onChange, limits, onToken, failure, isCreating, onCreate }: FormProps) {
  const { words, formats, language } = usePage()
  const isOnline = useOnline()
  const details = useRef<HTMLDetailsElement>(null)
  const wrong = fieldOf(failure)
  const errorOf = (field: FieldName): string | undefined => (wrong === field ? explain(failure, words) : undefined)
  const asksToken = draft.token !== '' || limits?.requests === false
  useEffect(() => {
    if ((wrong === 'size' || wrong === 'notify') && details.current) details.current.open = true
  }, [wrong])

  const times = timesWithin(limits).map((seconds) => [String(seconds), formatDuration(seconds, language)] as const)
  return (
    <form noValidate autoComplete="off" onSubmit={(event) => event.preventDefault()}>
      <h1 id="title">{words.title}</h1>
      <p class="hint">{words.lead}</p>
      <div class="stack" inert={isCreating}>
        {asksToken && (
          <Field
            id="token"
            label={words.token}
            hint={wrong === 'token' ? words.tokenHint : `${words.tokenAsked} ${words.tokenHint}`}
            error={draft.token === '' && wrong === 'token' ? words.tokenAsked : errorOf('token')}
            value={draft.token}
            onValue={(token) => onChange({ token })}
            onBlur={onToken}
            class="mono masked"
            dir="ltr"
          />
        )}
        <TextArea
          id="note"
          label={words.note}
          hint={words.noteHint}
          error={errorOf('note')}
          rows={4}
          value={draft.note}
          onValue={(note) => onChange({ note })}
        />
        <div class="halves">
          <Choice
            id="until"
            label={words.until}
            error={errorOf('until')}
            value={draft.until}
            options={times}
            onValue={(until) => onChange({ until })}
          />
          <Choice
            id="answers"
            label={words.answers}
            value={draft.answers}
            options={ANSWERS.map((count) => [String(count), formats.number(count)])}
            onValue={(answers) => onChange({ answers })}
          />
        </div>
        <details ref={details} class="more">
          <summary>{words.more}</summary>
          <div class="stack">
            <fieldset class="stack">
              <legend>{words.eachAnswer}</legend>
              <div class="halves">
                <Choice
                  id="views"
                  label={words.views}
                  value={draft.views}
                  options={VIEWS.map((views) => [String(views), words.times(views)])}
                  onValue={(views) => onChange({ views })}
                />
                <Choice
                  id="kept"
                  label={words.keptFor}
                  value={draft.kept}
                  options={times}
                  onValue={(kept) => onChange({ kept })}
                />
              </div>
              {limits?.attachments !== 0 && (
                <label class="check">
                  <input
                    type="checkbox"
                    id="files"
                    checked={draft.takesFiles}
                    onChange={(event) => onChange({ takesFiles: event.currentTarget.checked })}
                  />
                  {words.takesFiles}
                </label>
              )}
              <Choice
                id="size"
                label={words.size}
                error={errorOf('size')}
                value={draft.size}
                options={[
                  ['', words.anySize],
                  ...sizesWithin(limits).map((size) => [String(size), formats.size(size)] as const),
                ]}
                onValue={(size) => onChange({ size })}
              />
            </fieldset>
            <Field
              id="notify"
              type="email"
              label={words.notify}
              hint={limits?.notify === false ? words.notifyUnenforceable : words.notifyHint}
              disabled={limits?.notify === false && draft.notify === ''}
              error={errorOf('notify')}
              value={draft.notify}
              onValue={(notify) => onChange({ notify })}
              dir="ltr"
            />
          </div>
        </details>
      </div>
      {failure !== undefined && wrong === undefined && (
        <Alert tone="bad">
          <p>
            {words.notCreated} {explain(failure, words)}
          </p>
        </Alert>
      )}
      {!isOnline && failure === undefined && (
        <Alert tone="note">
          <p role="status">{words.offline}</p>
        </Alert>
      )}
      <div class="actions">
        <Button kind="primary" submit id="create" aria-disabled={isCreating} onPress={onCreate}>
          {words.create}
        </Button>
        <p id="status" class="said" role="status">
          {isCreating ? words.creating : ''}
        </p>
      </div>
    </form>
  )
}

interface ChoiceProps {
  id: string
  label: string
  error?: string | undefined
  value: string
  /** Value and text. */
  options: readonly (readonly [string, string])[]
  onValue: (value: string) => void
}

function Choice({ id, label, error, value, options, onValue }: ChoiceProps) {
  const isThere = options.some(([each]) => each === value)
  return (
    <Control id={id} label={label} error={error}>
      {(attributes) => (
        <select
          {...attributes}
          value={isThere ? value : options.at(-1)?.[0]}
          onChange={(event) => onValue(event.currentTarget.value)}
        >
          {options.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Control>
  )
}
