import type { SharedSecret } from '@halfkey/sdk'
import { useEffect, useState } from 'preact/hooks'
import { HandOut } from '../compose/hand-out.tsx'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Exact } from '../ui/exact.tsx'
import { Title } from '../ui/title.tsx'
import type { Draft } from './draft.ts'
import { explainFailure } from './explain.ts'
import { usePage } from './page.ts'

const loadQr = () => import('../compose/qr.tsx')

type Qr = Awaited<ReturnType<typeof loadQr>>

interface SharedProps {
  secret: SharedSecret
  /** As it was sent: what isn't in the link is told from it. */
  draft: Draft
  /** Called once the link has found a way out of this page. */
  onHandedOver: () => void
  onDestroy: () => Promise<void>
  onAnother: () => void
}

/** The link, with the ways to the recipient. */
export function Shared({ secret, draft, onHandedOver, onDestroy, onAnother }: SharedProps) {
  const { words } = usePage()
  const [isAsking, setAsking] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const { shareUrl } = secret

  const destroy = async (): Promise<void> => {
    setAsking(false)
    setFailure(undefined)
    try {
      await onDestroy()
    } catch (error) {
      setFailure(error)
    }
  }
  return (
    <>
      <Title icon="done" text={words.sharedTitle} focused />
      <p>{words.linkHint}</p>
      <HandOut
        id="link"
        url={shareUrl}
        label={words.link}
        copyLabel={words.copyLink}
        mail={{ subject: words.mailSubject, body: words.mailBody(shareUrl) }}
        mailNote={words.mailNote}
        onHandedOver={onHandedOver}
      />
      <Facts secret={secret} />
      <HandOver draft={draft} slug={secret.slug} />
      <div class="finish stack">
        <p id="status">
          {draft.recoverable ? words.inLists : draft.token === '' ? words.onlyHere : words.onlyHereOwned}
        </p>
        {failure !== undefined && (
          <Alert tone="bad">
            <p>
              {words.notDestroyed} {explainFailure(failure, words)}
            </p>
          </Alert>
        )}
        <div class="actions">
          <Button onPress={onAnother}>{words.another}</Button>
          <Button kind="quiet" id="destroy" onPress={() => setAsking(true)}>
            {words.destroy}
          </Button>
        </div>
      </div>
      {isAsking && (
        <Dialog title={words.destroyTitle} closeLabel={words.close} onClose={() => setAsking(false)}>
          <p>{words.destroyText}</p>
          <Button onPress={destroy}>{words.destroyAnyway}</Button>
        </Dialog>
      )}
    </>
  )
}

function Facts({ secret: { maximumViews, expiration } }: { secret: SharedSecret }) {
  const { words, formats } = usePage()
  return (
    <dl class="facts">
      <dt>{words.opens}</dt>
      <dd>{maximumViews === null ? words.anyNumber : words.times(maximumViews)}</dd>
      <dt>{words.until}</dt>
      <dd>{words.moment(formats.moment(expiration), formats.relative(expiration))}</dd>
    </dl>
  )
}

/** What the recipient needs beside the link. */
function HandOver({ draft: { password, otp, otpSecret }, slug }: { draft: Draft; slug: string }) {
  const { words } = usePage()
  const [qr, setQr] = useState<Qr>()
  const hasKey = otp === 'totp'
  useEffect(() => {
    if (hasKey) void loadQr().then((loaded) => setQr(loaded))
  }, [hasKey])
  if (password === '' && !hasKey) return null
  const secret = otpSecret.replace(/[\s=]/g, '').toUpperCase()
  return (
    <section class="stack" aria-labelledby="hand-over">
      <h2 id="hand-over">{words.handOver}</h2>
      <p class="hint">{words.handOverHint}</p>
      {password !== '' && (
        <>
          <h3>{words.password}</h3>
          <Exact id="shared-password" dir="ltr" aria-label={words.password} text={password} />
          <div class="actions">
            <CopyButton words={words} text={password} shownBy="shared-password" label={words.copyPassword} secret />
          </div>
        </>
      )}
      {hasKey && (
        <>
          <h3>{words.otpSecret}</h3>
          <Exact id="shared-key" dir="ltr" aria-label={words.otpSecret} text={secret} />
          <div class="actions">
            <CopyButton words={words} text={secret} shownBy="shared-key" label={words.copyKey} secret />
          </div>
          {qr && (
            <qr.QrCode text={`otpauth://totp/Halfkey:${slug}?secret=${secret}&issuer=Halfkey`} label={words.totpQr} />
          )}
        </>
      )}
    </section>
  )
}
