import { useEffect, useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Control } from '../ui/field.tsx'
import { formatDuration } from '../i18n/duration.ts'
import type { Form } from './form.ts'
import { usePage } from './page.ts'

/** With the list of words, which many senders never need. */
const loadGenerator = () => import('./generate.ts')
const loadStrength = () => import('./strength.ts')

type Meter = Awaited<ReturnType<typeof loadStrength>>

/**
 * Shown as it is typed, like the secret above it: mistyped, it would lock everybody out, and as one of the browser's own
 * password fields it would be offered to be kept.
 */
export function PasswordField({ form: { draft, change, errorOf, limits } }: { form: Form }) {
  const { words } = usePage()
  const generate = async (): Promise<void> => {
    const password = (await loadGenerator()).generatePassword()
    change({ password, generated: password })
  }
  const button = (
    <Button kind="quiet" aria-label={words.generateNamed} onPress={generate}>
      {words.generate}
    </Button>
  )
  return (
    <div class="password">
      <Control id="password" label={words.password} error={errorOf('password')} aside={button}>
        {(attributes) => (
          <input
            {...attributes}
            type="text"
            class="mono"
            dir="ltr"
            placeholder={limits?.password_required ? undefined : words.optional}
            required={limits?.password_required === true}
            value={draft.password}
            onInput={(event) => change({ password: event.currentTarget.value })}
          />
        )}
      </Control>
    </div>
  )
}

/** How strong the password is, as far as that can be told. */
export function StrengthMeter({ form: { draft } }: { form: Form }) {
  const { words, language } = usePage()
  const { password, generated } = draft
  const [meter, setMeter] = useState<Meter>()
  const isNeeded = password !== ''
  useEffect(() => {
    if (isNeeded) void loadStrength().then((loaded) => setMeter(loaded))
  }, [isNeeded])
  if (!meter || !isNeeded) return null
  const isGenerated = password === generated
  const bits = isGenerated ? meter.GENERATED_BITS : meter.estimateBits(password)
  const strength = meter.strengthOf(bits)
  return (
    <div class={`strength ${strength}`} id="strength">
      <p>
        <span class="bar" aria-hidden="true">
          <span style={{ inlineSize: `${Math.min(1, bits / meter.GENERATED_BITS) * 100}%` }} />
        </span>
        <strong>{words.strength[strength]}</strong>
      </p>
      <p class="hint">
        {words.guessedIn(formatDuration(meter.secondsToGuess(bits), language))}{' '}
        {isGenerated ? words.guessExact : words.guessEstimate} {words.passwordHint}
      </p>
    </div>
  )
}
