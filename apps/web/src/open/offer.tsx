import { useRef, useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { concerns, reveal, type State } from './conversation.ts'
import { explainPassing } from './explain.ts'
import { Facts } from './facts.tsx'
import { usePage } from './page.ts'
import { isTooLarge, sizeOf } from './sizes.ts'
import { Title } from '../ui/title.tsx'

interface OfferProps {
  offer: Extract<State, { at: 'offer' }>
  onState: (state: State) => void
}

/** What a reveal takes, and the button that does it. */
export function OfferView({ offer, onState }: OfferProps) {
  const { words, formats } = usePage()
  const { link, refusal } = offer
  const form = useRef<HTMLFormElement>(null)
  const [password, setPassword] = useState('')
  const [otp, setOtp] = useState('')
  const [covered, setCovered] = useState(false)
  const [isOpening, setOpening] = useState(false)
  // Unknown where a reveal is continued after its secret ended: then the server asks for what it needs.
  const asksPassword = link.needs.password ?? concerns(refusal, 'PASSWORD')
  const CodeField = offer.codeParts?.CodeField
  const proofs = { password: asksPassword ? password : undefined, otp: CodeField ? otp.trim() : undefined }
  const said = isOpening || refusal === undefined ? undefined : explainPassing(refusal, words)
  const error = (proof: string): string | undefined => (concerns(refusal, proof) ? said : undefined)
  const isElsewhere = !['PASSWORD', 'VALIDATION', 'OTP'].some((proof) => concerns(refusal, proof))

  const opening = link.needs.captcha ? words.working : words.opening

  const show = async (): Promise<void> => {
    if (!form.current?.reportValidity()) return
    setOpening(true)
    onState(await reveal(offer, proofs, covered))
    setOpening(false)
  }

  return (
    <>
      <Title text={words.title} />
      {link.note !== undefined && (
        <figure class="message">
          <figcaption>{words.noteFrom}</figcaption>
          <blockquote id="note-text" dir="auto" translate={false}>
            {link.note}
          </blockquote>
        </figure>
      )}
      <Facts link={link} />
      {isTooLarge(link.files) && (
        <Alert tone="note">
          <p>{words.tooLarge(formats.size(sizeOf(link.files)))}</p>
        </Alert>
      )}
      <form ref={form} onSubmit={(event) => event.preventDefault()}>
        {asksPassword && (
          <Field
            id="password"
            type="password"
            label={words.password}
            hint={words.passwordHint}
            error={error('PASSWORD') ?? error('VALIDATION')}
            value={password}
            onValue={setPassword}
            required
          />
        )}
        {CodeField && (
          <CodeField link={link} password={proofs.password} value={otp} onValue={setOtp} error={error('OTP')} />
        )}
        <label class="check">
          <input type="checkbox" checked={covered} onChange={(event) => setCovered(event.currentTarget.checked)} />
          {words.cover}
        </label>
        {said !== undefined && isElsewhere && (
          <Alert tone="bad">
            <p>{said}</p>
            {offer.resumed && <p>{words.sameView}</p>}
          </Alert>
        )}
        <div class="actions">
          <Button kind="primary" submit aria-disabled={isOpening} onPress={show}>
            {words.show}
          </Button>
          <p id="status" role="status" class="said">
            {isOpening ? opening : offer.resumed && said === undefined ? words.resumed : ''}
          </p>
        </div>
      </form>
    </>
  )
}
