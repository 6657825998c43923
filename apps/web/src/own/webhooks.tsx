/** Where the workspace is told of events, and how that went. */
import type { Webhook, WebhookSecret } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Deliveries } from './deliveries.tsx'
import { concernsField } from './explain.ts'
import { Heading } from './heading.tsx'
import { Failure, Loaded } from './loaded.tsx'
import { useAction, useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { ActionForm, Ago, AskingButton, Moment, ShownOnce } from './pieces.tsx'
import type { PartProps } from './shell.tsx'

export function Part({ focused }: PartProps) {
  const { words } = usePage()
  const { client } = useOwner()
  const webhooks = useLoad((signal) => client.webhooks.list({ signal }), [])
  const [shown, setShown] = useState<WebhookSecret>()
  /** Counts what may have changed the deliveries. */
  const [sent, setSent] = useState(0)
  const [said, setSaid] = useState('')
  const changed = (text: string): void => {
    setSaid(text)
    webhooks.again()
    setSent(sent + 1)
  }
  return (
    <>
      <Heading text={words.parts.webhooks} focused={focused} />
      <p>{words.webhooksText}</p>
      <p class="said" role="status">
        {said}
      </p>
      {shown && (
        <ShownOnce
          id="secret"
          text={words.webhookSecret(shown.url)}
          secret={shown.secret}
          onClose={() => setShown(undefined)}
        />
      )}
      <Loaded of={webhooks}>
        {(found) =>
          found.length === 0 ? (
            <p>{words.noWebhooks}</p>
          ) : (
            <ul class="rows">
              {found.map((webhook) => (
                <Row key={webhook.id} webhook={webhook} onSecret={setShown} onChanged={changed} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <New
        onMade={(made) => {
          setShown(made)
          changed('')
        }}
      />
      <Deliveries key={sent} />
    </>
  )
}

function New({ onMade }: { onMade: (made: WebhookSecret) => void }) {
  const { words } = usePage()
  const { client } = useOwner()
  const [url, setUrl] = useState('')
  return (
    <section class="stack" aria-labelledby="new-title">
      <h2 id="new-title">{words.newWebhook}</h2>
      <ActionForm
        label={words.addWebhook}
        act={async () => onMade(await client.webhooks.create(url.trim()))}
        onDone={() => setUrl('')}
        explained={(error) => (concernsField(error, 'url') ? words.webhookUrlRefused : undefined)}
      >
        <Field
          id="url"
          type="url"
          label={words.webhookUrl}
          hint={words.webhookUrlHint}
          value={url}
          onValue={setUrl}
          required
          dir="ltr"
        />
      </ActionForm>
    </section>
  )
}

interface RowProps {
  webhook: Webhook
  onSecret: (secret: WebhookSecret) => void
  onChanged: (said: string) => void
}

function Row({ webhook, onSecret, onChanged }: RowProps) {
  const { words } = usePage()
  const { client } = useOwner()
  const { failure, run } = useAction()
  const { id, url, createdAt, previousUntil } = webhook
  const test = async (): Promise<void> => {
    if (await run(() => client.webhooks.test(id).then(() => undefined))) onChanged(words.testSent)
  }
  return (
    <li class="stack">
      <p class="name">
        <bdi translate={false}>{url}</bdi>
      </p>
      <p class="hint parts">
        <span>
          {words.made} <Ago at={createdAt} />
        </span>
        {previousUntil && (
          <span>
            {words.bothSignUntil} <Moment at={previousUntil} />
          </span>
        )}
      </p>
      <Failure error={failure} />
      <div class="actions">
        <Button aria-label={words.named(words.sendTest, url)} onPress={test}>
          {words.sendTest}
        </Button>
        <AskingButton
          label={words.rotate}
          fullLabel={words.named(words.rotate, url)}
          title={words.rotateTitle}
          text={words.rotateText}
          act={async () => onSecret(await client.webhooks.rotate(id))}
          onDone={() => onChanged('')}
        />
        <AskingButton
          label={words.remove}
          fullLabel={words.named(words.remove, url)}
          title={words.removeWebhookTitle}
          text={words.removeWebhookText}
          act={() => client.webhooks.delete(id)}
          onDone={() => onChanged(words.removed)}
        />
      </div>
    </li>
  )
}
