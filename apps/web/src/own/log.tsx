/** The workspace's access log: to look at, to have checked, to take away. */
import type { AuditEntry, AuditFilter } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { EventList, type Event } from './events.tsx'
import { Heading } from './heading.tsx'
import { Failure, Loaded } from './loaded.tsx'
import { useAction, useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { Choice, Steps } from './pieces.tsx'
import { saveStream } from './save.ts'
import type { PartProps } from './shell.tsx'

const PER_PAGE = 50
const WEEK = 7 * 86_400_000

/** A day of the reader's own calendar, as `<input type="date">` has it. */
const dayOf = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-')

type EventName = keyof ReturnType<typeof usePage>['words']['eventTypes']

export function Part({ focused }: PartProps) {
  const { words } = usePage()
  const { client } = useOwner()
  const [type, setType] = useState<EventName | ''>('')
  const [since, setSince] = useState(() => dayOf(new Date(Date.now() - WEEK)))
  /** The ids before the pages that were looked at: the last is the one that is shown. */
  const [pages, setPages] = useState([0])
  const after = pages.at(-1) ?? 0
  const filter: AuditFilter = {
    type: type === '' ? undefined : type,
    since: since === '' ? undefined : new Date(`${since}T00:00`),
  }
  const log = useLoad(
    (signal) => client.audit.list({ ...filter, after, limit: PER_PAGE, signal }),
    [type, since, after],
  )
  const types = Object.entries(words.eventTypes) as [EventName, string][]
  return (
    <>
      <Heading text={words.parts.log} focused={focused} />
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          id="type"
          label={words.what}
          value={type}
          options={[['', words.any], ...types]}
          onValue={(chosen) => {
            setType(chosen)
            setPages([0])
          }}
        />
        <Field
          id="since"
          type="date"
          label={words.since}
          value={since}
          onValue={(day) => {
            setSince(day)
            setPages([0])
          }}
        />
        <div class="actions">
          <Button onPress={log.again}>{words.refresh}</Button>
        </div>
      </form>
      <Loaded of={log}>
        {({ entries, next }) => (
          <>
            <EventList events={entries.map(eventOf)} />
            {(pages.length > 1 || next !== null) && (
              <Steps
                labels={[words.previous, words.next]}
                onBack={pages.length > 1 ? () => setPages(pages.slice(0, -1)) : undefined}
                onForth={next === null ? undefined : () => setPages([...pages, next])}
              />
            )}
          </>
        )}
      </Loaded>
      <Export filter={filter} />
      <Check />
    </>
  )
}

const eventOf = ({ slug, handler, version, token, ...entry }: AuditEntry): Event => ({
  ...entry,
  about: slug ?? handler ?? undefined,
  version: version ?? undefined,
  token: token ?? undefined,
})

function Export({ filter }: { filter: AuditFilter }) {
  const { words } = usePage()
  const { client } = useOwner()
  const { failure, run } = useAction()
  const [said, setSaid] = useState('')
  const save = async (format: 'jsonl' | 'csv'): Promise<void> => {
    setSaid(words.saving)
    const open = async () => (await client.audit.export(format, filter)).stream
    let outcome = ''
    await run(async () => {
      if (await saveStream(`halfkey-audit.${format}`, open)) outcome = words.saved
    })
    setSaid(outcome)
  }
  return (
    <section class="stack" aria-labelledby="export-title">
      <h2 id="export-title">{words.exportTitle}</h2>
      <p>{words.exportText}</p>
      <Failure error={failure} />
      <div class="actions">
        <Button onPress={() => save('jsonl')}>{words.exportJsonLines}</Button>
        <Button onPress={() => save('csv')}>{words.exportCsv}</Button>
        <p class="said" role="status">
          {said}
        </p>
      </div>
    </section>
  )
}

function Check() {
  const { words, formats } = usePage()
  const { client } = useOwner()
  const { failure, run } = useAction()
  const [found, setFound] = useState<{ valid: boolean; entries: number; problems: { id: number }[] }>()
  const verify = async (): Promise<void> => {
    setFound(undefined)
    await run(async () => setFound(await client.audit.verify()))
  }
  return (
    <section class="stack" aria-labelledby="verify-title">
      <h2 id="verify-title">{words.verifyTitle}</h2>
      <p>{words.verifyText}</p>
      <Failure error={failure} />
      {found && (
        <Alert tone={found.valid ? 'good' : 'bad'}>
          <p role="status">
            {found.valid
              ? words.intact(formats.number(found.entries))
              : words.notIntact(found.problems.map(({ id }) => id).join(words.comma))}
          </p>
        </Alert>
      )}
      <div class="actions">
        <Button onPress={verify}>{words.verify}</Button>
      </div>
    </section>
  )
}
