import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Control, Field } from '../ui/field.tsx'
import { listCountries } from './countries.ts'
import type { Form } from './form.ts'
import { CodeFields } from './code-fields.tsx'
import { usePage } from './page.ts'
import type { FieldName } from './problems.ts'
import { TextArea } from '../ui/text-area.tsx'
import { TokenField } from './token.tsx'

interface MoreProps {
  form: Form
  onToken: () => void
}

const INSIDE: FieldName[] = [
  'note',
  'otp',
  'networks',
  'countries',
  'captcha',
  'attempts',
  'notify',
  'token',
  'workspaceKey',
  'description',
]

/** What few secrets need: folded away, and unfolded by whoever asks or when something in it is wrong. */
export function More({ form, onToken }: MoreProps) {
  const { words } = usePage()
  const [isOpen, setOpen] = useState(false)
  const details = useRef<HTMLDetailsElement>(null)
  // Where a token is asked for, its field stands above.
  const isInside = (field: FieldName): boolean => field !== 'token' || form.limits?.anonymous !== false
  const isWrong = INSIDE.some((field) => isInside(field) && form.errorOf(field) !== undefined)
  useEffect(() => {
    if (isWrong && details.current) details.current.open = true
  }, [isWrong])
  const { draft, change, errorOf, limits } = form
  const needsToken = draft.token === '' ? ` ${words.needsToken}` : ''
  const hint = limits?.notify === false ? words.notifyUnenforceable + needsToken : words.notifyHint
  return (
    <details ref={details} class="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.more}</summary>
      {(isOpen || isWrong) && (
        <div class="stack">
          <TextArea
            id="note"
            label={words.note}
            hint={words.noteHint}
            error={errorOf('note')}
            value={draft.note}
            onValue={(note) => change({ note })}
          />
          <fieldset class="stack">
            <legend>{words.whoTitle}</legend>
            <CodeFields form={form} />
            <TextArea
              id="networks"
              label={words.networks}
              hint={words.networksHint}
              error={errorOf('networks')}
              value={draft.networks}
              onValue={(networks) => change({ networks })}
              dir="ltr"
            />
            <Countries form={form} />
            <label class="check">
              <input
                type="checkbox"
                id="captcha"
                checked={draft.captcha}
                aria-invalid={errorOf('captcha') !== undefined}
                onChange={(event) => change({ captcha: event.currentTarget.checked })}
              />
              {words.captcha}
            </label>
            {errorOf('captcha') !== undefined && (
              <p class="error" role="alert">
                {errorOf('captcha')}
              </p>
            )}
          </fieldset>
          <Lockout form={form} />
          <Field
            id="notify"
            type="email"
            label={words.notify}
            hint={hint}
            disabled={limits?.notify === false && draft.notify === ''}
            error={errorOf('notify')}
            value={draft.notify}
            onValue={(notify) => change({ notify })}
            dir="ltr"
          />
          <Account form={form} onToken={onToken} />
        </div>
      )}
    </details>
  )
}

function Countries({ form: { draft, change, errorOf, limits } }: { form: Form }) {
  const { words, language } = usePage()
  const countries = useMemo(() => listCountries(language), [language])
  const [chosen, setChosen] = useState('')
  const error = errorOf('countries')
  const chosenCountries = countries.filter(({ code }) => draft.countries.includes(code))
  const add = (): void => {
    if (chosen === '') return
    change({ countries: [...draft.countries, chosen] })
    setChosen('')
  }
  return (
    <>
      <Control
        id="countries"
        label={words.countries}
        hint={limits?.geolocation === false ? words.countriesUnenforceable : undefined}
        error={error}
      >
        {(attributes) => (
          <div class="pair">
            <select
              {...attributes}
              disabled={limits?.geolocation === false}
              value={chosen}
              onChange={(event) => setChosen(event.currentTarget.value)}
            >
              <option value="">{words.chooseCountry}</option>
              {countries.map(({ code, name }) => (
                <option key={code} value={code} disabled={draft.countries.includes(code)}>
                  {name}
                </option>
              ))}
            </select>
            <Button disabled={limits?.geolocation === false} onPress={add}>
              {words.add}
            </Button>
          </div>
        )}
      </Control>
      {chosenCountries.length > 0 && (
        <ul class="chosen">
          {chosenCountries.map(({ code, name }) => (
            <li key={code}>
              <button
                type="button"
                class="plain"
                aria-label={words.removeNamed(name)}
                onClick={() => change({ countries: draft.countries.filter((each) => each !== code) })}
              >
                {name} <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Lockout({ form: { draft, change, errorOf } }: { form: Form }) {
  const { words } = usePage()
  return (
    <fieldset class="stack">
      <legend>{words.wrongTitle}</legend>
      <div class="halves">
        <Field
          id="attempts"
          type="number"
          inputMode="numeric"
          min={1}
          max={100}
          label={words.attempts}
          error={errorOf('attempts')}
          value={draft.attempts}
          onValue={(attempts) => change({ attempts })}
        />
        <Control id="lockout" label={words.onLockout} hint={undefined}>
          {(attributes) => (
            <select
              {...attributes}
              value={draft.onLockout}
              onChange={(event) => change({ onLockout: event.currentTarget.value === 'burn' ? 'burn' : 'lock' })}
            >
              <option value="lock">{words.lock}</option>
              <option value="burn">{words.burn}</option>
            </select>
          )}
        </Control>
      </div>
      {draft.onLockout === 'burn' && <p class="hint">{words.burnHint}</p>}
    </fieldset>
  )
}

/** What makes the secret the owner's: its token, and the key under which the owner's own notes are sealed. */
function Account({ form, onToken }: MoreProps) {
  const { words } = usePage()
  const { draft, change, errorOf, limits } = form
  return (
    <fieldset class="stack">
      <legend>{words.accountTitle}</legend>
      {limits?.anonymous !== false && <TokenField form={form} onToken={onToken} />}
      <Field
        id="workspace-key"
        label={words.workspaceKey}
        hint={words.workspaceKeyHint}
        error={errorOf('workspaceKey')}
        value={draft.workspaceKey}
        onValue={(workspaceKey) => change({ workspaceKey })}
        class="mono masked"
        dir="ltr"
      />
      {draft.workspaceKey.trim() !== '' && (
        <>
          <Field
            id="description"
            label={words.description}
            hint={words.descriptionHint}
            error={errorOf('description')}
            value={draft.description}
            onValue={(description) => change({ description })}
            dir="auto"
          />
          <label class="check">
            <input
              type="checkbox"
              checked={draft.recoverable}
              onChange={(event) => change({ recoverable: event.currentTarget.checked })}
            />
            {words.recoverable}
          </label>
        </>
      )}
    </fieldset>
  )
}
