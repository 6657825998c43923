import { Control } from '../ui/field.tsx'
import { EXPIRIES, VIEWS, type ExpiryUnit } from './draft.ts'
import { formatDuration } from '../i18n/duration.ts'
import type { Form } from './form.ts'
import { usePage } from './page.ts'

/** How long it can be opened: a usual time, or any. */
export function Expiry({ form: { draft, change, errorOf, limits } }: { form: Form }) {
  const { words, language } = usePage()
  const longest = limits?.expires_in ?? Infinity
  return (
    <Control id="expiry" label={words.expiry} error={errorOf('expiry')}>
      {(attributes) => (
        <>
          <select
            {...attributes}
            value={draft.expiry}
            onChange={(event) => change({ expiry: event.currentTarget.value })}
          >
            {EXPIRIES.map((seconds) => (
              <option key={seconds} value={String(seconds)} disabled={seconds > longest}>
                {formatDuration(seconds, language)}
              </option>
            ))}
            <option value="other">{words.other}</option>
          </select>
          {draft.expiry === 'other' && (
            <div class="pair">
              <input
                type="number"
                inputMode="decimal"
                min={1}
                aria-label={words.otherExpiry}
                value={draft.otherExpiry}
                onInput={(event) => change({ otherExpiry: event.currentTarget.value })}
              />
              <select
                aria-label={words.expiryUnit}
                value={draft.expiryUnit}
                onChange={(event) => change({ expiryUnit: event.currentTarget.value as ExpiryUnit })}
              >
                <option value="minutes">{words.minutes}</option>
                <option value="hours">{words.hours}</option>
                <option value="days">{words.days}</option>
              </select>
            </div>
          )}
        </>
      )}
    </Control>
  )
}

/** How often it can be opened. */
export function Views({ form: { draft, change, errorOf } }: { form: Form }) {
  const { words } = usePage()
  return (
    <Control id="views" label={words.views} error={errorOf('views')}>
      {(attributes) => (
        <>
          <select
            {...attributes}
            value={draft.views}
            onChange={(event) => change({ views: event.currentTarget.value })}
          >
            {VIEWS.map((views) => (
              <option key={views} value={String(views)}>
                {words.times(views)}
              </option>
            ))}
            <option value="any">{words.anyNumber}</option>
            <option value="other">{words.other}</option>
          </select>
          {draft.views === 'other' && (
            <input
              type="number"
              inputMode="numeric"
              min={1}
              aria-label={words.otherViews}
              value={draft.otherViews}
              onInput={(event) => change({ otherViews: event.currentTarget.value })}
            />
          )}
        </>
      )}
    </Control>
  )
}
