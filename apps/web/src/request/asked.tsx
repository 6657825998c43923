import type { SharedRequest } from '@halfkey/sdk'
import { HandOut } from '../compose/hand-out.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Exact } from '../ui/exact.tsx'
import { Title } from '../ui/title.tsx'
import { usePage } from './page.ts'

interface AskedProps {
  asked: SharedRequest
  /** Called once the collect link has found a way out of this page. */
  onKept: () => void
  onAnother: () => void
}

/** The two links: one to send, one to keep. */
export function Asked({ asked: { askUrl, collectUrl, expiration }, onKept, onAnother }: AskedProps) {
  const { words, formats } = usePage()
  return (
    <>
      <Title icon="done" text={words.readyTitle} focused />
      <section class="stack" aria-labelledby="ask-title">
        <h2 id="ask-title">{words.askTitle}</h2>
        <p>{words.askHint}</p>
        <HandOut
          id="ask-link"
          url={askUrl}
          label={words.askLink}
          copyLabel={words.copyAsk}
          mail={{ subject: words.mailSubject, body: words.mailBody(askUrl) }}
          mailNote={words.takesUntil(formats.moment(expiration))}
          onHandedOver={() => undefined}
        />
      </section>
      <section class="stack finish" aria-labelledby="collect-title">
        <h2 id="collect-title">{words.collectTitle}</h2>
        <p>{words.collectHint}</p>
        <Exact id="collect-link" class="link" dir="ltr" aria-label={words.collectLink} text={collectUrl} />
        <div class="actions">
          <CopyButton
            words={words}
            text={collectUrl}
            shownBy="collect-link"
            label={words.copyCollect}
            onCopied={onKept}
          />
          <a class="button" href={collectUrl} onClick={onKept}>
            {words.openCollect}
          </a>
        </div>
      </section>
      <div class="finish">
        <Button kind="quiet" onPress={onAnother}>
          {words.another}
        </Button>
      </div>
    </>
  )
}
