import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { useDocumentEvent } from '../ui/document-event.ts'
import { Exact } from '../ui/exact.tsx'
import { useHandOut } from './page.ts'

const loadQr = () => import('./qr.tsx')

type Qr = Awaited<ReturnType<typeof loadQr>>

interface HandOutProps {
  /** Of the element that shows the link. */
  id: string
  url: string
  /** What it is, for those who don't see it. */
  label: string
  copyLabel: string
  mail: { subject: string; body: string }
  /** Under the buttons; describes the one that writes a mail. */
  mailNote: ComponentChildren
  /** Called once the link has found a way out of this page. */
  onHandedOver: () => void
}

/** A link, with the ways to whoever is to have it. */
export function HandOut({ id, url, label, copyLabel, mail, mailNote, onHandedOver }: HandOutProps) {
  const { words } = useHandOut()
  const [qr, setQr] = useState<Qr>()
  // By hand, from the text that shows it.
  useDocumentEvent('copy', onHandedOver)

  const share = async (): Promise<void> => {
    try {
      await navigator.share({ url })
      onHandedOver()
    } catch {
      // Its sheet was closed, or can't be had: the other ways are left.
    }
  }
  const showQr = async (): Promise<void> => {
    setQr(qr ? undefined : await loadQr())
    onHandedOver()
  }
  const mailto = `mailto:?subject=${encodeURIComponent(mail.subject)}&body=${encodeURIComponent(mail.body)}`
  return (
    <>
      <Exact id={id} class="link" dir="ltr" aria-label={label} text={url} />
      <div class="actions">
        <CopyButton words={words} text={url} shownBy={id} kind="primary" label={copyLabel} onCopied={onHandedOver} />
        {'share' in navigator && <Button onPress={share}>{words.share}</Button>}
        <a class="button" href={mailto} onClick={onHandedOver} aria-describedby="mail-note">
          {words.mail}
        </a>
        <Button onPress={showQr} aria-expanded={qr !== undefined}>
          {qr ? words.hideQr : words.showQr}
        </Button>
      </div>
      <p class="hint" id="mail-note">
        {mailNote}
      </p>
      {qr && <qr.QrCode text={url} label={words.qr} />}
    </>
  )
}
