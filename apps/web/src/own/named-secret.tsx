/** One named secret: its configuration, its versions, what happened to it. */
import { HalfkeyError, type KmsEntry, type KmsEvent } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { ConfigForm } from './config-form.tsx'
import { EventList, type Event } from './events.tsx'
import { Heading } from './heading.tsx'
import { Loaded } from './loaded.tsx'
import { useLoad, useOwner, type Owner } from './owner.ts'
import { usePage } from './page.ts'
import { AskingButton, Chip, Facts, Moment, Steps } from './pieces.tsx'
import { nameOfProperty } from './properties.ts'
import { PutForm } from './put-form.tsx'
import { hrefOf } from './route.ts'
import { Versions } from './versions.tsx'

/** With `metaError` where the workspace key doesn't open name and properties. */
async function load({ client, plain }: Owner, handler: string, signal: AbortSignal): Promise<KmsEntry> {
  try {
    return await client.kms.get(handler, { signal })
  } catch (error) {
    if (!(error instanceof HalfkeyError && ['WRONG_KEY', 'MALFORMED'].includes(error.code))) throw error
    return { ...(await plain.kms.get(handler, { signal })), metaError: true }
  }
}

export function NamedSecret({ handler, focused }: { handler: string; focused: boolean }) {
  const { words, formats } = usePage()
  const owner = useOwner()
  const entry = useLoad((signal) => load(owner, handler, signal), [handler])
  /** Counts changes, after which versions and events are asked for again. */
  const [changes, setChanges] = useState(0)
  const [said, setSaid] = useState('')
  const changed = (text: string): void => {
    setSaid(text)
    setChanges(changes + 1)
    entry.again()
  }
  return (
    <>
      <p>
        <a href={hrefOf('named')}>{words.backToNamed}</a>
      </p>
      <Heading text={handler} focused={focused} verbatim />
      <p class="said" role="status">
        {said}
      </p>
      <Loaded of={entry}>
        {(found) => (
          <>
            {found.metaError && (
              <Alert tone="bad">
                <p>{words.sealedOtherwise}</p>
              </Alert>
            )}
            <Details entry={found} />
            <div class="actions">
              <Button onPress={() => changed('')}>{words.refresh}</Button>
            </div>
            <Versions handler={handler} newest={found.version} changes={changes} onChanged={changed} />
            {owner.hasKey && (
              <details>
                <summary>{words.putVersion}</summary>
                <PutForm handler={handler} onPut={(_, version) => changed(words.putDone(formats.number(version)))} />
              </details>
            )}
            <details>
              <summary>{words.configure}</summary>
              <ConfigForm key={changes} entry={found} onChanged={() => changed(words.configured)} />
            </details>
            <div class="actions">
              <AskingButton
                label={words.removeNamed}
                title={words.removeNamedTitle}
                text={words.removeNamedText}
                act={() => owner.client.kms.delete(handler)}
                onDone={() => {
                  location.hash = hrefOf('named')
                }}
              />
            </div>
            <Events handler={handler} changes={changes} />
          </>
        )}
      </Loaded>
    </>
  )
}

function Details({ entry }: { entry: KmsEntry }) {
  const { words, formats } = usePage()
  const { name, properties = {}, whitelist, version, createdAt, updatedAt, expiresAt } = entry
  return (
    <Facts
      facts={[
        name !== undefined && [words.name, <bdi translate={false}>{name}</bdi>],
        ...Object.entries(properties).map(
          ([key, value]) => [key, <bdi translate={false}>{nameOfProperty(value)}</bdi>] as const,
        ),
        [words.newestVersion, formats.number(version)],
        [words.createdAt, <Moment at={createdAt} />],
        [words.changedAt, <Moment at={updatedAt} />],
        [words.expiresAt, expiresAt ? <Moment at={expiresAt} /> : words.never],
        [words.rotation, <Rotation entry={entry} />],
        [
          words.networks,
          whitelist.length > 0 ? <bdi translate={false}>{whitelist.join(words.comma)}</bdi> : words.anywhere,
        ],
      ]}
    />
  )
}

function Rotation({ entry: { rotationDueAt, rotationDue } }: { entry: KmsEntry }) {
  const { words } = usePage()
  if (!rotationDueAt) return <>{words.never}</>
  return (
    <>
      <Moment at={rotationDueAt} /> {rotationDue && <Chip tone="bad" text={words.rotationDue} />}
    </>
  )
}

const EVENTS_PER_PAGE = 50

const eventOf = ({ version, token, ...event }: KmsEvent): Event => ({
  ...event,
  version: version ?? undefined,
  token: token ?? undefined,
})

function Events({ handler, changes }: { handler: string; changes: number }) {
  const { words } = usePage()
  const { client } = useOwner()
  /** The ids after the pages that were looked at, undefined of the newest: the last is the one that is shown. */
  const [pages, setPages] = useState<readonly (number | undefined)[]>([undefined])
  const before = pages.at(-1)
  const events = useLoad(
    (signal) => client.kms.events(handler, { before, limit: EVENTS_PER_PAGE, signal }),
    [handler, changes, before],
  )
  return (
    <section class="stack" aria-labelledby="events-title">
      <h2 id="events-title">{words.eventsTitle}</h2>
      <Loaded of={events}>
        {({ events: found, next }) => (
          <>
            <EventList events={found.map(eventOf)} />
            {(pages.length > 1 || next !== null) && (
              <Steps
                labels={[words.newer, words.older]}
                onBack={pages.length > 1 ? () => setPages(pages.slice(0, -1)) : undefined}
                onForth={next === null ? undefined : () => setPages([...pages, next])}
              />
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}
