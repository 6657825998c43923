/** One secret: everything but its content, what happened to it, and what its owner may do. */
import { HalfkeyError, type SecretDetails } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Exact } from '../ui/exact.tsx'
import { Field } from '../ui/field.tsx'
import { ahead, SHORT } from './durations.ts'
import { EventList } from './events.tsx'
import { Heading } from './heading.tsx'
import { Loaded } from './loaded.tsx'
import { useLoad, useOwner, type Owner } from './owner.ts'
import { usePage } from './page.ts'
import { ActionForm, AskingButton, Choice, Facts, Moment } from './pieces.tsx'
import { hrefOf } from './route.ts'
import { StatusChip } from './status.tsx'

/** With `metaError` where the workspace key doesn't open what was noted. */
async function load({ client, plain }: Owner, slug: string, signal: AbortSignal): Promise<SecretDetails> {
  try {
    return await client.getSecretDetails(slug, { signal })
  } catch (error) {
    if (!(error instanceof HalfkeyError && ['WRONG_KEY', 'MALFORMED'].includes(error.code))) throw error
    return { ...(await plain.getSecretDetails(slug, { signal })), metaError: true }
  }
}

export function Secret({ slug, focused }: { slug: string; focused: boolean }) {
  const { words } = usePage()
  const owner = useOwner()
  const found = useLoad(
    async (signal) => {
      const [secret, events] = await Promise.all([load(owner, slug, signal), owner.client.getEvents(slug, { signal })])
      return { secret, events }
    },
    [slug],
  )
  const [said, setSaid] = useState('')
  const changed = (text: string): void => {
    setSaid(text)
    found.again()
  }
  return (
    <>
      <p>
        <a href={hrefOf('secrets')}>{words.back}</a>
      </p>
      <Heading text={found.value?.secret.description ?? slug} focused={focused} verbatim />
      <p class="said" role="status">
        {said}
      </p>
      <Loaded of={found}>
        {({ secret, events }) => (
          <>
            {secret.metaError && (
              <Alert tone="bad">
                <p>{words.sealedOtherwise}</p>
              </Alert>
            )}
            <Details secret={secret} />
            {secret.fragment !== undefined && <Recoverable link={`${secret.shareUrl}#${secret.fragment}`} />}
            <div class="actions">
              <Button onPress={found.again}>{words.refresh}</Button>
            </div>
            <Actions secret={secret} onChanged={changed} />
            <section class="stack" aria-labelledby="events-title">
              <h2 id="events-title">{words.eventsTitle}</h2>
              <EventList events={events} />
            </section>
          </>
        )}
      </Loaded>
    </>
  )
}

function Details({ secret }: { secret: SecretDetails }) {
  const { words, formats } = usePage()
  const { currentViews, maximumViews, status, message, attachments, attachmentsCount } = secret
  const names = attachments.map(({ name }) => name)
  const guards = [
    secret.hasPassword && words.guards.password,
    secret.otpType && words.guards[secret.otpType],
    secret.captcha && words.guards.captcha,
  ].filter((guard) => typeof guard === 'string')
  return (
    <Facts
      facts={[
        [words.status, <StatusChip status={status} />],
        [words.slug, <code translate={false}>{secret.slug}</code>],
        [words.creator, <bdi translate={false}>{secret.creator}</bdi>],
        [words.createdAt, <Moment at={secret.createdAt} />],
        [words.expiresAt, <Moment at={secret.expiration} />],
        [
          words.views,
          maximumViews === null
            ? words.viewsOfAny(formats.number(currentViews))
            : words.viewsOf(formats.number(currentViews), formats.number(maximumViews)),
        ],
        guards.length > 0 && [words.asks, guards.join(words.comma)],
        secret.ipWhitelist.length > 0 && [
          words.networks,
          <bdi translate={false}>{secret.ipWhitelist.join(words.comma)}</bdi>,
        ],
        secret.geolocation.length > 0 && [words.countries, secret.geolocation.join(words.comma)],
        message !== undefined && [
          words.note,
          <span class="note" dir="auto" translate={false}>
            {message}
          </span>,
        ],
        attachmentsCount > 0 && [
          words.files,
          names.length > 0 ? <bdi translate={false}>{names.join(words.comma)}</bdi> : words.withFiles(attachmentsCount),
        ],
      ]}
    />
  )
}

/** A link that was made so that its owner can have it again: whoever sees it can open the secret. */
function Recoverable({ link }: { link: string }) {
  const { words } = usePage()
  const [isShown, setShown] = useState(false)
  return (
    <section class="stack" aria-labelledby="link-title">
      <h2 id="link-title">{words.linkTitle}</h2>
      {isShown ? (
        <Exact id="link" dir="ltr" aria-labelledby="link-title" text={link} />
      ) : (
        <p id="link" class="well">
          {words.linkHidden}
        </p>
      )}
      <div class="actions">
        <CopyButton words={words} text={link} shownBy="link" secret onRefused={() => setShown(true)} />
        <Button onPress={() => setShown(!isShown)}>{isShown ? words.hide : words.show}</Button>
      </div>
    </section>
  )
}

interface ActionsProps {
  secret: SecretDetails
  /** Called with what to say of what was done. */
  onChanged: (said: string) => void
}

function Actions({ secret, onChanged }: ActionsProps) {
  const { words } = usePage()
  const { plain } = useOwner()
  const { slug, status } = secret
  const isAlive = ['active', 'locked', 'uploading'].includes(status)
  const leave = (): void => {
    location.hash = hrefOf('secrets')
  }
  return (
    <section class="stack" aria-labelledby="actions-title">
      <h2 id="actions-title">{words.actionsTitle}</h2>
      {isAlive && status !== 'uploading' && <Tighten secret={secret} onChanged={onChanged} />}
      <div class="actions">
        {status === 'locked' && (
          <AskingButton
            label={words.unlock}
            title={words.unlockTitle}
            text={words.unlockText}
            act={() => plain.patchSecret(slug, { unlock: true }).then(() => undefined)}
            onDone={() => onChanged(words.unlocked)}
          />
        )}
        {isAlive ? (
          <AskingButton
            label={words.burn}
            title={words.burnTitle}
            text={words.burnText}
            act={() => plain.deleteSecret(slug)}
            onDone={() => onChanged(words.burned)}
          />
        ) : (
          <AskingButton
            label={words.purge}
            title={words.purgeTitle}
            text={words.purgeText}
            act={() => plain.deleteSecret(slug, { purge: true })}
            onDone={leave}
          />
        )}
      </div>
    </section>
  )
}

function Tighten({ secret, onChanged }: ActionsProps) {
  const { words, formats } = usePage()
  const { plain } = useOwner()
  const { slug, expiration, currentViews, maximumViews } = secret
  const left = (expiration.getTime() - Date.now()) / 1000
  const choices = ahead(
    SHORT.filter((seconds) => seconds < left - 60),
    formats,
  )
  const [seconds, setSeconds] = useState('')
  const [views, setViews] = useState('')
  const chosen = choices.some(([value]) => value === seconds) ? seconds : (choices.at(-1)?.[0] ?? '')
  const fewest = currentViews + 1
  const most = (maximumViews ?? 10_001) - 1
  return (
    <>
      {choices.length > 0 && (
        <ActionForm
          inline
          label={words.shorten}
          act={() => plain.patchSecret(slug, { hours: Number(chosen) / 3600 }).then(() => undefined)}
          onDone={() => onChanged(words.shortened)}
        >
          <Choice id="expires" label={words.newEnd} value={chosen} options={choices} onValue={setSeconds} />
        </ActionForm>
      )}
      {most >= fewest && (
        <ActionForm
          inline
          label={words.lower}
          act={() => plain.patchSecret(slug, { views: Number(views) }).then(() => undefined)}
          onDone={() => {
            setViews('')
            onChanged(words.lowered)
          }}
        >
          <Field
            id="views"
            type="number"
            inputMode="numeric"
            label={words.newViews}
            hint={words.fromTo(formats.number(fewest), formats.number(most))}
            min={fewest}
            max={most}
            required
            value={views}
            onValue={setViews}
          />
        </ActionForm>
      )}
    </>
  )
}
