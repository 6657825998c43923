import type { Receipt } from '@halfkey/sdk'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Exact } from '../ui/exact.tsx'
import { Title } from '../ui/title.tsx'
import type { Asked } from './conversation.ts'
import { usePage } from './page.ts'

/** The receipt, which a reload shows too: its link takes the ask link's place in the address bar. */
export function Answered({ receipt, asked: { ask } }: { receipt: Receipt; asked: Asked }) {
  const { words } = usePage()
  const askUrl = useRef(location.href)
  useLayoutEffect(() => history.replaceState(null, '', receipt.statusUrl), [receipt])
  return (
    <>
      <Title icon="done" text={words.sentTitle} focused />
      <p id="status">{words.sent}</p>
      <h2>{words.receipt}</h2>
      <p>{words.receiptHint}</p>
      <Exact id="receipt" class="link" dir="ltr" aria-label={words.receipt} text={receipt.statusUrl} />
      <div class="actions">
        <CopyButton words={words} text={receipt.statusUrl} shownBy="receipt" kind="primary" label={words.copyReceipt} />
        <Button onPress={() => location.reload()}>{words.follow}</Button>
      </div>
      {ask.answersLeft > 1 && (
        <p>
          <a href={askUrl.current}>{words.another}</a>
        </p>
      )}
    </>
  )
}
